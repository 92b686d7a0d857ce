/** The engines that a trial can run on, in the order in which they are listed. libs/training/src/backends opens them. */
export const engineNames = ['tensorflow', 'webgpu', 'native', 'wasm', 'cpu'] as const;
export type EngineName = (typeof engineNames)[number];
