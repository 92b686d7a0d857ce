import { Column, Entity, Index, JoinColumn, ManyToOne, PrimaryColumn, type Relation } from 'typeorm';
import { Sweep } from './sweep';

/** The configuration that a team compares all others of a board with. */
@Entity('pins')
@Index('pins_of_sweep', ['sweepId'])
export class Pin {
  @PrimaryColumn('text', { name: 'comparison_key' })
  comparisonKey!: string;

  /** Goal and metric of its sweep, as in "minimize validation.loss". */
  @PrimaryColumn('text')
  objective!: string;

  @Column('text', { name: 'sweep_id' })
  sweepId!: string;

  @ManyToOne(() => Sweep, { onDelete: 'CASCADE' })
  @JoinColumn({ name: 'sweep_id', foreignKeyConstraintName: 'pins_sweep' })
  sweep?: Relation<Sweep>;

  @Column('integer')
  configuration!: number;
}
