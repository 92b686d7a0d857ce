import { Column, Entity, Index, PrimaryColumn } from 'typeorm';

/**
 * What a person changed through the API. It is written before the change is made, and marked as done after it: no change is without an
 * entry, whatever fails in between.
 */
@Entity('audit')
@Index('audit_of_team', ['teamId', 'number'])
@Index('audit_of_target', ['target', 'number'])
export class AuditEntry {
  @PrimaryColumn('bigint', { generated: 'increment' })
  number!: string;

  @Column('text', { name: 'team_id' })
  teamId!: string;

  @Column({ type: 'timestamptz', precision: 3, default: () => 'clock_timestamp()' })
  at!: Date;

  /** Name of the member. */
  @Column('text')
  member!: string;

  /** Name of the key; null for the key of the environment. */
  @Column('text', { name: 'key_name', nullable: true })
  keyName!: string | null;

  /** Thing and verb, such as `sweep.cancel`. */
  @Column('text')
  action!: string;

  /** Id or name of the thing; null until it is created. */
  @Column('text', { nullable: true })
  target!: string | null;

  /** What was sent. */
  @Column('jsonb', { nullable: true })
  change!: Record<string, unknown> | null;

  /** Whether it was done; null while it is under way, or if the API died before it could tell. */
  @Column('boolean', { nullable: true })
  done!: boolean | null;
}
