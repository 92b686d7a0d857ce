import { Column, Entity, JoinColumn, ManyToOne, PrimaryColumn, type Relation } from 'typeorm';
import { Sweep } from './sweep';

/** One batch of proposals of an adaptive search, and the outcomes that it received since the batch before. */
@Entity('proposals')
export class ProposalRow {
  @PrimaryColumn('text', { name: 'sweep_id' })
  sweepId!: string;

  @ManyToOne(() => Sweep, { onDelete: 'CASCADE' })
  @JoinColumn({ name: 'sweep_id', foreignKeyConstraintName: 'proposals_sweep' })
  sweep?: Relation<Sweep>;

  /** Number of the first configuration. */
  @PrimaryColumn('integer')
  first!: number;

  /** Consecutive configurations that could train together. */
  @Column('integer')
  lanes!: number;

  /**
   * Outcomes, in the order in which they were received: number, value (lower is better, null for none), fraction of its training that was
   * done.
   */
  @Column('json')
  learned!: [number: number, value: number | null, share: number, others?: (number | null)[]][];

  /** The parameters of each configuration. */
  @Column('json')
  parameters!: Record<string, unknown>[];

  @Column('timestamptz', { name: 'created_at', default: () => 'clock_timestamp()' })
  createdAt!: Date;
}
