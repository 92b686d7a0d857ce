import type { GradConfig, KernelConfig } from '@tensorflow/tfjs';

/** The registries of TensorFlow.js: it keeps them where every copy of it in a process finds them. */
const { _tfGlobals: registries } = global as typeof globalThis & { _tfGlobals: Map<string, unknown> };
const kernelRegistry = registries.get('kernelRegistry') as Map<string, KernelConfig>;
const gradientRegistry = registries.get('gradRegistry') as Map<string, GradConfig>;

/** The names of kernels in the registry, by backend and name: to put one together takes longer than to look it up. */
const keys = new Map<string, Map<string, string>>();

/** A registered kernel; undefined where there is none. */
export function findKernel(kernelName: string, backendName: string): KernelConfig | undefined {
  return kernelRegistry.get(keys.get(backendName)?.get(kernelName) ?? newKey(kernelName, backendName));
}

function newKey(kernelName: string, backendName: string): string {
  const key = `${backendName}_${kernelName}`;
  keys.set(backendName, (keys.get(backendName) ?? new Map<string, string>()).set(kernelName, key));
  return key;
}

/** The registered gradient of a kernel; undefined where there is none. */
export const findGradient = (kernelName: string): GradConfig | undefined => gradientRegistry.get(kernelName);
