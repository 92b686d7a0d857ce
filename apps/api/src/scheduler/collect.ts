import {
  checkpointsFolder,
  datasetArtifactName,
  datasetsFolder,
  modelsFolder,
  parseAttemptId,
  type ArtifactStore,
} from '@unroll/artifacts';
import { namedCheckpoints, registeredFingerprints } from '@unroll/database';
import type { EntityManager } from 'typeorm';

/** Names per query. */
const page = 1000;

/** Which of these objects will never be read. */
type Unused = (manager: EntityManager, names: readonly string[]) => Promise<string[]>;

/** Those that no row names, of attempts that no longer run: what a running attempt wrote may be about to be named. */
const unusedWork: Unused = async (manager, names) => {
  const ofAttempts = names.filter((name) => parseAttemptId(name) !== undefined);
  const attempts = ofAttempts.map((name) => parseAttemptId(name)!);
  const { named, running } = await namedCheckpoints(manager, ofAttempts, attempts);
  return ofAttempts.filter((name) => !named.has(name) && !running.has(parseAttemptId(name)!));
};

/** The contents of data sets whose registration was interrupted. */
const unusedData: Unused = async (manager, names) => {
  const prints = names.map((name) => name.slice(datasetArtifactName('').length));
  const registered = await registeredFingerprints(manager, prints);
  return names.filter((_, index) => !registered.has(prints[index]!));
};

const folders = [
  [checkpointsFolder, unusedWork],
  [modelsFolder, unusedWork],
  [datasetsFolder, unusedData],
] as const;

/**
 * Removes checkpoints, models and contents of data sets that will never be read, and what interrupted writes left. An object is removed
 * only when two passes in a row find it unused, so that open transactions have time to commit.
 */
export class ArtifactCollector {
  private candidates = new Set<string>();

  constructor(private readonly store: ArtifactStore) {}

  /** Returns how many objects were removed. */
  async collect(manager: EntityManager): Promise<number> {
    const garbage: string[] = [];
    for (const [folder, unused] of folders) {
      const names = await this.store.list(folder);
      for (let at = 0; at < names.length; at += page)
        garbage.push(...(await unused(manager, names.slice(at, at + page))));
    }
    const confirmed = garbage.filter((name) => this.candidates.has(name));
    this.candidates = new Set(garbage);
    for (const name of confirmed) await this.store.remove(name);
    return confirmed.length + (await this.store.removeUnfinished());
  }
}
