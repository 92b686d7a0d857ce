import { Inject, Injectable, Logger } from '@nestjs/common';
import { datasetArtifactName, openArtifacts } from '@unroll/artifacts';
import {
  datasetKinds,
  namedFiles,
  registeredKinds,
  type DatasetKind,
  type RegisteredKind,
  type TrialSpec,
} from '@unroll/contracts';
import { builtIns, DatasetError, createFingerprint } from '@unroll/datasets';
import { randomUUID } from 'node:crypto';
import { createReadStream, createWriteStream } from 'node:fs';
import { mkdir, readdir, rename, rm, stat, utimes } from 'node:fs/promises';
import { join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { workerSettings, type WorkerSettings } from './settings';
import type { DataPlace, FetchedFiles } from './trainer/protocol';

/** Milliseconds between two marks of a file in use. */
const markMilliseconds = 60_000;

const isOfData = (kind: RegisteredKind): kind is DatasetKind => datasetKinds.some((each) => each === kind);

interface DataFile {
  path: string;
  kind: RegisteredKind;
}

interface Cached {
  path: string;
  bytes: number;
  /** When it was last in use, in milliseconds of the file system's clock. */
  used: number;
}

/**
 * Data sets on this machine, by fingerprint. Built-in ones need no file. Others are fetched once, and kept until more recent ones need
 * their space.
 *
 * Workers may share the folder. A file in use is marked as used every minute, and one that was used a moment ago is never removed: a worker
 * that is too slow to mark its files has lost its leases long before. A mark is the change time of the file, which the file system sets by
 * its own clock, so that the clocks of machines do not matter.
 */
@Injectable()
export class DataCache {
  private readonly logger = new Logger(DataCache.name);
  private readonly folder: string;
  private readonly fetching = new Map<string, Promise<DataFile>>();
  /** The files in use, by who uses them. */
  private readonly held = new Map<object, string[]>();
  private marking: NodeJS.Timeout | undefined;
  /** The kinds of the files that were found here, which follow from their fingerprints. */
  private readonly kinds = new Map<string, RegisteredKind>();

  constructor(@Inject(workerSettings) private readonly settings: WorkerSettings) {
    this.folder = join(settings.dataFolder, 'cache');
  }

  /** Where a data set can be read until `user` releases it, or holds another. @throws DatasetError, ArtifactMissing */
  async hold(user: object, name: string, fingerprint: string): Promise<DataPlace> {
    this.release(user);
    // A registered data set never has the name of a built-in one.
    if (builtIns.some((builtIn) => builtIn.name === name)) return { builtIn: name };
    const { path, kind } = await this.open(user, fingerprint);
    if (!isOfData(kind)) throw new DatasetError(`${name} is no data, but of the kind ${kind}`);
    return { path, kind };
  }

  /**
   * The paths of the other files that a trial names, until `user` releases what it holds, or holds another data set.
   * @throws DatasetError, also for a file that is named without its fingerprint; ArtifactMissing
   */
  async holdNamed(user: object, spec: Pick<TrialSpec, 'task' | 'training'>): Promise<FetchedFiles> {
    const files: FetchedFiles = {};
    for (const { option, name, fingerprint } of namedFiles(spec)) {
      if (fingerprint === undefined) throw unidentified(option, name);
      files[option] = (await this.open(user, fingerprint)).path;
    }
    return files;
  }

  private async open(user: object, fingerprint: string): Promise<DataFile> {
    const place = (await this.find(fingerprint)) ?? (await this.fetchOnce(fingerprint));
    this.held.set(user, [...(this.held.get(user) ?? []), place.path]);
    this.marking ??= setInterval(() => void this.markHeld(), markMilliseconds).unref();
    return place;
  }

  /** Does nothing if nothing is held. */
  release(user: object): void {
    this.held.delete(user);
    if (this.held.size > 0) return;
    clearInterval(this.marking);
    this.marking = undefined;
  }

  private async markHeld(): Promise<void> {
    await Promise.all([...new Set([...this.held.values()].flat())].map((path) => mark(path)));
  }

  /** The data set if it is here; marked as used. */
  private async find(fingerprint: string): Promise<DataFile | undefined> {
    const known = this.kinds.get(fingerprint);
    for (const kind of known ? [known] : registeredKinds) {
      const path = this.path(fingerprint, kind);
      if (!(await mark(path))) continue;
      this.kinds.set(fingerprint, kind);
      return { path, kind };
    }
    this.kinds.delete(fingerprint);
    return undefined;
  }

  private fetchOnce(fingerprint: string): Promise<DataFile> {
    const known = this.fetching.get(fingerprint);
    if (known) return known;
    const fetching = this.fetchWithSpace(fingerprint).finally(() => this.fetching.delete(fingerprint));
    this.fetching.set(fingerprint, fetching);
    return fetching;
  }

  /** Fetches a data set. What has not been used for longest makes room for it; all of it if the disk is full before the cache is. */
  private async fetchWithSpace(fingerprint: string): Promise<DataFile> {
    const place = await this.fetch(fingerprint).catch(async (error: NodeJS.ErrnoException) => {
      if (error.code !== 'ENOSPC' || (await this.trim(0)) === 0) throw error;
      return this.fetch(fingerprint);
    });
    await this.trim(this.settings.cache.bytes, place.path);
    return place;
  }

  private async fetch(fingerprint: string): Promise<DataFile> {
    await mkdir(this.folder, { recursive: true });
    const draft = join(this.folder, `.${randomUUID()}.draft`);
    try {
      const source = await openArtifacts(this.settings.artifactsUrl).get(datasetArtifactName(fingerprint));
      await pipeline(source, createWriteStream(draft, { flush: true }));
      const kind = await identifyKind(draft, fingerprint);
      if (!kind) throw new DatasetError(`the data set ${fingerprint.slice(0, 12)} was damaged in transfer`);
      const path = this.path(fingerprint, kind);
      await rename(draft, path);
      return { path, kind };
    } finally {
      await rm(draft, { force: true });
    }
  }

  private path(fingerprint: string, kind: RegisteredKind): string {
    return join(this.folder, `${fingerprint}.${kind}`);
  }

  /**
   * Removes the files that have not been used for longest until the rest has at most `most` bytes, and drafts that a process left when it
   * was killed. Returns how many it removed. A fetch has just changed the folder, so that its change time is now.
   */
  private async trim(most: number, kept?: string): Promise<number> {
    const before = (await stat(this.folder)).ctimeMs - this.settings.cache.restSeconds * 1000;
    const files = await this.list();
    const held = new Set([...[...this.held.values()].flat(), kept]);
    let bytes = files.reduce((sum, file) => sum + file.bytes, 0);
    let removed = 0;
    for (const { path, bytes: own, used } of files) {
      if (used > before || held.has(path) || (bytes <= most && !path.endsWith('.draft'))) continue;
      await rm(path, { force: true });
      this.logger.debug(`removed ${path} from the cache: ${own} bytes`);
      bytes -= own;
      removed += 1;
    }
    return removed;
  }

  /** The files of the cache, the one that was used least recently first. */
  private async list(): Promise<Cached[]> {
    const names = await readdir(this.folder);
    const files = names.map(async (name): Promise<Cached[]> => {
      const path = join(this.folder, name);
      // Another worker may have removed it.
      const found = await stat(path).catch(() => undefined);
      return found?.isFile() ? [{ path, bytes: found.size, used: found.ctimeMs }] : [];
    });
    return (await Promise.all(files)).flat().sort((a, b) => a.used - b.used);
  }
}

const unidentified = (option: string, name: string): DatasetError =>
  new DatasetError(`${option}: the trial does not give the fingerprint of ${name}; submit its sweep again`);

/** Marks a file as used now; false if there is none. */
async function mark(path: string): Promise<boolean> {
  const now = new Date();
  // One that this process may not mark, it may not remove either.
  return utimes(path, now, now).then(
    () => true,
    (error: NodeJS.ErrnoException) => error.code !== 'ENOENT',
  );
}

/** The kind of data set for which a file has this fingerprint; undefined if there is none. */
async function identifyKind(path: string, fingerprint: string): Promise<RegisteredKind | undefined> {
  const hashes = registeredKinds.map((kind) => ({ kind, hash: createFingerprint(kind) }));
  for await (const chunk of createReadStream(path) as AsyncIterable<Buffer>)
    for (const { hash } of hashes) hash.update(chunk);
  return hashes.find(({ hash }) => hash.digest('hex') === fingerprint)?.kind;
}
