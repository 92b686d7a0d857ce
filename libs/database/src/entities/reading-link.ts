import type { LinkKind } from '@unroll/contracts';
import { Column, Entity, Index, JoinColumn, ManyToOne, PrimaryColumn, type Relation } from 'typeorm';
import { Team } from './team';

/** A link by which whoever has it reads one thing of a team, without a key. A revoked link has no row. */
@Entity('links')
@Index('links_by_hash', ['hash'], { unique: true })
@Index('links_of_team', ['teamId', 'createdAt'])
export class ReadingLink {
  @PrimaryColumn('text')
  id!: string;

  @Column('text', { name: 'team_id' })
  teamId!: string;

  @ManyToOne(() => Team, { onDelete: 'CASCADE' })
  @JoinColumn({ name: 'team_id', foreignKeyConstraintName: 'links_team' })
  team?: Relation<Team>;

  @Column('text')
  kind!: LinkKind;

  /** Id of the sweep, the trial, the board or the report. */
  @Column('text')
  target!: string;

  /** Of a board; null for other things. */
  @Column('text', { nullable: true })
  metric!: string | null;

  /** Name of the member who made it. */
  @Column('text')
  author!: string;

  /** SHA-256 of its token, as of a key. */
  @Column('text')
  hash!: string;

  @Column({ type: 'timestamptz', name: 'created_at', precision: 3, default: () => 'clock_timestamp()' })
  createdAt!: Date;

  @Column('timestamptz', { name: 'expires_at' })
  expiresAt!: Date;

  @Column('timestamptz', { name: 'last_used_at', nullable: true })
  lastUsedAt!: Date | null;
}
