import type { Readable } from 'node:stream';

/**
 * Where data sets and checkpoints lie. Objects are immutable: a name is written once, and a second `put` of a name
 * leaves the first as it is. Any number of processes may call at the same time.
 */
export interface ArtifactStore {
  /** Writes an object whole or not at all. @returns the bytes of what lies under the name */
  put(name: string, content: Readable | Uint8Array): Promise<number>;
  /** @throws ArtifactMissing */
  get(name: string): Promise<Readable>;
  exists(name: string): Promise<boolean>;
  list(prefix: string): Promise<string[]>;
  /** Removing what is not there is no error. */
  remove(name: string): Promise<void>;
}

export class ArtifactMissing extends Error {
  override readonly name = 'ArtifactMissing';
  constructor(readonly artifact: string) {
    super(`the artifact store has no ${artifact}`);
  }
}

const allowed = /^[a-zA-Z0-9][a-zA-Z0-9._-]*(\/[a-zA-Z0-9][a-zA-Z0-9._-]*)*$/;

/** Names are made by us from ids and numbers; anything else is a mistake. */
export function requireArtifactName(name: string): void {
  if (!allowed.test(name) || name.includes('..')) throw new RangeError(`not an artifact name: ${JSON.stringify(name)}`);
}

/** Folders that attempts write to. Version 0.1.0 kept models beside checkpoints, where they are still found. */
export const modelsFolder = 'models';
export const checkpointsFolder = 'checkpoints';

/** Name of the model that a trial ended with after `update` updates: immutable, since no attempt repeats an update. */
export const modelName = (trialId: string, attemptId: string, update: number): string =>
  `${modelsFolder}/${trialId}/${attemptId}/${update}.safetensors`;

/** Name of the checkpoint that an attempt wrote after `update` updates, from which a later attempt resumes. */
export const checkpointName = (trialId: string, attemptId: string, update: number): string =>
  `${checkpointsFolder}/${trialId}/${attemptId}/${update}.state`;

/** The attempt that wrote a model or a checkpoint; undefined for any other object. */
export function attemptOf(name: string): string | undefined {
  const [folder, , attemptId, , ...rest] = name.split('/');
  return (folder === checkpointsFolder || folder === modelsFolder) && rest.length === 0 ? attemptId : undefined;
}

/** Name of the object that the API writes and every worker must be able to read: proof that both see the same store. */
export const probeArtifactName = 'probe/artifacts';

/** Name of a data set's bytes. */
export const datasetArtifactName = (fingerprint: string): string => `datasets/${fingerprint}`;
