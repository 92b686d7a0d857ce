/** Injection token of the artifact store. */
export const artifactStore = Symbol('ArtifactStore');
