import type { Objective, SweepSpec, SweepState } from '@unroll/contracts';
import { Column, Entity, Index, PrimaryColumn } from 'typeorm';

/** A configuration with its value; less is better. */
export interface EarlierConfiguration {
  parameters: Record<string, unknown>;
  value: number;
}

/** A search that someone asked for. Its trials are drawn from `spec` in order; `proposed` of `total` have rows so far. */
@Entity('sweeps')
@Index('sweeps_by_age', ['createdAt', 'id'])
export class Sweep {
  @PrimaryColumn('text')
  id!: string;

  @Column('text')
  name!: string;

  @Column('text')
  state!: SweepState;

  /** As it was written: the order of its keys is the order of drawing. */
  @Column('json')
  spec!: SweepSpec;

  @Column('jsonb')
  objective!: Objective;

  /** Fingerprint of each data set that the sweep names, as it was when the sweep was submitted. */
  @Column('jsonb')
  datasets!: Record<string, string>;

  /** What earlier sweeps found, for its search to begin with. */
  @Column('json', { default: [] })
  earlier!: EarlierConfiguration[];

  @Column('integer')
  configurations!: number;

  @Column('integer')
  total!: number;

  @Column('integer', { default: 0 })
  proposed!: number;

  /** Trials that may run at a time; null: no limit. */
  @Column('integer', { name: 'concurrent_trials', nullable: true })
  concurrentTrials!: number | null;

  /** Failed trials that it bears; null: no limit. */
  @Column('integer', { name: 'failed_trials', nullable: true })
  failedTrials!: number | null;

  /** Seconds that it may run, pauses not counted; null: no limit. */
  @Column('double precision', { name: 'wall_seconds', nullable: true })
  wallSeconds!: number | null;

  /** Hours of trainers that it may use; null: no limit. */
  @Column('double precision', { name: 'gpu_hours', nullable: true })
  gpuHours!: number | null;

  /** Seconds that it ran before `runningSince`. */
  @Column('double precision', { name: 'ran_seconds', default: 0 })
  ranSeconds!: number;

  /** When it was last started or resumed; null while it does not run. */
  @Column('timestamptz', { name: 'running_since', nullable: true, default: () => 'clock_timestamp()' })
  runningSince!: Date | null;

  @Column('text', { nullable: true })
  message!: string | null;

  /** In milliseconds, as JavaScript's dates and the cursors of lists are. */
  @Column({ type: 'timestamptz', name: 'created_at', precision: 3, default: () => 'clock_timestamp()' })
  createdAt!: Date;

  @Column('timestamptz', { name: 'finished_at', nullable: true })
  finishedAt!: Date | null;
}
