import { HttpStatus, Inject, Injectable } from '@nestjs/common';
import { datasetArtifactName, type ArtifactStore } from '@unroll/artifacts';
import {
  datasetName,
  misplacedOption,
  namedFile,
  suggestion,
  tasks,
  ValidationError,
  type DatasetKind,
  type DatasetView,
  type Page,
  type PageQuery,
  type RegisteredKind,
  type SweepSpec,
  type TrialSpec,
} from '@unroll/contracts';
import { Dataset, deleteDataset, passedStorage } from '@unroll/database';
import { builtIns, type BuiltIn, type Look } from '@unroll/datasets';
import { datasetNames } from '@unroll/search';
import { createReadStream, createWriteStream } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { DataSource, In, MoreThan } from 'typeorm';
import type { Caller } from '../access/caller';
import { artifactStore } from '../artifacts/artifacts.provider';
import { fromCursor, toPage } from '../http/cursor';
import { ProblemException } from '../http/problem';
import { SearchThreads } from '../search/search-threads';
import type { DataPlace, TrialData, TrialLook } from '../search/data-looks';
import { UploadChecks } from './fingerprint-file';
import { identify } from '../search/trial-fingerprint';
import { refusedByQuota } from './storage-quota';
import { temporaryFolder } from './temporary-folder';

const isName = (value: unknown): value is string => datasetName.safeParse(value).success;

/** Combinations of data and task that a plan reads, and bytes of a data set that it fetches for that. */
const mostRead = 4;
const mostLookedAt = 64 * 2 ** 20;
/** Steps of a data set that are generated for that: more take longer than a plan should. */
const mostGenerated = 300_000;

const summaryOf = (look: Look | undefined): string =>
  JSON.stringify(look ? [...look.facts, ...look.warnings.map((warning) => `warning: ${warning}`)] : []);

/** The data sets that a sweep names, by name. */
export interface NamedData {
  kinds: Record<string, string>;
  fingerprints: Record<string, string>;
}

@Injectable()
export class DatasetsService {
  private readonly checks = new UploadChecks();

  constructor(
    private readonly dataSource: DataSource,
    @Inject(artifactStore) private readonly store: ArtifactStore,
    private readonly threads: SearchThreads,
    @Inject(temporaryFolder) private readonly temporary: string,
  ) {}

  /** Registers the file at `path`, and removes it in any case. Registering the same bytes under the same name again is no error. */
  async add(
    caller: Caller,
    path: string | undefined,
    form: () => { name: string; kind: RegisteredKind },
  ): Promise<DatasetView> {
    try {
      const { name, kind } = form();
      if (path === undefined) throw new ValidationError([{ path: 'file', message: 'is missing' }]);
      if (builtIns.some((builtIn) => builtIn.name === name))
        throw new ProblemException(HttpStatus.CONFLICT, `${name} is a built-in data set: choose another name`);
      const fingerprint = await this.checks.fingerprint(path, kind);
      await this.requireFree(caller, name, fingerprint);
      const look = await this.threads.read('lookAt', { path, kind });
      const bytes = await this.store.put(datasetArtifactName(fingerprint), createReadStream(path));
      await this.register(caller, { name, kind, fingerprint, bytes, summary: summaryOf(look) });
      const dataset = await this.requireFree(caller, name, fingerprint);
      // A data set with the same content may have been deleted meanwhile.
      await this.store.put(datasetArtifactName(fingerprint), createReadStream(path));
      return datasetView(dataset!);
    } finally {
      if (path !== undefined) await rm(path, { force: true });
    }
  }

  /** Adds the row of a data set whose content is stored, unless a quota has no room: what came in meanwhile counts too. */
  private async register(
    caller: Caller,
    {
      name,
      kind,
      fingerprint,
      bytes,
      summary,
    }: Pick<Dataset, 'name' | 'kind' | 'fingerprint' | 'bytes'> & { summary: string },
  ): Promise<void> {
    const passed = await this.dataSource.transaction(async (manager) => {
      const found = await passedStorage(manager, caller, bytes, { fingerprint, lock: true });
      if (found) return found;
      await manager.query(
        `insert into datasets (team_id, name, kind, fingerprint, bytes, summary, owner) values ($6, $1, $2, $3, $4, $5, $7)
         on conflict do nothing`,
        [name, kind, fingerprint, bytes, summary, caller.teamId, caller.member],
      );
      return undefined;
    });
    if (!passed) return;
    await this.removeContent(fingerprint);
    throw refusedByQuota(caller, passed, bytes);
  }

  /** Removes a content that no data set has. */
  private async removeContent(fingerprint: string): Promise<void> {
    const others = await this.dataSource.getRepository(Dataset).countBy({ fingerprint });
    if (others === 0) await this.store.remove(datasetArtifactName(fingerprint));
  }

  /** The data set of this name, if any. @throws ProblemException (409) if it has other content */
  private async requireFree(caller: Caller, name: string, fingerprint: string): Promise<Dataset | null> {
    const dataset = await this.dataSource.getRepository(Dataset).findOneBy({ teamId: caller.teamId, name });
    if (dataset && dataset.fingerprint !== fingerprint)
      throw new ProblemException(
        HttpStatus.CONFLICT,
        `${name} is already registered with different content: choose another name`,
      );
    return dataset;
  }

  /**
   * Deletes a registered data set, and its content unless another has the same. Trials that were trained on it stay.
   * @throws ProblemException (409) while a sweep that has not ended uses it
   */
  async remove(caller: Caller, name: string): Promise<void> {
    const { builtIn, fingerprint } = await this.show(caller, name);
    if (builtIn) throw new ProblemException(HttpStatus.CONFLICT, `${name} is built in: it takes no space`);
    const [using] = await deleteDataset(this.dataSource, caller.teamId, name);
    if (using)
      throw new ProblemException(
        HttpStatus.CONFLICT,
        `${name} is used by sweep ${using.id}, which is ${using.state}: cancel it, or wait for its end`,
      );
    await this.removeContent(fingerprint!);
  }

  /** Built-in data sets precede the first page, and do not count towards its limit. */
  async list(caller: Caller, { limit, cursor }: PageQuery): Promise<Page<DatasetView>> {
    const after = fromCursor(cursor, isName);
    const rows = await this.dataSource.getRepository(Dataset).find({
      where: { teamId: caller.teamId, ...(after === undefined ? {} : { name: MoreThan(after) }) },
      order: { name: 'ASC' },
      take: limit + 1,
    });
    const { items, nextCursor } = toPage(rows, limit, datasetView, ({ name }) => name);
    return { items: after === undefined ? [...builtIns.map(builtInView), ...items] : items, nextCursor };
  }

  async show(caller: Caller, name: string): Promise<DatasetView> {
    const builtIn = builtIns.find((candidate) => candidate.name === name);
    if (builtIn) return builtInView(builtIn);
    const dataset = await this.dataSource.getRepository(Dataset).findOneBy({ teamId: caller.teamId, name });
    if (!dataset) throw new ProblemException(HttpStatus.NOT_FOUND, `no data set ${name}`);
    return datasetView(dataset);
  }

  /** The bytes of a data set as registered. */
  async content(caller: Caller, name: string): Promise<Readable> {
    const builtIn = builtIns.find((candidate) => candidate.name === name);
    if (builtIn) return Readable.from([await this.threads.background('readBuiltIn', { name })]);
    const { fingerprint } = await this.show(caller, name);
    return this.store.get(datasetArtifactName(fingerprint!));
  }

  /** @throws ValidationError for a trial whose task does not fit its data set */
  requireFitting(trials: readonly TrialSpec[], { kinds }: NamedData): void {
    for (const trial of trials) {
      const kind = kinds[trial.dataset.name]!;
      const wanted = tasks[trial.task.kind].datasets;
      if (!(wanted as readonly string[]).includes(kind))
        throw new ValidationError([
          {
            path: 'task',
            message: `${trial.task.kind} requires data of kind ${wanted.join(' or ')}, but ${trial.dataset.name} is ${kind}`,
          },
        ]);
      const misplaced = misplacedOption(trial.dataset, kind);
      if (misplaced)
        throw new ValidationError([
          {
            path: misplaced.path,
            message: `is for data of the kind ${misplaced.kind}, but ${trial.dataset.name} is ${kind}; leave it out`,
          },
        ]);
      const builtIn = builtIns.find(({ name }) => name === trial.dataset.name);
      if (builtIn) identify(builtIn, trial.dataset);
    }
  }

  /** What trials make of their data. @throws ValidationError if every one of them would fail */
  async read(caller: Caller, trials: readonly TrialSpec[], fingerprints: Record<string, string>): Promise<TrialLook> {
    const folder = await mkdtemp(join(this.temporary, 'look-'));
    const places = new Map<string, DataPlace>();
    try {
      const wanted: TrialData[] = [];
      // A trial that starts from a model reads its data as that model did.
      const own = trials.filter(({ training: { initFrom } }) => !initFrom || initFrom.embedding !== undefined);
      for (const { dataset, task, model, training } of own.slice(0, mostRead)) {
        const builtIn = builtIns.find(({ name }) => name === dataset.name);
        if (builtIn && builtIn.steps(dataset) > mostGenerated) continue;
        const place =
          places.get(dataset.name) ?? (await this.place(caller, dataset.name, fingerprints[dataset.name]!, folder));
        if (!place) continue;
        places.set(dataset.name, place);
        const named = namedFile({ task, training }, 'task.tokenizer');
        const tokenizer = named && (await this.place(caller, named.name, fingerprints[named.name]!, folder));
        const spec = { dataset, task, model, training };
        wanted.push({ spec, place, tokenizer: tokenizer && 'path' in tokenizer ? tokenizer.path : undefined });
      }
      const unread = {
        ...{ facts: [], steps: [] },
        warnings: ['the data are too large to be read here: what trials make of them is not known'],
      };
      return wanted.length === 0
        ? { facts: [], warnings: [], steps: [] }
        : ((await this.threads.read('readForTrials', wanted)) ?? unread);
    } finally {
      await rm(folder, { recursive: true, force: true });
    }
  }

  /** A data set where a thread can read it; undefined for one that is too large. */
  private async place(
    caller: Caller,
    name: string,
    fingerprint: string,
    folder: string,
  ): Promise<DataPlace | undefined> {
    if (builtIns.some((builtIn) => builtIn.name === name)) return { builtIn: name };
    const { kind, bytes } = await this.show(caller, name);
    if (bytes === null || bytes > mostLookedAt) return undefined;
    const path = join(folder, fingerprint);
    await pipeline(await this.store.get(datasetArtifactName(fingerprint)), createWriteStream(path));
    return { path, kind: kind as DatasetKind };
  }

  /** The data sets in a sweep's space. @throws ValidationError for one that does not exist */
  async named(caller: Caller, spec: SweepSpec): Promise<NamedData> {
    const names = datasetNames(spec);
    const { teamId } = caller;
    const repository = this.dataSource.getRepository(Dataset);
    const known = new Map<string, { kind: string; fingerprint: string }>();
    for (const { name, kind, fingerprint } of await repository.findBy({ teamId, name: In(names) }))
      known.set(name, { kind, fingerprint });
    for (const builtIn of builtIns.filter(({ name }) => names.includes(name)))
      known.set(builtIn.name, { kind: builtIn.kind, fingerprint: builtIn.identify() });
    const unknown = names.find((name) => !known.has(name));
    if (unknown !== undefined) {
      const registered = await repository.find({ where: { teamId }, select: { name: true } });
      throw unknownDataset(
        unknown,
        [...builtIns, ...registered].map(({ name }) => name),
      );
    }
    const of = <Value>(value: (name: string) => Value): Record<string, Value> =>
      Object.fromEntries(names.map((name) => [name, value(name)]));
    return { kinds: of((name) => known.get(name)!.kind), fingerprints: of((name) => known.get(name)!.fingerprint) };
  }
}

/** Those of these data sets that are not built in. */
export const registeredOf = (names: readonly string[]): string[] =>
  names.filter((name) => !builtIns.some((builtIn) => builtIn.name === name));

export function unknownDataset(name: string, known: readonly string[]): ValidationError {
  const advice = suggestion(name, known) || '; list them with unroll dataset list, add one with unroll dataset add';
  return new ValidationError([{ path: 'dataset', message: `no data set ${name}${advice}` }]);
}

function datasetView({ name, kind, fingerprint, bytes, createdAt, summary }: Dataset): DatasetView {
  return { name, kind, builtIn: false, bytes, fingerprint, createdAt: createdAt.toISOString(), summary };
}

function builtInView(builtIn: BuiltIn): DatasetView {
  const { name, kind } = builtIn;
  return {
    name,
    kind,
    builtIn: true,
    bytes: builtIn.size(),
    fingerprint: builtIn.identify(),
    createdAt: null,
    summary: [builtIn.description],
  };
}
