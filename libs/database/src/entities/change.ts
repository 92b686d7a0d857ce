import { Column, Entity, Index, PrimaryColumn } from 'typeorm';

/**
 * That a thing has changed. Triggers write it in the transaction that makes the change. Its number is that transaction's, then its place
 * in it: who reads only up to the oldest transaction that is still open misses none, whichever commits first.
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
