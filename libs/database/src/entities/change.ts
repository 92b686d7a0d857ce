import { Column, Entity, Index, PrimaryColumn } from 'typeorm';

/**
 * A change of a sweep, a trial or a worker. Triggers write it in the transaction that makes the change. It is numbered by that
 * transaction and its place in it: a reader who stops at the oldest open transaction misses none, whichever commits first.
 */
@Entity('changes')
@Index('changes_by_age', ['at'])
export class Change {
  @PrimaryColumn('bigint')
  xid!: string;

  @PrimaryColumn('bigint', { generated: 'increment' })
  sequence!: string;

  @Column('text')
  kind!: 'sweep' | 'trial' | 'worker';

  @Column('text')
  id!: string;

  /** Null for a worker. */
  @Column('text', { name: 'sweep_id', nullable: true })
  sweepId!: string | null;

  @Column('timestamptz', { default: () => 'clock_timestamp()' })
  at!: Date;
}
