import type { TrialSpec, TrialState } from '@unroll/contracts';
import { Column, Entity, Index, JoinColumn, ManyToOne, PrimaryColumn, type Relation } from 'typeorm';
import { Sweep } from './sweep';

/** One network to train: a configuration with a seed. Its state is written by trials/transitions/ alone. */
@Entity('trials')
@Index('trials_of_sweep', ['sweepId', 'number'], { unique: true })
@Index('trials_by_state', ['sweepId', 'state'])
@Index('trials_pending', ['sweepId', 'number'], { where: `state = 'pending' AND NOT held` })
@Index('trials_checkpoint', ['checkpoint'], { where: 'checkpoint is not null' })
@Index('trials_reused_model', ['model'], { where: 'reused_from is not null' })
@Index('trials_claimable', ['sweepId', 'signature', 'number'], { where: `state = 'pending' AND NOT held` })
@Index('trials_apart', ['sweepId', 'signature'], {
  where: `state = 'pending' AND NOT held AND (checkpoint_update > 0 OR most_lanes IS NOT NULL)`,
})
@Index('trials_finished', ['sweepId', 'finishedAt'], { where: 'finished_at IS NOT NULL' })
@Index('trials_retried', ['sweepId'], { where: 'retried_at IS NOT NULL' })
@Index('trials_held', ['sweepId', 'configuration'], { where: `state = 'pending' AND held` })
export class Trial {
  @PrimaryColumn('text')
  id!: string;

  @Column('text', { name: 'sweep_id' })
  sweepId!: string;

  @ManyToOne(() => Sweep, { onDelete: 'CASCADE' })
  @JoinColumn({ name: 'sweep_id', foreignKeyConstraintName: 'trials_sweep' })
  sweep?: Relation<Sweep>;

  /** Number within the sweep, from 0, in the order of drawing. */
  @Column('integer')
  number!: number;

  @Column('integer')
  configuration!: number;

  @Column('bigint', { transformer: { to: (value: number) => value, from: Number } })
  seed!: number;

  @Column('text')
  state!: TrialState;

  /** Whether it waits, if pending, for a paired test of the seeds before it: no worker can claim it. */
  @Column('boolean', { default: false })
  held!: boolean;

  @Column('jsonb')
  parameters!: Record<string, unknown>;

  /** The parameters that were drawn, if a population has changed them since. */
  @Column('jsonb', { nullable: true })
  drawn!: Record<string, unknown> | null;

  /** As submitted: the order of its keys is the order of drawing. */
  @Column('json')
  spec!: TrialSpec;

  /** Trials with equal signatures can be trained together, as lanes of one array. */
  @Column('text')
  signature!: string;

  /** Trials with equal keys measured the same thing on the same data. */
  @Column('text', { name: 'comparison_key' })
  comparisonKey!: string;

  @Column('text', { name: 'dataset_fingerprint' })
  datasetFingerprint!: string;

  /** The objective's metric at the best or the last report. */
  @Column('double precision', { nullable: true })
  value!: number | null;

  /** Metrics of the report that gave the value. */
  @Column('jsonb', { default: {} })
  metrics!: Record<string, number>;

  @Column('integer', { default: 0 })
  updates!: number;

  @Column('double precision', { nullable: true })
  seconds!: number | null;

  /** Of these, seconds of validation, samples and diagnostics; null until it ends, and if a stopping rule ended it. */
  @Column('double precision', { name: 'validation_seconds', nullable: true })
  validationSeconds!: number | null;

  @Column('text', { nullable: true })
  engine!: string | null;

  @Column('integer', { nullable: true })
  lanes!: number | null;

  /** Name of the finished model in the artifact store. */
  @Column('text', { nullable: true })
  model!: string | null;

  /** The trial of an earlier sweep whose result it has, and whose model it shares; null if it was trained itself. */
  @Column('text', { name: 'reused_from', nullable: true })
  reusedFrom!: string | null;

  /** Most lanes of the group that it may be trained in; null: any number. Fewer after a crash, or if memory ran out. */
  @Column('integer', { name: 'most_lanes', nullable: true })
  mostLanes!: number | null;

  /** Name of the checkpoint that the next attempt continues from; null: from the start. */
  @Column('text', { nullable: true })
  checkpoint!: string | null;

  /** The update after which that checkpoint was written. */
  @Column('integer', { name: 'checkpoint_update', default: 0 })
  checkpointUpdate!: number;

  /** The metrics of the state that it copied from another trial: its own earlier results no longer count. */
  @Column('json', { nullable: true })
  adopted!: { update: number; metrics: Record<string, number> } | null;

  /** When it was last retried by a user: earlier failures no longer count. */
  @Column('timestamptz', { name: 'retried_at', nullable: true })
  retriedAt!: Date | null;

  /** The transaction of its last report, which the leader shows on leaderboards; null before the first. As text: see ChangeNumber. */
  @Column('bigint', { name: 'reported_in', nullable: true })
  reportedIn!: string | null;

  /** Text that the network generated at its last report. */
  @Column('text', { nullable: true })
  sample!: string | null;

  @Column('text', { nullable: true })
  message!: string | null;

  @Column('timestamptz', { name: 'created_at', default: () => 'clock_timestamp()' })
  createdAt!: Date;

  @Column('timestamptz', { name: 'started_at', nullable: true })
  startedAt!: Date | null;

  @Column('timestamptz', { name: 'finished_at', nullable: true })
  finishedAt!: Date | null;
}
