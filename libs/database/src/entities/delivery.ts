import type { WebhookMessage } from '@unroll/contracts';
import { Column, Entity, Index, JoinColumn, ManyToOne, PrimaryGeneratedColumn, type Relation } from 'typeorm';
import { Webhook } from './webhook';

/** A message to a webhook: due, delivered or given up. Written in the transaction of what it tells. */
@Entity('deliveries')
@Index('deliveries_due', ['nextAt'], { where: 'next_at IS NOT NULL' })
@Index('deliveries_of_webhook', ['webhookId', 'id'])
export class Delivery {
  @PrimaryGeneratedColumn('identity', { type: 'bigint', generatedIdentity: 'ALWAYS' })
  id!: string;

  @Column('text', { name: 'webhook_id' })
  webhookId!: string;

  @ManyToOne(() => Webhook, { onDelete: 'CASCADE' })
  @JoinColumn({ name: 'webhook_id', foreignKeyConstraintName: 'deliveries_webhook' })
  webhook?: Relation<Webhook>;

  @Column('json')
  message!: WebhookMessage;

  @Column('integer', { default: 0 })
  attempts!: number;

  /** When it is sent next; null once it is delivered or given up. */
  @Column({ type: 'timestamptz', name: 'next_at', nullable: true, default: () => 'clock_timestamp()' })
  nextAt!: Date | null;

  @Column('timestamptz', { name: 'delivered_at', nullable: true })
  deliveredAt!: Date | null;

  /** HTTP status of the last answer; null if there was none. */
  @Column('integer', { nullable: true })
  status!: number | null;

  /** Why the last attempt failed. */
  @Column('text', { nullable: true })
  problem!: string | null;

  @Column({ type: 'timestamptz', name: 'created_at', precision: 3, default: () => 'clock_timestamp()' })
  createdAt!: Date;
}
