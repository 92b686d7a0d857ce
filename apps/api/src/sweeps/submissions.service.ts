import { HttpException, Injectable } from '@nestjs/common';
import {
  idleOnData,
  idleOptions,
  isStudy,
  ValidationError,
  type Estimate,
  type Priority,
  type SweepPlan,
  type SweepSpec,
  type SweepView,
  type TrialSpec,
} from '@unroll/contracts';
import {
  fleetLanes,
  findId,
  flush,
  insertSweep,
  newId,
  pastPaces,
  type EarlierConfiguration,
  type NewSweep,
  type NewTrial,
  type Sweep,
} from '@unroll/database';
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
import { Tracing } from '@unroll/tracing';
import { DataSource, type EntityManager } from 'typeorm';
import type { Caller } from '../access/caller';
import { DatasetsService, registeredOf, unknownDataset } from '../datasets/datasets.service';
import { NamedFilesService } from '../datasets/named-files.service';
import { workerSeconds } from '../scheduler/advance';
import { SchedulerService } from '../scheduler/scheduler.service';
import { batching } from '../scheduler/searches';
import { newTrials } from '../search/new-trials';
import type { TrialLook } from '../search/data-looks';
import { SearchThreads } from '../search/search-threads';
import { trialFingerprint } from '../search/trial-fingerprint';
import { labelsWarning } from '../shares/why-waiting';
import { ThreadLost } from '../threads/thread';
import { checkedAhead } from './checked-ahead';
import { distinctData } from './distinct-data';
import { estimateSweep } from './estimate';
import { createdAndDeleted, earlierCreation, recordedCreation, type Creation } from './idempotency';
import { InitFromService } from './init-from.service';
import { findReused, insertReused, type Reuse } from './reuse';
import { sweepAsBegun } from './sweep-views';
import { SweepsService } from './sweeps.service';
import { warmStart } from './warm-start';

/** Example trials in a plan. */
const plannedExamples = 5;
/** Trials that a sweep has from the start, at most: as many as a trainer takes at once. The scheduler proposes the others. */
const begunTrials = 16;

/** The request that submits a sweep, and what is noted about it from the start. */
interface Origin {
  route: string;
  body: unknown;
  note: string;
  priority?: Priority;
  /** The sweep it was cloned from, by its id or a unique prefix. */
  clonedFrom?: string | undefined;
}

/** What is known of recordings before they are read. */
const stepsOfAudio = (kinds: Record<string, string>): TrialLook['steps'] =>
  Object.entries(kinds).flatMap(([dataset, kind]) => (kind === 'audio' ? [{ dataset, kind: 'numbers' }] : []));

/** What has no effect on the data of the trials: said where all of these are known, and of one kind of step. */
function idleOnTheir(
  trials: readonly TrialSpec[],
  steps: TrialLook['steps'],
  searched: SweepSpec | undefined,
): string[] {
  const [kind, ...others] = new Set(steps.map((each) => each.kind));
  const known = new Set(steps.map(({ dataset }) => dataset));
  const areAlike = kind !== undefined && others.length === 0 && trials.every(({ dataset }) => known.has(dataset.name));
  return areAlike ? idleOnData(trials, kind, searched) : [];
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
    private readonly tracing: Tracing,
  ) {}

  /** A preview of the sweep: what submitting it now would do. Writes nothing. */
  async plan(caller: Caller, given: SweepSpec, clonedFrom?: string): Promise<SweepPlan> {
    if (clonedFrom !== undefined) await findId(this.dataSource, caller.teamId, 'sweeps', clonedFrom);
    const { spec, size, ahead, datasets, kinds, earlier, reuse } = await this.checked(caller, given);
    const { sampler, why } = chooseSampler(spec);
    const { facts, warnings, steps } = await this.datasets.read(caller, distinctData(ahead), datasets);
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
      warning: (await this.warningOf(spec, { size, ahead, kinds }, steps)) ?? null,
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

  /**
   * Creates the sweep with its first trials where its proposals learn nothing; the scheduler proposes the others. Requests of a route with
   * the same key and body create one sweep.
   */
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
    const { teamId } = caller;
    const repeated = await this.repeated(caller, key, { route, body });
    if (repeated) return { ...repeated, ...(await this.warningAgain(caller, given)) };
    const { spec, size, ahead, first, datasets, kinds, earlier: warm, reuse } = await this.checked(caller, given);
    // What is reused is inserted by itself.
    const begun = reuse ? [] : first.flatMap((each) => newTrials({ teamId, spec, datasets }, each));
    const sweep: NewSweep = {
      id: newId(),
      teamId,
      owner: caller.member,
      priority,
      clonedFrom: null,
      name: spec.name,
      note,
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
    const creation = { teamId, route, key, bodyHash: shortHash(body), id: sweep.id };
    const from = Date.now();
    const { id, inserted } = await this.create(sweep, begun, creation, { reuse, clonedFrom });
    const hasBegun = inserted !== undefined && begun.length > 0;
    if (hasBegun)
      this.tracing.did('propose trials', {
        sweepId: id,
        from,
        to: Date.now(),
        attributes: { 'unroll.trials': begun.length },
      });
    // Whether a worker has the labels that it requires, the leader knows.
    const isTicketed = hasBegun && sweep.requires === null;
    if (isTicketed) this.scheduler.begun(id, begun[0]!.signature);
    // One trial has its ticket.
    if (!isTicketed || size.trials > 1) this.scheduler.wake();
    const warning = await this.warningOf(spec, { size, ahead, kinds });
    return this.submitted(id, warning, inserted && !reuse ? sweepAsBegun(inserted, begun.length) : undefined);
  }

  /**
   * The sweep that this request created before, as it is now; undefined if it did not.
   * @throws ProblemException as `recordedCreation` does, and (409) if the sweep was deleted since
   */
  async repeated(
    { teamId }: Caller,
    key: string | undefined,
    { route, body }: Pick<Origin, 'route' | 'body'>,
  ): Promise<SweepView | undefined> {
    const request = { teamId, route, key, bodyHash: shortHash(body) };
    const id = await recordedCreation(this.dataSource.manager, request);
    return id === undefined ? undefined : this.submitted(id, undefined);
  }

  /**
   * The answer to a submission, which promises that the sweep is kept. Its first trial may be on its way meanwhile.
   * `view`: where it is known.
   * @throws ProblemException (409) if its sweep was deleted since
   */
  private async submitted(id: string, warning: string | undefined, view?: SweepView): Promise<SweepView> {
    await flush(this.dataSource);
    const shown = view ?? (await this.sweeps.showIfExists(id));
    if (!shown) throw createdAndDeleted(id);
    return { ...shown, ...(warning === undefined ? {} : { warning }) };
  }

  /** The warning of a submission that is repeated; none if it would not be accepted again, or the machine is too busy to tell. */
  private async warningAgain(caller: Caller, given: SweepSpec): Promise<Pick<SweepView, 'warning'>> {
    try {
      const { spec, size, ahead, kinds } = await this.checked(caller, given);
      const warning = await this.warningOf(spec, { size, ahead, kinds });
      return warning === undefined ? {} : { warning };
    } catch (error) {
      if (error instanceof ValidationError || error instanceof HttpException || error instanceof ThreadLost) return {};
      throw error;
    }
  }

  /**
   * Inserts a sweep with what it begins with, unless the same request did so before: then it returns the id alone.
   * @throws ValidationError if one of its data sets, or a sweep that it reuses, was deleted meanwhile
   * @throws UnknownId if there is no sweep `clonedFrom`
   */
  private async create(
    sweep: NewSweep,
    begun: readonly NewTrial[],
    creation: Creation,
    { reuse, clonedFrom }: { reuse: Reuse | undefined; clonedFrom: string | undefined },
  ): Promise<{ id: string; inserted?: Sweep }> {
    const registered = isStudy(sweep.spec) ? [] : registeredOf(Object.keys(sweep.datasets));
    const insert = async (manager: EntityManager): Promise<{ id: string; inserted: Sweep }> => {
      if (clonedFrom !== undefined) sweep.clonedFrom = await findId(manager, sweep.teamId, 'sweeps', clonedFrom);
      const { inserted, gone } = await insertSweep(manager, sweep, registered, begun);
      if (!inserted) throw unknownDataset(gone[0]!, []);
      if (reuse) await insertReused(manager, sweep.id, reuse);
      return { id: sweep.id, inserted };
    };
    // By itself it is one statement, and so a transaction.
    if (creation.key === undefined && !reuse) return insert(this.dataSource.manager);
    return this.dataSource.transaction(async (manager) => {
      const id = await earlierCreation(manager, creation);
      return id === undefined ? insert(manager) : { id };
    });
  }

  /** What its submitter should know of a sweep that is accepted. `steps`: of the data that were read, by a dry run. */
  private async warningOf(
    spec: SweepSpec,
    { size: { trials }, ahead, kinds }: { size: SweepSize; ahead: readonly TrialSpec[]; kinds: Record<string, string> },
    steps: TrialLook['steps'] = [],
  ): Promise<string | undefined> {
    const searched = ahead.length < trials ? spec : undefined;
    const onData = idleOnTheir(ahead, [...stepsOfAudio(kinds), ...steps], searched);
    const all = [await labelsWarning(this.dataSource, spec), ...idleOptions(ahead, searched), ...onData];
    return all.filter((text) => text !== undefined).join('; ') || undefined;
  }

  /** The resolved sweep, its size, the fingerprints of its data, and what it starts from. @throws ValidationError if it cannot be run */
  private async checked(caller: Caller, given: SweepSpec) {
    const spec = await this.initFrom.resolve(caller, given);
    const reading = isStudy(spec) ? undefined : this.datasets.named(caller, spec);
    // What is wrong with the sweep itself is said first.
    reading?.catch(() => undefined);
    const {
      size,
      ahead: drawn,
      first,
    } = await this.threads.answer('checkedSweep', { spec, most: checkedAhead, begun: begunTrials });
    if (!reading) return this.checkedStudy(caller, spec, size);
    const { files, ahead } = await this.files.check(caller, spec, drawn);
    const named = await reading;
    const datasets = { ...named.fingerprints, ...files };
    const data = distinctData(ahead);
    this.datasets.requireFitting(data, named);
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
    return { spec, size, ahead, first, datasets, kinds: named.kinds, earlier, reuse };
  }

  /** The same for a study, which has no data that is known here. */
  private async checkedStudy(caller: Caller, spec: SweepSpec, size: SweepSize) {
    const board = studyKey(spec, caller.teamId);
    const earlier = await warmStart(this.dataSource, this.threads, caller, spec, getObjective(spec), [board]);
    const datasets = Object.fromEntries(datasetNames(spec).map((name) => [name, board]));
    return { spec, size, ahead: [], first: [], datasets, kinds: {}, earlier, reuse: undefined };
  }
}
