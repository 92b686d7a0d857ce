import { HttpStatus, Inject, Injectable, StreamableFile } from '@nestjs/common';
import type { ArtifactStore } from '@unroll/artifacts';
import {
  toMeasure,
  type AttemptView,
  type DiagnosticsView,
  type MetricSeries,
  type MetricsQuery,
  type Page,
  type Samples,
  type TrialDetails,
  type TrialsQuery,
  type TrialView,
} from '@unroll/contracts';
import {
  Attempt,
  ConfigurationDetailsRow,
  parameterChanges,
  pinnedOf,
  DiagnosticsRow,
  findId,
  MetricChunk,
  SnapshotsRow,
  retryTrial,
  SampleRow,
  Trial,
  TrialDetailsRow,
  type ParameterChange,
} from '@unroll/database';
import { DataSource, In, MoreThan } from 'typeorm';
import type { Caller } from '../access/caller';
import { artifactStore } from '../artifacts/artifacts.provider';
import { downsample } from '../boards/downsample';
import { fromCursor, isCount, toPage } from '../http/cursor';
import { ProblemException } from '../http/problem';
import { spentBudget } from './spent-budget';
import { SchedulerService } from '../scheduler/scheduler.service';

@Injectable()
export class TrialsService {
  constructor(
    private readonly dataSource: DataSource,
    private readonly scheduler: SchedulerService,
    @Inject(artifactStore) private readonly store: ArtifactStore,
  ) {}

  async ofSweep(caller: Caller, sweep: string, { limit, cursor, state }: TrialsQuery): Promise<Page<TrialView>> {
    const sweepId = await findId(this.dataSource, caller.teamId, 'sweeps', sweep);
    const after = fromCursor(cursor, isCount) ?? -1;
    const rows = await this.dataSource.getRepository(Trial).find({
      where: { sweepId, number: MoreThan(after), ...(state ? { state } : {}) },
      order: { number: 'ASC' },
      take: limit + 1,
    });
    const views = await this.views(rows);
    return toPage(
      rows,
      limit,
      (trial) => views.get(trial.id)!,
      ({ number }) => number,
    );
  }

  async show(caller: Caller, prefix: string): Promise<TrialView> {
    const trial = await this.find(caller, prefix);
    return (await this.views([trial])).get(trial.id)!;
  }

  /** Makes a failed or cancelled trial pending again. A pending or running trial is left alone. */
  async retry(caller: Caller, prefix: string): Promise<TrialView> {
    const id = await findId(this.dataSource, caller.teamId, 'trials', prefix);
    const before = await retryTrial(this.dataSource, id);
    if (before?.sweep === 'cancelled')
      throw new ProblemException(HttpStatus.CONFLICT, 'the sweep is cancelled: submit it again to retry its trials');
    if (before?.spent !== undefined) throw spentBudget(before.spent);
    if (!before || !['failed', 'cancelled', 'pending', 'running'].includes(before.trial))
      throw new ProblemException(
        HttpStatus.CONFLICT,
        `the trial is ${before?.trial ?? 'deleted'}: only a failed or cancelled trial can be retried; this one would give the same result`,
      );
    this.scheduler.wake();
    return this.show(caller, id);
  }

  /** Changes its note or its tags. */
  async describe(caller: Caller, prefix: string, { note, tags }: TrialDetails): Promise<TrialView> {
    const trialId = await findId(this.dataSource, caller.teamId, 'trials', prefix);
    await this.dataSource.query(
      `insert into trial_details (trial_id, note, tags) values ($1, coalesce($2, ''), coalesce($3::text[], '{}'))
       on conflict (trial_id) do update set note = coalesce($2, trial_details.note), tags = coalesce($3, trial_details.tags)`,
      [trialId, note ?? null, tags ?? null],
    );
    return this.show(caller, trialId);
  }

  /** Changes the note or the tags of its configuration. */
  async describeConfiguration(caller: Caller, prefix: string, { note, tags }: TrialDetails): Promise<TrialView> {
    const { id, sweepId, configuration } = await this.find(caller, prefix);
    await this.dataSource.query(
      `insert into configuration_details as own (sweep_id, configuration, note, tags)
       values ($1, $2, coalesce($3, ''), coalesce($4::text[], '{}'))
       on conflict (sweep_id, configuration) do update set note = coalesce($3, own.note), tags = coalesce($4, own.tags)`,
      [sweepId, configuration, note ?? null, tags ?? null],
    );
    return this.show(caller, id);
  }

  /** Curves of a trial, downsampled to `maxPoints` each. Non-finite values are null. */
  async metrics(
    caller: Caller,
    prefix: string,
    { name, maxPoints }: MetricsQuery,
  ): Promise<{ trialId: string; series: MetricSeries[] }> {
    const trialId = await findId(this.dataSource, caller.teamId, 'trials', prefix);
    const chunks = await this.dataSource.getRepository(MetricChunk).find({
      where: { trialId, ...(name === undefined ? {} : { name }) },
      order: { name: 'ASC', firstUpdate: 'ASC' },
    });
    const names = [...new Set(chunks.map((chunk) => chunk.name))];
    const series = names.map((each) => {
      const own = chunks.filter((chunk) => chunk.name === each);
      const updates = own.flatMap((chunk) => chunk.updates);
      const values = own.flatMap((chunk) => chunk.values);
      const kept = downsample(updates, values, maxPoints);
      return {
        name: each,
        updates: kept.map((index) => updates[index]!),
        values: kept.map((index) => (Number.isFinite(values[index]) ? values[index]! : null)),
      };
    });
    return { trialId, series };
  }

  /** Diagnostics of a trial's reports, and the snapshots taken at its end. */
  async diagnostics(caller: Caller, prefix: string): Promise<DiagnosticsView> {
    const trialId = await findId(this.dataSource, caller.teamId, 'trials', prefix);
    const rows = await this.dataSource
      .getRepository(DiagnosticsRow)
      .find({ where: { trialId }, order: { update: 'ASC' } });
    const snapshots = await this.dataSource.getRepository(SnapshotsRow).findOneBy({ trialId });
    const reports = rows.map(({ update, figures }) => ({ update, ...figures }));
    return { trialId, reports, snapshots: snapshots?.content ?? null };
  }

  /** Samples that the network wrote at reports. */
  async samples(caller: Caller, prefix: string): Promise<Samples> {
    const trialId = await findId(this.dataSource, caller.teamId, 'trials', prefix);
    const rows = await this.dataSource.getRepository(SampleRow).find({ where: { trialId }, order: { update: 'ASC' } });
    return { trialId, items: rows.map(({ update, content }) => ({ update, text: content })) };
  }

  async attempts(caller: Caller, prefix: string): Promise<Page<AttemptView>> {
    const trialId = await findId(this.dataSource, caller.teamId, 'trials', prefix);
    const rows = await this.dataSource.getRepository(Attempt).find({ where: { trialId }, order: { startedAt: 'ASC' } });
    return {
      items: rows.map(({ id, state, workerId, host, engine, groupId, lanes, startedAt, finishedAt, ...rest }) => {
        const times = { startedAt: startedAt.toISOString(), finishedAt: finishedAt?.toISOString() ?? null };
        const { resumedFrom, message, log } = rest;
        return { id, state, workerId, host, engine, groupId, lanes, ...times, resumedFrom, message, log };
      }),
      nextCursor: null,
    };
  }

  /** The trained model, as a safetensors file with PyTorch's names. */
  async model(caller: Caller, prefix: string): Promise<StreamableFile> {
    const { id, model, state } = await this.find(caller, prefix);
    if (model === null) throw new ProblemException(HttpStatus.NOT_FOUND, `trial ${id} is ${state} and has no model`);
    return new StreamableFile(await this.store.get(model), {
      disposition: `attachment; filename="${id}.safetensors"`,
    });
  }

  /** Views of trials of one sweep, by id. */
  private async views(trials: readonly Trial[]): Promise<Map<string, TrialView>> {
    const changed = trials.filter(({ drawn }) => drawn !== null);
    const changes =
      changed.length === 0
        ? []
        : await parameterChanges(
            this.dataSource,
            changed[0]!.sweepId,
            changed.map(({ configuration }) => configuration),
          );
    const written = await this.dataSource
      .getRepository(TrialDetailsRow)
      .findBy({ trialId: In(trials.map(({ id }) => id)) });
    const words = new Map(written.map((row) => [row.trialId, row]));
    const shared = await this.dataSource
      .getRepository(ConfigurationDetailsRow)
      .findBy({ sweepId: trials[0]?.sweepId ?? '', configuration: In(trials.map((trial) => trial.configuration)) });
    const configurations = new Map(shared.map((row) => [row.configuration, row]));
    const pinned = trials[0] ? await pinnedOf(this.dataSource, trials[0].sweepId) : new Set<number>();
    return new Map(
      trials.map((trial) => [
        trial.id,
        {
          ...trialView(trial, changes, words.get(trial.id)),
          configurationNote: configurations.get(trial.configuration)?.note ?? '',
          configurationTags: configurations.get(trial.configuration)?.tags ?? [],
          pinned: pinned.has(trial.configuration),
        },
      ]),
    );
  }

  private async find(caller: Caller, prefix: string): Promise<Trial> {
    const id = await findId(this.dataSource, caller.teamId, 'trials', prefix);
    return this.dataSource.getRepository(Trial).findOneByOrFail({ id });
  }
}

function trialView(
  trial: Trial,
  changes: readonly ParameterChange[],
  words: TrialDetailsRow | undefined,
): Omit<TrialView, 'pinned' | 'configurationNote' | 'configurationTags'> {
  const own = changes.filter(({ configuration }) => configuration === trial.configuration);
  const later = own.map(({ update, source, parameters: changed }) => ({ update, source, parameters: changed }));
  const schedule = trial.drawn === null ? [] : [{ update: 0, source: null, parameters: trial.drawn }, ...later];
  const { id, sweepId, state, configuration, seed, parameters, spec, value, metrics, updates, seconds, engine, lanes } =
    trial;
  const { validationSeconds, datasetFingerprint, reusedFrom, message, sample, createdAt, startedAt, finishedAt } =
    trial;
  return {
    ...{ id, sweepId, state, configuration, seed, parameters, metrics, updates, seconds, engine, lanes },
    ...{ validationSeconds, datasetFingerprint, reusedFrom, message, sample, schedule },
    value: value === null ? null : toMeasure(value),
    spec: { ...spec },
    note: words?.note ?? '',
    tags: words?.tags ?? [],
    createdAt: createdAt.toISOString(),
    startedAt: startedAt?.toISOString() ?? null,
    finishedAt: finishedAt?.toISOString() ?? null,
  };
}
