import { Column, Entity, Index, PrimaryColumn } from 'typeorm';

/**
 * A node of the tree by which the fleet is shared: a team (`member` and `priority` are empty), a member of it (`priority` is empty), or the
 * sweeps of one priority of that member. Claims give the next trainer to the team, member and priority with the least (running + recent) /
 * weight; see schema/shares.ts. Quotas are those of teams and members; null: none.
 */
@Entity('shares')
@Index('shares_of_teams', ['teamId'], { where: `member = '' AND priority = ''` })
export class Share {
  @PrimaryColumn('text', { name: 'team_id' })
  teamId!: string;

  @PrimaryColumn('text', { default: '' })
  member!: string;

  @PrimaryColumn('text', { default: '' })
  priority!: string;

  /** Its part among its siblings. */
  @Column('double precision', { default: 1 })
  weight!: number;

  /** Most trials that run at a time. */
  @Column('integer', { nullable: true })
  lanes!: number | null;

  /** Most trainer hours in a calendar month (UTC). */
  @Column('double precision', { name: 'gpu_hours', nullable: true })
  gpuHours!: number | null;

  /** Most bytes of registered data sets. */
  @Column('double precision', { name: 'storage_bytes', nullable: true })
  storageBytes!: number | null;

  /** Trainers in use, as the leader counted them last, and those claimed since. */
  @Column('double precision', { default: 0 })
  running!: number;

  /** Mean number of trainers in use, weighted by an age that halves the weight every half-life. */
  @Column('double precision', { default: 0 })
  recent!: number;

  /** Trainer seconds in this month, including those of trials that run. Of teams and members. */
  @Column('double precision', { default: 0 })
  spent!: number;

  /** When `recent` was last brought up to date. */
  @Column('timestamptz', { name: 'as_of', default: () => 'clock_timestamp()' })
  asOf!: Date;
}
