import type { TrialState } from '@unroll/contracts';
import { Column, Entity, Index, JoinColumn, ManyToOne, PrimaryColumn, type Relation } from 'typeorm';
import { Sweep } from './sweep';

const where = 'score IS NOT NULL';

/**
 * A configuration as leaderboards rank it: the mean over its seeds, and the results of its best trial. A trigger on trials maintains it, in
 * the transaction that changes a trial. A configuration without a value is on no leaderboard.
 */
@Entity('configurations')
@Index('configurations_by_score', ['sweepId', 'score', 'configuration'], { where })
@Index('configurations_by_cell', ['sweepId', 'cell', 'score', 'configuration'], { where })
@Index('configurations_by_state', ['sweepId', 'state', 'score', 'configuration'], { where })
@Index('configurations_by_comparison_key', ['comparisonKey', 'objective', 'score', 'sweepId', 'configuration'], {
  where,
})
@Index(
  'configurations_by_comparison_key_and_cell',
  ['comparisonKey', 'objective', 'cell', 'score', 'sweepId', 'configuration'],
  {
    where,
  },
)
export class Configuration {
  @PrimaryColumn('text', { name: 'sweep_id' })
  sweepId!: string;

  @ManyToOne(() => Sweep, { onDelete: 'CASCADE' })
  @JoinColumn({ name: 'sweep_id', foreignKeyConstraintName: 'configurations_sweep' })
  sweep?: Relation<Sweep>;

  @PrimaryColumn('integer')
  configuration!: number;

  /** What was measured; together with `objective`, it selects a team leaderboard. */
  @Column('text', { name: 'comparison_key' })
  comparisonKey!: string;

  /** Goal and metric of its sweep, as in "minimize validation.loss". */
  @Column('text')
  objective!: string;

  @Column('text')
  cell!: string;

  @Column('jsonb')
  parameters!: Record<string, unknown>;

  /** The mean of its trials' values, negated if higher is better: lower is always better. */
  @Column('double precision', { nullable: true })
  score!: number | null;

  @Column('double precision', { nullable: true })
  deviation!: number | null;

  @Column('integer', { default: 0 })
  repeats!: number;

  @Column('text', { name: 'best_trial', nullable: true })
  bestTrial!: string | null;

  /** This and the following columns but metrics are the best trial's. */
  @Column('text', { nullable: true })
  state!: TrialState | null;

  /** The means over its trials. */
  @Column('jsonb', { default: {} })
  metrics!: Record<string, number>;

  @Column('integer', { default: 0 })
  updates!: number;

  @Column('double precision', { nullable: true })
  seconds!: number | null;

  @Column({ type: 'timestamptz', name: 'finished_at', precision: 3, nullable: true })
  finishedAt!: Date | null;
}
