import { Column, Entity, Index, JoinColumn, ManyToOne, PrimaryColumn, type Relation } from 'typeorm';
import { Sweep } from './sweep';

/** A configuration at a rung, and what the stopping rule said: its first verdict stands. */
@Entity('verdicts')
@Index('verdicts_in_order', ['sweepId', 'rung', 'sequence'], { unique: true })
@Index('verdicts_checkpoints', ['checkpoint'], { where: 'checkpoint is not null' })
export class VerdictRow {
  @PrimaryColumn('text', { name: 'sweep_id' })
  sweepId!: string;

  @ManyToOne(() => Sweep, { onDelete: 'CASCADE' })
  @JoinColumn({ name: 'sweep_id', foreignKeyConstraintName: 'verdicts_sweep' })
  sweep?: Relation<Sweep>;

  @PrimaryColumn('integer')
  configuration!: number;

  @PrimaryColumn('integer')
  rung!: number;

  /** The order in which configurations came to a rung. */
  @Column('bigint', { generated: 'increment' })
  sequence!: string;

  @Column('integer')
  update!: number;

  /** Its curve since its verdict before: the mean over its seeds. NaN where it was not finite. */
  @Column('integer', { array: true })
  updates!: number[];

  @Column('double precision', { array: true })
  values!: number[];

  /** The score that later configurations at this rung are compared with; lower is better. */
  @Column('double precision')
  score!: number;

  @Column('text')
  decision!: 'continue' | 'stop' | 'exploit';

  @Column('text')
  why!: string;

  /** Of a population: how many that came to the rung were looked at, in their order. */
  @Column('integer', { nullable: true })
  seen!: number | null;

  /** Its state at the rung, which others may go on from. */
  @Column('text', { nullable: true })
  checkpoint!: string | null;

  /** What it measured there. */
  @Column('json', { nullable: true })
  metrics!: Record<string, number> | null;

  /** Its parameters on its way there. */
  @Column('json', { nullable: true })
  parameters!: Record<string, unknown> | null;

  /** The configuration whose state it goes on from. */
  @Column('integer', { nullable: true })
  source!: number | null;

  /** Its parameters from there on. */
  @Column('json', { nullable: true })
  changed!: Record<string, unknown> | null;

  @Column('timestamptz', { name: 'created_at', default: () => 'clock_timestamp()' })
  createdAt!: Date;
}
