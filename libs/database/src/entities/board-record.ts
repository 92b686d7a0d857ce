import { Column, Entity, Index, JoinColumn, ManyToOne, PrimaryColumn, type Relation } from 'typeorm';
import { Sweep } from './sweep';

/** What the configurations of a sweep measured. Those of sweeps with an equal comparison key and objective can be compared. */
@Entity('boards')
@Index('boards_by_comparison_key', ['comparisonKey', 'objective'])
export class BoardRecord {
  @PrimaryColumn('text', { name: 'sweep_id' })
  sweepId!: string;

  @ManyToOne(() => Sweep, { onDelete: 'CASCADE' })
  @JoinColumn({ name: 'sweep_id', foreignKeyConstraintName: 'boards_sweep' })
  sweep?: Relation<Sweep>;

  @PrimaryColumn('text', { name: 'comparison_key' })
  comparisonKey!: string;

  /** Goal and metric, as in "minimize validation.loss". */
  @Column('text')
  objective!: string;

  @Column('text')
  metric!: string;

  @Column('text')
  goal!: 'minimize' | 'maximize';

  @Column('text')
  dataset!: string;

  @Column('text')
  fingerprint!: string;

  /** How the data is read and split. */
  @Column('jsonb')
  reading!: Record<string, unknown>;

  @Column('text')
  task!: string;

  @Column('text', { nullable: true })
  tokens!: string | null;
}
