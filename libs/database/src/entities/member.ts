import type { Role } from '@unroll/contracts';
import { Column, Entity, Index, JoinColumn, ManyToOne, PrimaryColumn, type Relation } from 'typeorm';
import { Team } from './team';

/** A person of a team. What they made keeps their name when they are removed. */
@Entity('members')
@Index('members_by_email', ['email'], { unique: true })
@Index('members_by_subject', ['subject'], { unique: true })
@Index('members_by_name', ['teamId', 'name'], { unique: true })
export class Member {
  @PrimaryColumn('text')
  id!: string;

  @Column('text', { name: 'team_id' })
  teamId!: string;

  @ManyToOne(() => Team)
  @JoinColumn({ name: 'team_id', foreignKeyConstraintName: 'members_team' })
  team?: Relation<Team>;

  @Column('text')
  name!: string;

  /** In lower case: how an OpenID provider knows them; null: they sign in with a key only. */
  @Column('text', { nullable: true })
  email!: string | null;

  /** The provider's own name for them, once they have signed in: an address may be given to someone else later. */
  @Column('text', { nullable: true })
  subject!: string | null;

  @Column('text')
  role!: Role;

  @Column('timestamptz', { name: 'created_at', default: () => 'clock_timestamp()' })
  createdAt!: Date;
}
