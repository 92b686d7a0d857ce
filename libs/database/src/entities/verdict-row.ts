import { Column, Entity, Index, JoinColumn, ManyToOne, PrimaryColumn, type Relation } from 'typeorm';
import { Sweep } from './sweep';

/** A configuration at a rung, and the stopping rule's decision; one that passed it as one of the first may be stopped later. */
@Entity('verdicts')
@Index('verdicts_in_order', ['sweepId', 'rung', 'sequence'], { unique: true })
@Index('verdicts_checkpoints', ['checkpoint'], { where: 'checkpoint is not null' })
export class VerdictRow {
  @PrimaryColumn('text', { name: 'sweep_id' })
  sweepId!: string;

  @ManyToOne(() => Sweep, { onDelete: 'CASCADE' })
  @JoinColumn({ name: 'sweep_id', foreignKeyConstraintName: 'verdicts_sweep' })
  sweep?: Relation<Sweep>;

  @PrimaryColumn('integer')
  configuration!: number;

  @PrimaryColumn('integer')
  rung!: number;

  /** The order in which configurations reached a rung. One that had failed on the way, and was retried, does so a second time. */
  @PrimaryColumn('bigint', { generated: 'increment' })
  sequence!: string;

  @Column('integer')
  update!: number;

  /** Its curve since its previous verdict: the mean over its seeds. NaN for values that were not finite. */
  @Column('integer', { array: true })
  updates!: number[];

  @Column('double precision', { array: true })
  values!: number[];

  /** The score that later configurations at this rung are compared with; lower is better. */
  @Column('double precision')
  score!: number;

  /** The fraction of the training; null in a population, and where its length was not known. */
  @Column('double precision', { nullable: true })
  share!: number | null;

  @Column('text')
  decision!: 'continue' | 'stop' | 'exploit';

  @Column('text')
  why!: string;

  /** Of a population: the number of arrivals at the rung, in order, that the decision considered. */
  @Column('integer', { nullable: true })
  seen!: number | null;

  /** Its checkpoint at the rung, which others may continue from. */
  @Column('text', { nullable: true })
  checkpoint!: string | null;

  /** Its metrics there. */
  @Column('json', { nullable: true })
  metrics!: Record<string, number> | null;

  /** Its parameters up to there. */
  @Column('json', { nullable: true })
  parameters!: Record<string, unknown> | null;

  /** The configuration whose state it continues from. */
  @Column('integer', { nullable: true })
  source!: number | null;

  /** Its parameters from there on, if they changed. */
  @Column('json', { nullable: true })
  changed!: Record<string, unknown> | null;

  /** What stopped it at a report after the rung: the number of arrivals considered, in order, the update, and the reason. */
  @Column('integer', { name: 'later_seen', nullable: true })
  laterSeen!: number | null;

  @Column('integer', { name: 'later_update', nullable: true })
  laterUpdate!: number | null;

  @Column('text', { name: 'later_why', nullable: true })
  laterWhy!: string | null;

  @Column('timestamptz', { name: 'created_at', default: () => 'clock_timestamp()' })
  createdAt!: Date;
}
