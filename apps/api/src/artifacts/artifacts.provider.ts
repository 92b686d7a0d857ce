/** The artifact store, as a provider. */
export const artifactStore = Symbol('ArtifactStore');
