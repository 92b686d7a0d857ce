import { HttpStatus, Inject, Injectable } from '@nestjs/common';
import { datasetArtifactName, type ArtifactStore } from '@unroll/artifacts';
import {
  datasetName,
  misplacedOption,
  suggestion,
  tasks,
  ValidationError,
  type DatasetKind,
  type DatasetView,
  type Page,
  type PageQuery,
  type SweepSpec,
  type TrialSpec,
} from '@unroll/contracts';
import { Dataset } from '@unroll/database';
import { builtIns, type BuiltIn } from '@unroll/datasets';
import { datasetNames } from '@unroll/search';
import { createReadStream } from 'node:fs';
import { rm } from 'node:fs/promises';
import { Readable } from 'node:stream';
import { DataSource, MoreThan } from 'typeorm';
import { artifactStore } from '../artifacts/artifacts.provider';
import { fromCursor, toPage } from '../http/cursor';
import { ProblemException } from '../http/problem';
import { SearchThreads } from '../search/search-threads';
import { Turns } from '../threads/turns';
import { fingerprintFile } from './fingerprint-file';
import { identify } from './trial-fingerprint';

const isName = (value: unknown): value is string => datasetName.safeParse(value).success;

@Injectable()
export class DatasetsService {
  /** One upload is checked at a time: a check holds a whole recording in memory. */
  private readonly checks = new Turns();

  constructor(
    private readonly dataSource: DataSource,
    @Inject(artifactStore) private readonly store: ArtifactStore,
    private readonly threads: SearchThreads,
  ) {}

  /** Registers the file at `path`, and removes it in any case. Registering the same bytes under the same name again is no error. */
  async add(path: string | undefined, form: () => { name: string; kind: DatasetKind }): Promise<DatasetView> {
    try {
      const { name, kind } = form();
      if (path === undefined) throw new ValidationError([{ path: 'file', message: 'is missing' }]);
      if (builtIns.some((builtIn) => builtIn.name === name))
        throw new ProblemException(HttpStatus.CONFLICT, `${name} is a built-in data set: choose another name`);
      const fingerprint = await this.checks.take(() => fingerprintFile(path, kind));
      const bytes = await this.store.put(datasetArtifactName(fingerprint), createReadStream(path));
      await this.dataSource.query(
        `insert into datasets (name, kind, fingerprint, bytes) values ($1, $2, $3, $4) on conflict do nothing`,
        [name, kind, fingerprint, bytes],
      );
      const dataset = await this.dataSource.getRepository(Dataset).findOneByOrFail({ name });
      if (dataset.fingerprint !== fingerprint)
        throw new ProblemException(
          HttpStatus.CONFLICT,
          `${name} is already registered with different content: choose another name`,
        );
      return datasetView(dataset);
    } finally {
      if (path !== undefined) await rm(path, { force: true });
    }
  }

  /** Built-in data sets precede the first page, and do not count towards its limit. */
  async list({ limit, cursor }: PageQuery): Promise<Page<DatasetView>> {
    const after = fromCursor(cursor, isName);
    const rows = await this.dataSource.getRepository(Dataset).find({
      ...(after === undefined ? {} : { where: { name: MoreThan(after) } }),
      order: { name: 'ASC' },
      take: limit + 1,
    });
    const { items, nextCursor } = toPage(rows, limit, datasetView, ({ name }) => name);
    return { items: after === undefined ? [...builtIns.map(builtInView), ...items] : items, nextCursor };
  }

  async show(name: string): Promise<DatasetView> {
    const builtIn = builtIns.find((candidate) => candidate.name === name);
    if (builtIn) return builtInView(builtIn);
    const dataset = await this.dataSource.getRepository(Dataset).findOneBy({ name });
    if (!dataset) throw new ProblemException(HttpStatus.NOT_FOUND, `no data set ${name}`);
    return datasetView(dataset);
  }

  /** The bytes of a data set as registered. */
  async content(name: string): Promise<Readable> {
    const builtIn = builtIns.find((candidate) => candidate.name === name);
    if (builtIn) return Readable.from([await this.threads.background('readBuiltIn', { name })]);
    const { fingerprint } = await this.show(name);
    return this.store.get(datasetArtifactName(fingerprint!));
  }

  /** @throws ValidationError for a trial whose task does not fit its data set */
  async requireFitting(trials: readonly TrialSpec[]): Promise<void> {
    for (const trial of trials) {
      const { kind } = await this.show(trial.dataset.name);
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

  /** The fingerprint of every data set in a sweep's space. @throws ValidationError for one that does not exist */
  async fingerprintsFor(spec: SweepSpec): Promise<Record<string, string>> {
    const registered = await this.dataSource.getRepository(Dataset).find();
    const known = new Map([
      ...builtIns.map((builtIn) => [builtIn.name, () => builtIn.identify()] as const),
      ...registered.map(({ name, fingerprint }) => [name, () => fingerprint] as const),
    ]);
    return Object.fromEntries(
      datasetNames(spec).map((name) => {
        const fingerprint = known.get(name);
        if (!fingerprint) throw unknownDataset(name, [...known.keys()]);
        return [name, fingerprint()];
      }),
    );
  }
}

function unknownDataset(name: string, known: readonly string[]): ValidationError {
  const advice = suggestion(name, known) || '; list them with unroll dataset list, add one with unroll dataset add';
  return new ValidationError([{ path: 'dataset', message: `no data set ${name}${advice}` }]);
}

function datasetView({ name, kind, fingerprint, bytes, createdAt }: Dataset): DatasetView {
  return { name, kind, builtIn: false, bytes, fingerprint, createdAt: createdAt.toISOString() };
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
  };
}
