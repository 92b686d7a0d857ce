import type { Readable } from 'node:stream';

/**
 * Storage of data sets, models and checkpoints. Objects are immutable: a second `put` of a name leaves the first object as it is. Any
 * number of processes may call at the same time.
 */
export interface ArtifactStore {
  /** Writes an object completely or not at all. @returns the size in bytes of the object with that name */
  put(name: string, content: Readable | Uint8Array): Promise<number>;
  /** @throws ArtifactMissing */
  get(name: string): Promise<Readable>;
  exists(name: string): Promise<boolean>;
  /** Names below a prefix, sorted. */
  list(prefix: string): Promise<string[]>;
  /** Removing a missing object is no error. */
  remove(name: string): Promise<void>;
  /** Removes what writers that never finished left behind more than a day ago. Returns how many there were. */
  removeUnfinished(): Promise<number>;
}

export class ArtifactMissing extends Error {
  override readonly name = 'ArtifactMissing';
  constructor(readonly artifact: string) {
    super(`the artifact store has no ${artifact}`);
  }
}

const allowed = /^[a-zA-Z0-9][a-zA-Z0-9._-]*(\/[a-zA-Z0-9][a-zA-Z0-9._-]*)*$/;

/** @throws RangeError for a name that is not made of ids and numbers: a bug, or an attempt to escape the store */
export function requireArtifactName(name: string): void {
  if (!allowed.test(name) || name.includes('..')) throw new RangeError(`not an artifact name: ${JSON.stringify(name)}`);
}

/** Milliseconds after which an unfinished write is given up: no upload takes as long. */
export const unfinishedAge = 24 * 3600 * 1000;

/**
 * Folders that attempts write to. Version 0.1.0 stored models among the checkpoints, and later ones in a folder for each attempt: they are
 * still read there.
 */
export const modelsFolder = 'models';
export const checkpointsFolder = 'checkpoints';

/** Name of the model of a trial that completed after `update` updates. No attempt writes it twice. */
export const modelName = (trialId: string, attemptId: string, update: number): string =>
  `${modelsFolder}/${trialId}/${attemptId}-${update}.safetensors`;

/** Name of the checkpoint that an attempt wrote after `update` updates; a later attempt continues from it. */
export const checkpointName = (trialId: string, attemptId: string, update: number): string =>
  `${checkpointsFolder}/${trialId}/${attemptId}/${update}.state`;

/** The attempt that wrote a model or a checkpoint; undefined for any other object. */
export function parseAttemptId(name: string): string | undefined {
  const [folder, , attempt, , ...rest] = name.split('/');
  if ((folder !== checkpointsFolder && folder !== modelsFolder) || rest.length > 0) return undefined;
  return attempt?.split('-', 1)[0];
}

/** Name of an object that the API writes and every worker must be able to read: it proves that both use the same store. */
export const probeArtifactName = 'probe/artifacts';

/** Folder of the data sets. */
export const datasetsFolder = 'datasets';

/** Name of a data set's bytes. */
export const datasetArtifactName = (fingerprint: string): string => `${datasetsFolder}/${fingerprint}`;
