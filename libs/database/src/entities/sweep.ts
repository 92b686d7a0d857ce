import {
  localTeam,
  type Labels,
  type Objective,
  type Priority,
  type SweepSpec,
  type SweepState,
} from '@unroll/contracts';
import { Column, Entity, Index, PrimaryColumn } from 'typeorm';

/** A configuration with its value; lower is better. */
export interface EarlierConfiguration {
  parameters: Record<string, unknown>;
  value: number;
}

/** A submitted search. Its trials are drawn from `spec` in order; `proposed` of `total` have rows so far. */
@Entity('sweeps')
@Index('sweeps_by_age', ['teamId', 'createdAt', 'id'])
@Index('sweeps_open', ['teamId', 'owner', 'priority', 'createdAt', 'id'], { where: `state = 'running'` })
export class Sweep {
  @PrimaryColumn('text')
  id!: string;

  @Column('text', { name: 'team_id', default: localTeam })
  teamId!: string;

  /** Name of the member who submitted it. */
  @Column('text', { default: localTeam })
  owner!: string;

  /** Among the sweeps of its owner. */
  @Column('text', { default: 'normal' })
  priority!: Priority;

  /** Labels that a worker must have to train its trials; null: none. */
  @Column('jsonb', { nullable: true })
  requires!: Labels | null;

  @Column('text')
  name!: string;

  @Column('text')
  state!: SweepState;

  /** As submitted: the order of its keys is the order of drawing. */
  @Column('json')
  spec!: SweepSpec;

  @Column('jsonb')
  objective!: Objective;

  /** The fingerprint of each data set that the sweep names, at the time of submission. */
  @Column('jsonb')
  datasets!: Record<string, string>;

  /** Results of earlier sweeps that the search starts from. */
  @Column('json', { default: [] })
  earlier!: EarlierConfiguration[];

  @Column('integer')
  configurations!: number;

  @Column('integer')
  total!: number;

  @Column('integer', { default: 0 })
  proposed!: number;

  /**
   * Of a study, whose trials are run by whoever asks for them: how many were to be in flight when one last asked in vain. Null: workers
   * train its trials.
   */
  @Column('integer', { nullable: true })
  asked!: number | null;

  /** How often its specification was edited. */
  @Column('integer', { default: 0 })
  edits!: number;

  /** Most trials that run at a time; null: no limit. */
  @Column('integer', { name: 'concurrent_trials', nullable: true })
  concurrentTrials!: number | null;

  /** Most trials that may fail; null: no limit. */
  @Column('integer', { name: 'failed_trials', nullable: true })
  failedTrials!: number | null;

  /** Most seconds that it may run, not counting pauses; null: no limit. */
  @Column('double precision', { name: 'wall_seconds', nullable: true })
  wallSeconds!: number | null;

  /** Most trainer hours that it may use; null: no limit. */
  @Column('double precision', { name: 'gpu_hours', nullable: true })
  gpuHours!: number | null;

  /** Seconds that it ran before `runningSince`. */
  @Column('double precision', { name: 'ran_seconds', default: 0 })
  ranSeconds!: number;

  /** When it was last started or resumed; null while it does not run. */
  @Column('timestamptz', { name: 'running_since', nullable: true, default: () => 'clock_timestamp()' })
  runningSince!: Date | null;

  /** Of its trials, by number, how many were looked at since it ended, to thin their curves (retention/). */
  @Column('integer', { default: 0 })
  thinned!: number;

  /** The sweep it was cloned from, or confirms, which may be deleted; null if none. */
  @Column('text', { name: 'cloned_from', nullable: true })
  clonedFrom!: string | null;

  /** Markdown. */
  @Column('text', { default: '' })
  note!: string;

  @Column('text', { array: true, default: [] })
  tags!: string[];

  /** When it was archived; null if it is listed. */
  @Column('timestamptz', { name: 'archived_at', nullable: true })
  archivedAt!: Date | null;

  @Column('text', { nullable: true })
  message!: string | null;

  /** In milliseconds, the precision of JavaScript's dates and of list cursors. */
  @Column({ type: 'timestamptz', name: 'created_at', precision: 3, default: () => 'clock_timestamp()' })
  createdAt!: Date;

  @Column('timestamptz', { name: 'finished_at', nullable: true })
  finishedAt!: Date | null;
}
