import { Column, Entity, PrimaryColumn } from 'typeorm';

/** A creation that was asked for under a key, and what was answered: asking again gets the same answer. */
@Entity('idempotency_keys')
export class IdempotencyKey {
  @PrimaryColumn('text')
  route!: string;

  @PrimaryColumn('text')
  key!: string;

  @Column('text', { name: 'body_hash' })
  bodyHash!: string;

  /** Id of what was created. */
  @Column('text', { name: 'created_id' })
  createdId!: string;

  @Column('timestamptz', { name: 'created_at', default: () => 'clock_timestamp()' })
  createdAt!: Date;
}
