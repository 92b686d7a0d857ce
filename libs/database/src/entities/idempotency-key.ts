import { localTeam } from '@unroll/contracts';
import { Column, Entity, PrimaryColumn } from 'typeorm';

/** A creation that was requested under a key, and its answer: a repeated request gets the same answer. */
@Entity('idempotency_keys')
export class IdempotencyKey {
  @PrimaryColumn('text', { name: 'team_id', default: localTeam })
  teamId!: string;

  @PrimaryColumn('text')
  route!: string;

  @PrimaryColumn('text')
  key!: string;

  @Column('text', { name: 'body_hash' })
  bodyHash!: string;

  /** Id of the created object. */
  @Column('text', { name: 'created_id' })
  createdId!: string;

  @Column('timestamptz', { name: 'created_at', default: () => 'clock_timestamp()' })
  createdAt!: Date;
}
