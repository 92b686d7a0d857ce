import { Inject, Injectable } from '@nestjs/common';
import { datasetArtifactName, openArtifacts } from '@unroll/artifacts';
import { datasetKinds, type DatasetKind } from '@unroll/contracts';
import { builtIns, DatasetError, createFingerprint } from '@unroll/datasets';
import { randomUUID } from 'node:crypto';
import { createReadStream, createWriteStream } from 'node:fs';
import { access, mkdir, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { workerSettings, type WorkerSettings } from './settings';
import type { DataPlace } from './trainer/protocol';

/** Data sets on this machine, by fingerprint. Built-in ones need no file; others are fetched once. */
@Injectable()
export class DataCache {
  private readonly fetching = new Map<string, Promise<DataPlace>>();

  constructor(@Inject(workerSettings) private readonly settings: WorkerSettings) {}

  /** Where the trainer reads the data set. @throws DatasetError, ArtifactMissing */
  place(name: string, fingerprint: string): Promise<DataPlace> {
    // A registered data set never has the name of a built-in one.
    if (builtIns.some((builtIn) => builtIn.name === name)) return Promise.resolve({ builtIn: name });
    const known = this.fetching.get(fingerprint) ?? this.fetch(fingerprint);
    this.fetching.set(fingerprint, known);
    known.catch(() => this.fetching.delete(fingerprint));
    return known;
  }

  private async fetch(fingerprint: string): Promise<DataPlace> {
    const folder = join(this.settings.dataFolder, 'cache');
    for (const kind of datasetKinds) {
      const path = join(folder, `${fingerprint}.${kind}`);
      const isCached = await access(path).then(
        () => true,
        () => false,
      );
      if (isCached) return { path, kind };
    }
    await mkdir(folder, { recursive: true });
    const draft = join(folder, `.${randomUUID()}.draft`);
    try {
      const source = await openArtifacts(this.settings.artifactsUrl).get(datasetArtifactName(fingerprint));
      await pipeline(source, createWriteStream(draft, { flush: true }));
      const kind = await identifyKind(draft, fingerprint);
      if (!kind) throw new DatasetError(`the data set ${fingerprint.slice(0, 12)} was damaged in transfer`);
      const path = join(folder, `${fingerprint}.${kind}`);
      await rename(draft, path);
      return { path, kind };
    } finally {
      await rm(draft, { force: true });
    }
  }
}

/** The kind of data set for which a file has this fingerprint; undefined if there is none. */
async function identifyKind(path: string, fingerprint: string): Promise<DatasetKind | undefined> {
  const hashes = datasetKinds.map((kind) => ({ kind, hash: createFingerprint(kind) }));
  for await (const chunk of createReadStream(path) as AsyncIterable<Buffer>)
    for (const { hash } of hashes) hash.update(chunk);
  return hashes.find(({ hash }) => hash.digest('hex') === fingerprint)?.kind;
}
