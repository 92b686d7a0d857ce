import { fileURLToPath } from 'node:url';
import type { ArtifactStore } from './artifact-store';
import { DiskStore } from './disk-store';

export {
  ArtifactMissing,
  attemptOf,
  checkpointName,
  checkpointsFolder,
  datasetArtifactName,
  probeArtifactName,
  stateName,
  type ArtifactStore,
} from './artifact-store';

/** The store at `url`: file:///folder. */
export function openArtifacts(url: string): ArtifactStore {
  return new DiskStore(fileURLToPath(url));
}
