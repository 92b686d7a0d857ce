// The only import of TensorFlow.js: everything else in this library imports `tf` from here, so that it can be replaced.
import * as tf from '@tensorflow/tfjs';
import type { Tensor, TensorInfo } from '@tensorflow/tfjs';

// Silences the advice printed on Node, and turns off the library's own argument checks.
tf.env().set('PROD', true);

export { tf };

/** Runs a registered kernel on the current engine. */
export function runKernel(name: string, inputs: Record<string, Tensor>, attributes: tf.NamedAttrMap = {}): Tensor[] {
  const produced = tf.engine().runKernel<Tensor | Tensor[]>(name, inputs, attributes);
  return Array.isArray(produced) ? produced : [produced];
}

/** A backend of TensorFlow.js as a type that names its internals; the current one by default. */
export const backendAs = <Internals extends object>(backend: unknown = tf.backend()): Internals => backend as Internals;

/**
 * Registers kernels of ours in place of TensorFlow.js' own. Where one returns undefined, `plain` runs instead: by default what was
 * registered before.
 */
export function replaceKernels(
  backendName: string,
  kernels: Readonly<Record<string, (given: never) => unknown>>,
  plain: (kernelName: string) => tf.KernelConfig['kernelFunc'] | undefined = (kernelName) =>
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

/** A registered kernel; undefined where there is none. */
export const findKernel = (kernelName: string, backendName: string): tf.KernelConfig | undefined =>
  tf.getKernel(kernelName, backendName);
export type { KernelBackend, Tensor, Tensor1D, Tensor2D, Tensor3D, Tensor4D, TensorInfo } from '@tensorflow/tfjs';
