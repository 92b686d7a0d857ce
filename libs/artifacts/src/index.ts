import { fileURLToPath } from 'node:url';
import type { ArtifactStore } from './artifact-store';
import { DiskStore } from './disk-store';
import { S3Store } from './s3-store';

export {
  ArtifactMissing,
  parseAttemptId,
  checkpointName,
  checkpointsFolder,
  modelName,
  modelsFolder,
  datasetArtifactName,
  datasetsFolder,
  probeArtifactName,
  type ArtifactStore,
} from './artifact-store';

/** The store at `url`: file:///folder or s3://bucket/prefix. */
export function openArtifacts(url: string): ArtifactStore {
  return url.startsWith('s3:') ? new S3Store(new URL(url)) : new DiskStore(fileURLToPath(url));
}
