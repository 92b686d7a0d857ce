import type { Kernels } from '@unroll/kernels';
import { tf } from './tfjs';

/** Kernels over packed weights, for inference, on plain arrays. */
export type PackedKernels = Pick<
  Kernels,
  'instructionSet' | 'packedSize' | 'pack' | 'multiplyPacked' | 'recurrentPacked' | 'bindPacked' | 'multiply' | 'gather'
>;

const byBackend = new Map<string, PackedKernels>();

/** Makes them known for a backend. */
export const registerPackedKernels = (backendName: string, kernels: PackedKernels): void =>
  void byBackend.set(backendName, kernels);

/** Those of the current engine; undefined for an engine without them. */
export const packedKernels = (): PackedKernels | undefined => byBackend.get(tf.getBackend());
