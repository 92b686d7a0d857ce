import { Column, Entity, JoinColumn, ManyToOne, PrimaryColumn, type Relation } from 'typeorm';
import { Sweep } from './sweep';

/** What a search that learns proposed at once, and what it had learned since it last did. */
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

  /** Configurations in turn that could train together. */
  @Column('integer')
  lanes!: number;

  /** Outcomes, in the order of learning: number, value (less is better, null for none), part of its training that it had. */
  @Column('json')
  learned!: [number: number, value: number | null, share: number, others?: (number | null)[]][];

  /** Of each configuration. */
  @Column('json')
  parameters!: Record<string, unknown>[];

  @Column('timestamptz', { name: 'created_at', default: () => 'clock_timestamp()' })
  createdAt!: Date;
}
