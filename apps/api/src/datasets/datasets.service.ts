import { HttpStatus, Inject, Injectable } from '@nestjs/common';
import { datasetArtifactName, type ArtifactStore } from '@unroll/artifacts';
import {
  datasetName,
  suggestion,
  ValidationError,
  type DatasetKind,
  type DatasetView,
  type Page,
  type PageQuery,
  type SweepSpec,
  type TrialSpec,
} from '@unroll/contracts';
import { Dataset } from '@unroll/database';
import {
  builtInFingerprint,
  builtIns,
  builtInSize,
  datasetKindsFor,
  DatasetError,
  recordingOption,
  type BuiltIn,
} from '@unroll/datasets';
import { datasetNames } from '@unroll/search';
import { createReadStream } from 'node:fs';
import { rm } from 'node:fs/promises';
import { Readable } from 'node:stream';
import { DataSource, MoreThan } from 'typeorm';
import { artifactStore } from '../artifacts.provider';
import { fromCursor, pageOf } from '../http/cursor';
import { ProblemException } from '../http/problem';
import { fingerprintFile } from './fingerprint-file';

const isName = (value: unknown): value is string => datasetName.safeParse(value).success;

@Injectable()
export class DatasetsService {
  constructor(
    private readonly dataSource: DataSource,
    @Inject(artifactStore) private readonly store: ArtifactStore,
  ) {}

  /** Registers the file at `path`, which is removed in any case. The same bytes under the same name are no error. */
  async add(path: string | undefined, form: () => { name: string; kind: DatasetKind }): Promise<DatasetView> {
    try {
      const { name, kind } = form();
      if (path === undefined) throw new ValidationError([{ path: 'file', message: 'is missing' }]);
      if (builtIns.some((builtIn) => builtIn.name === name))
        throw new ProblemException(HttpStatus.CONFLICT, `${name} is a built-in data set: take another name`);
      const fingerprint = await fingerprintFile(path, kind);
      const bytes = await this.store.put(datasetArtifactName(fingerprint), createReadStream(path));
      await this.dataSource.query(
        `insert into datasets (name, kind, fingerprint, bytes) values ($1, $2, $3, $4) on conflict do nothing`,
        [name, kind, fingerprint, bytes],
      );
      const dataset = await this.dataSource.getRepository(Dataset).findOneByOrFail({ name });
      if (dataset.fingerprint !== fingerprint)
        throw new ProblemException(
          HttpStatus.CONFLICT,
          `${name} is already registered with other content: take another name`,
        );
      return datasetView(dataset);
    } finally {
      if (path !== undefined) await rm(path, { force: true });
    }
  }

  /** The built-in ones stand before the first page, and do not count to its limit. */
  async list({ limit, cursor }: PageQuery): Promise<Page<DatasetView>> {
    const after = fromCursor(cursor, isName);
    const rows = await this.dataSource.getRepository(Dataset).find({
      ...(after === undefined ? {} : { where: { name: MoreThan(after) } }),
      order: { name: 'ASC' },
      take: limit + 1,
    });
    const { items, nextCursor } = pageOf(rows, limit, datasetView, ({ name }) => name);
    return { items: after === undefined ? [...builtIns.map(builtInView), ...items] : items, nextCursor };
  }

  async show(name: string): Promise<DatasetView> {
    const builtIn = builtIns.find((candidate) => candidate.name === name);
    if (builtIn) return builtInView(builtIn);
    const dataset = await this.dataSource.getRepository(Dataset).findOneBy({ name });
    if (!dataset) throw new ProblemException(HttpStatus.NOT_FOUND, `no data set ${name}`);
    return datasetView(dataset);
  }

  /** The bytes of a data set, as they were registered. */
  async content(name: string): Promise<Readable> {
    const builtIn = builtIns.find((candidate) => candidate.name === name);
    if (builtIn) return Readable.from([builtIn.read()]);
    const { fingerprint } = await this.show(name);
    return this.store.get(datasetArtifactName(fingerprint!));
  }

  /** @throws ValidationError for a trial whose task cannot learn from what its data set holds */
  async requireFitting(trials: readonly TrialSpec[]): Promise<void> {
    for (const trial of trials) {
      const { kind } = await this.show(trial.dataset.name);
      const wanted = datasetKindsFor(trial.task.kind);
      if (!(wanted as readonly string[]).includes(kind))
        throw new ValidationError([
          {
            path: 'task',
            message: `${trial.task.kind} requires data of kind ${wanted.join(' or ')}, but ${trial.dataset.name} is ${kind}`,
          },
        ]);
      const misplaced = kind === 'audio' ? undefined : recordingOption(trial.dataset);
      if (misplaced)
        throw new ValidationError([
          { path: misplaced, message: `applies only to recordings, but ${trial.dataset.name} is ${kind}; leave it out` },
        ]);
      const builtIn = builtIns.find(({ name }) => name === trial.dataset.name);
      if (builtIn) requireOptions(builtIn, trial);
    }
  }

  /** The fingerprint of every data set that a sweep may draw. @throws ValidationError for one that does not exist */
  async fingerprintsFor(spec: SweepSpec): Promise<Record<string, string>> {
    const registered = await this.dataSource.getRepository(Dataset).find();
    const known = new Map([
      ...builtIns.map((builtIn) => [builtIn.name, () => builtInFingerprint(builtIn)] as const),
      ...registered.map(({ name, fingerprint }) => [name, () => fingerprint] as const),
    ]);
    return Object.fromEntries(
      datasetNames(spec).map((name) => {
        const fingerprint = known.get(name);
        if (!fingerprint)
          throw new ValidationError([
            {
              path: 'dataset',
              message: `no data set ${name}${suggestion(name, [...known.keys()]) || '; unroll dataset list shows them, unroll dataset add adds one'}`,
            },
          ]);
        return [name, fingerprint()];
      }),
    );
  }
}

/** @throws ValidationError for an option that a built-in data set has not */
function requireOptions(builtIn: BuiltIn, { dataset }: TrialSpec): void {
  try {
    builtInFingerprint(builtIn, dataset);
  } catch (error) {
    if (!(error instanceof DatasetError)) throw error;
    throw new ValidationError([{ path: 'dataset', message: error.message }]);
  }
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
    bytes: builtInSize(builtIn),
    fingerprint: builtInFingerprint(builtIn),
    createdAt: null,
  };
}
