import { Inject, Injectable } from '@nestjs/common';
import { datasetArtifactName, openArtifacts } from '@unroll/artifacts';
import { builtInFingerprint, builtIns, DatasetError, fingerprintOf } from '@unroll/datasets';
import { randomUUID } from 'node:crypto';
import { createReadStream, createWriteStream } from 'node:fs';
import { access, mkdir, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { workerSettings, type WorkerSettings } from './settings';
import type { DataPlace } from './trainer/protocol';

/** Data sets on this machine, by fingerprint: built-in ones need no bytes, others are fetched once. */
@Injectable()
export class DataCache {
  private readonly fetching = new Map<string, Promise<DataPlace>>();

  constructor(@Inject(workerSettings) private readonly settings: WorkerSettings) {}

  /** Where a trainer finds the data set. @throws DatasetError, ArtifactMissing */
  place(fingerprint: string): Promise<DataPlace> {
    const builtIn = builtIns.find((candidate) => builtInFingerprint(candidate) === fingerprint);
    if (builtIn) return Promise.resolve({ builtIn: builtIn.name });
    const known = this.fetching.get(fingerprint) ?? this.fetch(fingerprint);
    this.fetching.set(fingerprint, known);
    known.catch(() => this.fetching.delete(fingerprint));
    return known;
  }

  private async fetch(fingerprint: string): Promise<DataPlace> {
    const folder = join(this.settings.dataFolder, 'cache');
    const path = join(folder, fingerprint);
    const here = await access(path).then(
      () => true,
      () => false,
    );
    if (here) return { path };
    await mkdir(folder, { recursive: true });
    const draft = join(folder, `.${randomUUID()}.draft`);
    try {
      const source = await openArtifacts(this.settings.artifactsUrl).get(datasetArtifactName(fingerprint));
      await pipeline(source, createWriteStream(draft, { flush: true }));
      const hash = fingerprintOf('text');
      await pipeline(createReadStream(draft), hash);
      if (hash.digest('hex') !== fingerprint)
        throw new DatasetError(`the data set ${fingerprint.slice(0, 12)} was damaged on its way`);
      await rename(draft, path);
    } finally {
      await rm(draft, { force: true });
    }
    return { path };
  }
}
