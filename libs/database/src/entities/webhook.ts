import type { WebhookEvent, WebhookKind } from '@unroll/contracts';
import { Column, Entity, Index, JoinColumn, ManyToOne, PrimaryColumn, type Relation } from 'typeorm';
import { Team } from './team';

/** An address that is told what happens to a team's sweeps. */
@Entity('webhooks')
@Index('webhooks_of_team', ['teamId'])
export class Webhook {
  @PrimaryColumn('text')
  id!: string;

  @Column('text', { name: 'team_id' })
  teamId!: string;

  @ManyToOne(() => Team, { onDelete: 'CASCADE' })
  @JoinColumn({ name: 'team_id', foreignKeyConstraintName: 'webhooks_team' })
  team?: Relation<Team>;

  /** It may contain a secret: those of Slack do. */
  @Column('text')
  url!: string;

  @Column('text')
  kind!: WebhookKind;

  @Column('text', { array: true })
  events!: WebhookEvent[];

  /** What deliveries are signed with, so it is stored as it is. */
  @Column('text')
  secret!: string;

  /** Name of the member who made it. */
  @Column('text')
  author!: string;

  @Column({ type: 'timestamptz', name: 'created_at', precision: 3, default: () => 'clock_timestamp()' })
  createdAt!: Date;
}
