import { Column, Entity, Index, JoinColumn, ManyToOne, PrimaryColumn, type Relation } from 'typeorm';
import { Sweep } from './sweep';

/** A configuration at a rung, and what the stopping rule said: its first verdict stands. */
@Entity('verdicts')
@Index('verdicts_in_order', ['sweepId', 'rung', 'sequence'], { unique: true })
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

  /** Its whole curve up to here: the mean over its seeds. NaN where it was not finite. */
  @Column('integer', { array: true })
  updates!: number[];

  @Column('double precision', { array: true })
  values!: number[];

  /** What the rule notes of it for those that come after; less is better. */
  @Column('double precision')
  noted!: number;

  @Column('text')
  decision!: 'continue' | 'stop';

  @Column('text')
  why!: string;

  @Column('timestamptz', { name: 'created_at', default: () => 'clock_timestamp()' })
  createdAt!: Date;
}
