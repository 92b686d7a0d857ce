import { Injectable } from '@nestjs/common';
import {
  isStudy,
  type Estimate,
  type Priority,
  type SweepPlan,
  type SweepSpec,
  type SweepView,
  type TrialSpec,
} from '@unroll/contracts';
import { fleetLanes, findId, newId, pastPaces, Sweep, type EarlierConfiguration } from '@unroll/database';
import {
  chooseSampler,
  comparisonKey,
  datasetNames,
  fusionSignature,
  getObjective,
  settled,
  shortHash,
  studyKey,
  toTrials,
  type Configuration,
  type SweepSize,
} from '@unroll/search';
import { DataSource, type QueryDeepPartialEntity } from 'typeorm';
import type { Caller } from '../access/caller';
import { DatasetsService } from '../datasets/datasets.service';
import { NamedFilesService } from '../datasets/named-files.service';
import { workerSeconds } from '../scheduler/advance';
import { SchedulerService } from '../scheduler/scheduler.service';
import { batching } from '../scheduler/searches';
import { SearchThreads } from '../search/search-threads';
import { trialFingerprint } from '../search/trial-fingerprint';
import { labelsWarning } from '../shares/why-waiting';
import { checkedAhead } from './checked-ahead';
import { distinctData } from './distinct-data';
import { estimateSweep } from './estimate';
import { earlierCreation } from './idempotency';
import { InitFromService } from './init-from.service';
import { findReused, insertReused, type Reuse } from './reuse';
import { SweepsService } from './sweeps.service';
import { warmStart } from './warm-start';

/** Example trials in a plan. */
const plannedExamples = 5;

/** The request that submits a sweep, and what is noted about it from the start. */
interface Origin {
  route: string;
  body: unknown;
  note: string;
  priority?: Priority;
  /** The sweep that it began as a copy of. */
  clonedFrom?: string | undefined;
}

/** New sweeps: their checks, what they would do, and their rows. */
@Injectable()
export class SubmissionsService {
  constructor(
    private readonly dataSource: DataSource,
    private readonly datasets: DatasetsService,
    private readonly initFrom: InitFromService,
    private readonly files: NamedFilesService,
    private readonly scheduler: SchedulerService,
    private readonly threads: SearchThreads,
    private readonly sweeps: SweepsService,
  ) {}

  /** A preview of the sweep: what submitting it now would do. Writes nothing. */
  async plan(caller: Caller, given: SweepSpec): Promise<SweepPlan> {
    const { spec, size, ahead, datasets, earlier, reuse } = await this.checked(caller, given);
    const { sampler, why } = chooseSampler(spec);
    const { facts, warnings } = await this.datasets.read(caller, distinctData(ahead), datasets);
    const batch = reuse ? [] : await this.firstBatch(spec, size, earlier);
    const examples = reuse?.trained ?? batch.flatMap((each) => toTrials(spec, each));
    return {
      sampler: sampler.algorithm,
      why: why ?? null,
      ...size,
      limit: size.limit ?? null,
      reused: reuse?.text ?? null,
      examples: examples
        .slice(0, plannedExamples)
        .map(({ configuration, seed, parameters }) => ({ configuration, seed, parameters })),
      data: [...facts, ...warnings.map((warning) => `warning: ${warning}`)],
      warning: (await labelsWarning(this.dataSource, spec)) ?? null,
      estimate: await this.estimate(
        caller,
        getObjective(spec).metric,
        ahead,
        size.trials - (reuse?.sources.size ?? 0),
        datasets,
      ),
    };
  }

  /** The configurations that the scheduler would propose first. */
  private async firstBatch(
    given: SweepSpec,
    { configurations, trials: total }: SweepSize,
    earlier: readonly EarlierConfiguration[],
  ): Promise<Configuration[]> {
    const spec = settled(given);
    if (!chooseSampler(spec).sampler.learns) {
      const count = Math.min(plannedExamples, configurations);
      return this.threads.answer('firstConfigurations', { spec, earlier, count, alike: 1 });
    }
    const concurrentTrials = spec.budget.concurrentTrials ?? null;
    const fleet = await fleetLanes(this.dataSource, workerSeconds);
    const { window, atOnce, alike } = batching(spec, { total, concurrentTrials }, fleet);
    const count = Math.min(configurations, Math.floor(window / atOnce));
    return this.threads.answer('firstConfigurations', { spec, earlier, count, alike });
  }

  private async estimate(
    caller: Caller,
    metric: string,
    ahead: readonly TrialSpec[],
    trials: number,
    datasets: Record<string, string>,
  ): Promise<Estimate> {
    const planned = ahead.map((trial) => {
      const print = trialFingerprint(trial, datasets);
      const own = {
        signature: fusionSignature(trial, print),
        board: comparisonKey(trial, print, { teamId: caller.teamId, metric }),
        cell: trial.model.cell,
      };
      return { ...own, updates: trial.training.updates };
    });
    const boards = [...new Set(planned.map(({ board }) => board))];
    return estimateSweep(planned, trials, await pastPaces(this.dataSource, boards));
  }

  /** Creates the sweep; the scheduler proposes its trials. Requests of a route with the same key and body create one sweep. */
  async submit(
    caller: Caller,
    given: SweepSpec,
    key: string | undefined,
    { route, body, note, priority = 'normal', clonedFrom }: Origin = {
      route: 'POST /v1/sweeps',
      body: given,
      note: '',
    },
  ): Promise<SweepView> {
    const original = clonedFrom && (await findId(this.dataSource, caller.teamId, 'sweeps', clonedFrom));
    const { spec, size, datasets, earlier: warm, reuse } = await this.checked(caller, given);
    const sweep = {
      id: newId(),
      teamId: caller.teamId,
      owner: caller.member,
      priority,
      clonedFrom: original ?? null,
      name: spec.name,
      note,
      state: 'running' as const,
      spec: settled(spec),
      objective: getObjective(spec),
      earlier: warm,
      datasets,
      message: [size.limit, reuse?.text].filter((text) => text !== undefined).join('; ') || null,
      configurations: size.configurations,
      total: size.trials,
      asked: isStudy(spec) ? 1 : null,
      requires: spec.requires ?? null,
      concurrentTrials: spec.budget.concurrentTrials ?? null,
      failedTrials: spec.budget.failedTrials ?? null,
      wallSeconds: spec.budget.wallTime ?? null,
      gpuHours: spec.budget.gpuHours ?? null,
    };
    const id = await this.dataSource.transaction(async (manager) => {
      const earlier = await earlierCreation(manager, {
        teamId: caller.teamId,
        route,
        key,
        bodyHash: shortHash(body),
        id: sweep.id,
      });
      if (earlier !== undefined) return earlier;
      if (!isStudy(spec)) await this.datasets.hold(caller, manager, Object.keys(datasets));
      await manager.insert(Sweep, sweep as QueryDeepPartialEntity<Sweep>);
      if (reuse) await insertReused(manager, sweep.id, reuse);
      return sweep.id;
    });
    this.scheduler.wake();
    const warning = await labelsWarning(this.dataSource, spec);
    return { ...(await this.sweeps.show(caller, id)), ...(warning === undefined ? {} : { warning }) };
  }

  /** The resolved sweep, its size, the fingerprints of its data, and what it starts from. @throws ValidationError if it cannot be run */
  private async checked(caller: Caller, given: SweepSpec) {
    const spec = await this.initFrom.resolve(caller, given);
    const reading = isStudy(spec) ? undefined : this.datasets.fingerprintsFor(caller, spec);
    // What is wrong with the sweep itself is said first.
    reading?.catch(() => undefined);
    const { size, ahead: drawn } = await this.threads.answer('checkedSweep', { spec, most: checkedAhead });
    if (!reading) return this.checkedStudy(caller, spec, size);
    const { files, ahead } = await this.files.check(caller, spec, drawn);
    const datasets = { ...(await reading), ...files };
    const data = distinctData(ahead);
    await this.datasets.requireFitting(caller, data);
    await this.initFrom.requireFitting(ahead);
    const objective = getObjective(spec);
    const measured = { teamId: caller.teamId, metric: objective.metric };
    const boards = data.map((each) => comparisonKey(each, trialFingerprint(each, datasets), measured));
    // A grid learns nothing: it takes over the results of its own points.
    const isGrid = chooseSampler(spec).sampler.algorithm === 'grid';
    const earlier = isGrid ? [] : await warmStart(this.dataSource, this.threads, caller, spec, objective, boards);
    const reuse: Reuse | undefined = isGrid
      ? await findReused(
          this.dataSource,
          caller,
          { teamId: caller.teamId, spec, datasets, objective },
          size,
          plannedExamples,
        )
      : undefined;
    return { spec, size, ahead, datasets, earlier, reuse };
  }

  /** The same for a study, which has no data that is known here. */
  private async checkedStudy(caller: Caller, spec: SweepSpec, size: SweepSize) {
    const board = studyKey(spec, caller.teamId);
    const earlier = await warmStart(this.dataSource, this.threads, caller, spec, getObjective(spec), [board]);
    const datasets = Object.fromEntries(datasetNames(spec).map((name) => [name, board]));
    return { spec, size, ahead: [], datasets, earlier, reuse: undefined };
  }
}
