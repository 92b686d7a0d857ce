// The only import of TensorFlow.js beside those of recording/: everything else in this library imports `tf` from here, so that it can be
// replaced.
import * as tensorflow from '@tensorflow/tfjs';
import type { KernelConfig, NamedAttrMap, Tensor, TensorInfo } from '@tensorflow/tfjs';
import type { EngineInternals } from './recording/internals';
import { makeLean } from './recording/lean-engine';
import { findKernel } from './recording/registry';

/** TensorFlow.js: a plain object, since its own looks up each of its functions in another package at every call. */
export const tf = { ...tensorflow };

/** A backend of TensorFlow.js, or its engine, as a type that names its internals; the current one by default. */
export const backendAs = <Internals extends object>(backend: unknown = tf.backend()): Internals => backend as Internals;

// Silences the advice printed on Node, and turns off the library's own argument checks.
tf.env().set('PROD', true);
makeLean(backendAs<EngineInternals>(tf.engine()));

export { findKernel };

/** Runs a registered kernel on the current engine. */
export function runKernel(name: string, inputs: Record<string, Tensor>, attributes: NamedAttrMap = {}): Tensor[] {
  const produced = tf.engine().runKernel<Tensor | Tensor[]>(name, inputs, attributes);
  return Array.isArray(produced) ? produced : [produced];
}

/**
 * Registers kernels of ours in place of TensorFlow.js' own. Where one returns undefined, `plain` runs instead: by default what was
 * registered before.
 */
export function replaceKernels(
  backendName: string,
  kernels: Readonly<Record<string, (given: never) => unknown>>,
  plain: (kernelName: string) => KernelConfig['kernelFunc'] | undefined = (kernelName) =>
    findKernel(kernelName, backendName)?.kernelFunc,
): void {
  for (const [kernelName, compute] of Object.entries(kernels)) {
    const before = plain(kernelName);
    if (findKernel(kernelName, backendName)) tf.unregisterKernel(kernelName, backendName);
    // Kernels name the arguments that TensorFlow.js hands them; its own types leave every one open.
    const ours = compute as (given: unknown) => TensorInfo | TensorInfo[] | undefined;
    tf.registerKernel({ kernelName, backendName, kernelFunc: (given) => ours(given) ?? before!(given) });
  }
}
export type {
  KernelConfig,
  NamedAttrMap,
  KernelBackend,
  Tensor,
  Tensor1D,
  Tensor2D,
  Tensor3D,
  Tensor4D,
  TensorInfo,
} from '@tensorflow/tfjs';
