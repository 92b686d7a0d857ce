import { HttpStatus, Inject, Injectable } from '@nestjs/common';
import type { ArtifactStore } from '@unroll/artifacts';
import {
  isStudy,
  sweepSpec,
  validate,
  type EditBody,
  type Estimate,
  type ExtendBody,
  type Front,
  type PageQuery,
  type Priority,
  type Replay,
  type Rungs,
  type SweepDetails,
  type SweepPage,
  type SweepPlan,
  type SweepSpec,
  type SweepsQuery,
  type SweepState,
  type TrialSpec,
  type SweepView,
} from '@unroll/contracts';
import {
  cancelSweep,
  extendSweep,
  findId,
  fleetLanes,
  lockSweep,
  namedCheckpoints,
  newId,
  pastPaces,
  pauseSweep,
  resumeSweep,
  Sweep,
  whyItWouldEnd,
  type EarlierConfiguration,
  violated,
} from '@unroll/database';
import {
  comparisonKey,
  countSeeds,
  chooseSampler,
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
import { DataSource, type EntityManager, type QueryDeepPartialEntity } from 'typeorm';
import type { Caller } from '../access/caller';
import { artifactStore } from '../artifacts/artifacts.provider';
import { DatasetsService } from '../datasets/datasets.service';
import { NamedFilesService } from '../datasets/named-files.service';
import { trialFingerprint } from '../search/trial-fingerprint';
import { ProblemException } from '../http/problem';
import { SchedulerService } from '../scheduler/scheduler.service';
import { batching } from '../scheduler/searches';
import { workerSeconds } from '../scheduler/advance';
import { distinctData } from './distinct-data';
import { applyEdit, pointsLeft } from './edit';
import { SearchThreads } from '../search/search-threads';
import { estimateSweep } from './estimate';
import { earlierCreation } from './idempotency';
import { InitFromService } from './init-from.service';
import { readFront } from './front';
import { replaySweep } from './replay';
import { findReused, insertReused, type Reuse } from './reuse';
import { summarizeRungs } from './rungs';
import { labelsWarning } from '../shares/why-waiting';
import { spentBudget } from '../trials/spent-budget';
import { listSweeps } from './sweep-list';
import { sweepViews } from './sweep-views';
import { warmStart } from './warm-start';

/** Example trials in a plan. */
const plannedExamples = 5;

/** The request that submits a sweep, and what is noted about it from the start. */
interface Origin {
  route: string;
  body: unknown;
  note: string;
  priority?: Priority;
}

/** First trials whose data and tasks are checked before a sweep is accepted. */
const checkedAhead = 100;

/** @throws ProblemException (409) if the sweep was in none of these states */
function requireState(state: SweepState | undefined, allowed: readonly SweepState[], refusal: string): void {
  if (state === undefined || !allowed.includes(state))
    throw new ProblemException(HttpStatus.CONFLICT, `the sweep is ${state ?? 'deleted'} and ${refusal}`);
}

/** The size of an edited sweep with more configurations: earlier ones may be outside of its space. */
async function longerSize(
  manager: EntityManager,
  threads: SearchThreads,
  sweep: Sweep,
  more: number,
): Promise<SweepSize> {
  const seeds = countSeeds(sweep.spec);
  const left = await pointsLeft(manager, threads, sweep);
  const open = sweep.configurations - sweep.proposed / seeds + more;
  const configurations = sweep.proposed / seeds + Math.min(open, left);
  const size = { configurations, seeds, trials: configurations * seeds };
  return open > left
    ? { ...size, limit: `${left} of ${open} further configurations: the space has no more points` }
    : size;
}

@Injectable()
export class SweepsService {
  constructor(
    private readonly dataSource: DataSource,
    private readonly datasets: DatasetsService,
    private readonly initFrom: InitFromService,
    private readonly files: NamedFilesService,
    private readonly scheduler: SchedulerService,
    private readonly threads: SearchThreads,
    @Inject(artifactStore) private readonly store: ArtifactStore,
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
    { route, body, note, priority = 'normal' }: Origin = { route: 'POST /v1/sweeps', body: given, note: '' },
  ): Promise<SweepView> {
    const { spec, size, datasets, earlier: warm, reuse } = await this.checked(caller, given);
    const sweep = {
      id: newId(),
      teamId: caller.teamId,
      owner: caller.member,
      priority,
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
    return { ...(await this.show(caller, id)), ...(warning === undefined ? {} : { warning }) };
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

  /** The team's sweeps that match, with how many there are. */
  list({ teamId }: Caller, query: SweepsQuery): Promise<SweepPage> {
    return listSweeps(this.dataSource, teamId, query);
  }

  /** Changes its name, note, tags or priority, or archives it: whatever its state. */
  async describe(caller: Caller, prefix: string, { archived, ...words }: SweepDetails): Promise<SweepView> {
    const id = await findId(this.dataSource, caller.teamId, 'sweeps', prefix);
    if (words.priority !== undefined)
      await this.dataSource.query('select add_shares(team_id, owner, $2) from sweeps where id = $1', [
        id,
        words.priority,
      ]);
    const archivedAt = archived === undefined ? {} : { archivedAt: archived ? () => 'clock_timestamp()' : null };
    await this.dataSource.getRepository(Sweep).update({ id }, { ...words, ...archivedAt });
    return this.show(caller, id);
  }

  async show(caller: Caller, prefix: string): Promise<SweepView> {
    return this.view(await this.find(caller, prefix));
  }

  /** A sweep by its full id; undefined if it was deleted. */
  async showIfExists(id: string): Promise<SweepView | undefined> {
    const sweep = await this.dataSource.getRepository(Sweep).findOneBy({ id });
    return sweep ? this.view(sweep) : undefined;
  }

  private async view(sweep: Sweep): Promise<SweepView> {
    return (await sweepViews(this.dataSource, [sweep]))[0]!;
  }

  async cancel(caller: Caller, prefix: string): Promise<SweepView> {
    const id = await findId(this.dataSource, caller.teamId, 'sweeps', prefix);
    const before = await cancelSweep(this.dataSource, id);
    requireState(before, ['running', 'paused', 'cancelled'], 'can no longer be cancelled');
    return this.show(caller, id);
  }

  async pause(caller: Caller, prefix: string): Promise<SweepView> {
    const id = await findId(this.dataSource, caller.teamId, 'sweeps', prefix);
    requireState(await pauseSweep(this.dataSource, id), ['running', 'paused'], 'can no longer be paused');
    return this.show(caller, id);
  }

  async resume(caller: Caller, prefix: string): Promise<SweepView> {
    const id = await findId(this.dataSource, caller.teamId, 'sweeps', prefix);
    const before = await resumeSweep(this.dataSource, id);
    requireState(before, ['running', 'paused'], 'cannot be resumed: only a paused sweep can');
    this.scheduler.wake();
    return this.show(caller, id);
  }

  /** Adds configurations. Requests with the same key and body add them once. */
  async extend(caller: Caller, prefix: string, { trials }: ExtendBody, key: string | undefined): Promise<SweepView> {
    const id = await findId(this.dataSource, caller.teamId, 'sweeps', prefix);
    await this.dataSource.transaction(async (manager) => {
      const state = await lockSweep(manager, id);
      const creation = {
        teamId: caller.teamId,
        route: `POST /v1/sweeps/${id}/extend`,
        key,
        bodyHash: shortHash({ trials }),
        id,
      };
      if ((await earlierCreation(manager, creation)) !== undefined) return;
      requireState(state, ['running', 'paused', 'completed'], 'cannot be extended');
      const spent = state === 'completed' ? await whyItWouldEnd(manager, id) : undefined;
      if (spent !== undefined) throw spentBudget(spent);
      const sweep = await manager.findOneByOrFail(Sweep, { id });
      const { spec, configurations } = sweep;
      if (spec.search.algorithm === 'grid')
        throw new ProblemException(
          HttpStatus.CONFLICT,
          'a grid search is complete after all combinations: submit a new sweep instead',
        );
      const longer = { ...spec, search: { ...spec.search, trials: configurations + trials } };
      const size = await (sweep.edits === 0
        ? this.threads.answer('extendedSize', { spec, configurations, trials })
        : longerSize(manager, this.threads, sweep, trials));
      if (size.configurations <= configurations)
        throw new ProblemException(
          HttpStatus.CONFLICT,
          `the space has ${size.configurations} points, and the sweep has tried all of them`,
        );
      await extendSweep(manager, { id, state: state! }, longer, size);
      if (size.limit !== undefined) await manager.update(Sweep, { id }, { message: size.limit });
    });
    this.scheduler.wake();
    return this.show(caller, id);
  }

  /** Changes what a running or paused sweep searches. Requests with the same key and body change it once. */
  async edit(caller: Caller, prefix: string, changes: EditBody, key: string | undefined): Promise<SweepView> {
    const id = await findId(this.dataSource, caller.teamId, 'sweeps', prefix);
    await this.dataSource.transaction(async (manager) => {
      const state = await lockSweep(manager, id);
      const creation = {
        teamId: caller.teamId,
        route: `PATCH /v1/sweeps/${id}`,
        key,
        bodyHash: shortHash(changes),
        id,
      };
      if ((await earlierCreation(manager, creation)) !== undefined) return;
      requireState(state, ['running', 'paused'], 'cannot be edited: submit a new sweep, with this one in search.from');
      const sweep = await manager.findOneByOrFail(Sweep, { id });
      if (isStudy(sweep.spec))
        throw new ProblemException(
          HttpStatus.CONFLICT,
          'a study cannot be edited: create another, with this one in search.from',
        );
      const given = await this.initFrom.resolve(caller, validate(sweepSpec, { ...sweep.spec, ...changes }));
      const drawn = await applyEdit(manager, this.threads, sweep, settled(given));
      await this.initFrom.requireFitting((await this.files.check(caller, given, drawn)).ahead);
    });
    this.scheduler.wake();
    return this.show(caller, id);
  }

  async remove(caller: Caller, prefix: string): Promise<void> {
    const { id, state } = await this.find(caller, prefix);
    if (state === 'running' || state === 'paused')
      throw new ProblemException(HttpStatus.CONFLICT, `the sweep is ${state}: cancel it before deleting it`);
    const kept = await this.dataSource.query<{ model: string | null; checkpoint: string | null }[]>(
      `select model, checkpoint from trials where sweep_id = $1 and (model is not null or checkpoint is not null)`,
      [id],
    );
    await this.delete(id);
    const names = kept.flatMap(({ model, checkpoint }) => [model, checkpoint]).filter((name) => name !== null);
    // A reused trial shares the model of another sweep's.
    const { named } = await namedCheckpoints(this.dataSource.manager, names, []);
    for (const name of names) if (!named.has(name)) await this.store.remove(name);
  }

  /** @throws ProblemException while the model of one of its trials is registered */
  private async delete(id: string): Promise<void> {
    try {
      await this.dataSource.getRepository(Sweep).delete({ id });
    } catch (error) {
      if (violated(error) !== 'model_versions_trial') throw error;
      throw new ProblemException(
        HttpStatus.CONFLICT,
        'the model of one of its trials is registered: delete that version first, see GET /v1/models',
      );
    }
  }

  async front(caller: Caller, prefix: string, query: PageQuery): Promise<Front> {
    return readFront(this.dataSource, await this.find(caller, prefix), query);
  }

  async rungs(caller: Caller, prefix: string): Promise<Rungs> {
    return summarizeRungs(this.dataSource, await this.find(caller, prefix));
  }

  async replay(caller: Caller, prefix: string): Promise<Replay> {
    return replaySweep(this.dataSource, this.threads, await this.find(caller, prefix));
  }

  private async find(caller: Caller, prefix: string): Promise<Sweep> {
    const id = await findId(this.dataSource, caller.teamId, 'sweeps', prefix);
    return this.dataSource.getRepository(Sweep).findOneByOrFail({ id });
  }
}
