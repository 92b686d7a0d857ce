import { Injectable } from '@nestjs/common';
import {
  countFolds,
  goalSign,
  ValidationError,
  type ComparedCurvesQuery,
  type Comparison,
  type ComparisonQuery,
  type Curves,
  type CurvesQuery,
  type History,
  type Points,
  type PointsQuery,
} from '@unroll/contracts';
import {
  bestTrials,
  comparedSeeds,
  curveNames,
  findId,
  Sweep,
  sweepHistory,
  trialsById,
  wholeCurves,
  type SweepTrial,
} from '@unroll/database';
import { parameterAxes } from '@unroll/search';
import { DataSource } from 'typeorm';
import type { Caller } from '../access/caller';
import { compareSeeds } from './comparison';
import { downsample } from './downsample';

/** Trials that are searched for the names of curves. */
const searchedTrials = 20;
/** Most trials of a history, apart from those that set a new best. */
const historyPoints = 10_000;

/** A chart has no place for an infinite value. */
const finite = (value: number | null): number | null => (value !== null && Number.isFinite(value) ? value : null);

@Injectable()
export class CurvesService {
  constructor(private readonly dataSource: DataSource) {}

  async ofSweep(caller: Caller, prefix: string, { trial, metric, maxPoints, limit }: CurvesQuery): Promise<Curves> {
    const { id, objective } = await this.sweep(caller, prefix);
    const trials = trial.length > 0 ? await this.trials(caller, trial) : await bestTrials(this.dataSource, id, limit);
    const foreign = trials.find(({ sweepId }) => sweepId !== id);
    if (foreign)
      throw new ValidationError([
        { path: 'trial', message: `${foreign.id} is not a trial of the sweep ${id}: omit it` },
      ]);
    return this.curves(trials, metric ?? objective.metric, maxPoints);
  }

  /** Curves of trials of any sweeps. */
  async ofTrials(caller: Caller, { trial, metric, maxPoints }: ComparedCurvesQuery): Promise<Curves> {
    if (trial.length === 0) throw new ValidationError([{ path: 'trial', message: 'is missing: name at least one' }]);
    const trials = await this.trials(caller, trial);
    const { objective } = await this.dataSource.getRepository(Sweep).findOneByOrFail({ id: trials[0]!.sweepId });
    return this.curves(trials, metric ?? objective.metric, maxPoints);
  }

  private async trials(caller: Caller, prefixes: readonly string[]): Promise<SweepTrial[]> {
    const ids = await Promise.all(prefixes.map((prefix) => findId(this.dataSource, caller.teamId, 'trials', prefix)));
    return trialsById(this.dataSource, [...new Set(ids)]);
  }

  private async curves(trials: readonly SweepTrial[], metric: string, maxPoints: number): Promise<Curves> {
    const ids = trials.map(({ id }) => id);
    const metrics = await curveNames(this.dataSource, ids.slice(0, searchedTrials));
    const whole = await wholeCurves(this.dataSource, ids, metric);
    const items = trials.flatMap(({ id: trialId, sweepId, configuration, seed, state }) => {
      const curve = whole.get(trialId);
      if (!curve) return [];
      const values = curve.values.map(Number);
      const kept = downsample(curve.updates, values, maxPoints);
      const updates = kept.map((index) => curve.updates[index]!);
      const shown = kept.map((index) => (Number.isFinite(values[index]) ? values[index]! : null));
      return [{ trialId, sweepId, configuration, seed, state, updates, values: shown }];
    });
    return { metric, metrics, items };
  }

  async points(caller: Caller, prefix: string, { metric, limit }: PointsQuery): Promise<Points> {
    const { id, objective, spec } = await this.sweep(caller, prefix);
    const axes = parameterAxes(spec);
    const name = metric ?? objective.metric;
    const metricValue = (trial: SweepTrial): number | null =>
      name === objective.metric ? finite(trial.value) : (trial.metrics[name] ?? null);
    const trials = await bestTrials(this.dataSource, id, limit);
    return {
      metric: name,
      goal: objective.goal,
      parameters: axes.map(({ path, scale, values }) => ({ path, scale, ...(scale === 'category' ? { values } : {}) })),
      items: trials.map((trial) => ({
        ...{ trialId: trial.id, configuration: trial.configuration, seed: trial.seed, state: trial.state },
        ...{ value: metricValue(trial), updates: trial.updates, finishedAt: trial.finishedAt?.toISOString() ?? null },
        at: axes.map(({ path }) => trial.parameters[path] ?? null),
      })),
    };
  }

  async history(caller: Caller, prefix: string): Promise<History> {
    const { id, objective } = await this.sweep(caller, prefix);
    const rows = await sweepHistory(this.dataSource, id, goalSign(objective), historyPoints);
    const items = rows.map((row) => ({ ...row, finishedAt: row.finishedAt.toISOString() }));
    return { metric: objective.metric, goal: objective.goal, items };
  }

  async compare(caller: Caller, { first, second }: ComparisonQuery): Promise<Comparison> {
    const ids = await Promise.all(
      [first, second].map((prefix) => findId(this.dataSource, caller.teamId, 'trials', prefix)),
    );
    const [one, other] = await Promise.all(ids.map((id) => comparedSeeds(this.dataSource, id)));
    const { spec } = await this.dataSource.getRepository(Sweep).findOneByOrFail({ id: one!.sweepId });
    return compareSeeds(one!, other!, countFolds(spec));
  }

  private async sweep(caller: Caller, prefix: string): Promise<Sweep> {
    const id = await findId(this.dataSource, caller.teamId, 'sweeps', prefix);
    return this.dataSource.getRepository(Sweep).findOneByOrFail({ id });
  }
}
