import { transposedDimensions, transposeShader } from '@unroll/kernels';
import { tf, type Tensor, type TensorInfo } from '../../tensor/tfjs';
import { over, type Programs } from './programs';

/**
 * Kernels for whole numbers and truth values in place of those of TensorFlow.js that do not compile for them: of three dimensions and more,
 * its Transpose writes floats into a buffer of integers, and leaves zeros (tensorflow/tfjs#8638).
 */
export const webGpuWholeNumbers = (programs: Programs) => ({
  Transpose: ({ inputs: { x }, attrs: { perm } }: { inputs: { x: Tensor }; attrs: { perm: number[] } }) =>
    transposed(programs, x, perm),
});

function transposed(programs: Programs, x: Tensor, order: readonly number[]): TensorInfo | undefined {
  if ((x.dtype !== 'int32' && x.dtype !== 'bool') || x.size === 0) return undefined;
  const lengths = order.map((dimension) => x.shape[dimension]!);
  const ofX = [...tf.util.computeStrides(x.shape), 1];
  const strides = order.map((dimension) => ofX[dimension]!);
  const missing = transposedDimensions - order.length;
  const { across, workgroups } = over(Math.ceil(x.size / 256));
  const [out] = programs.run({
    shader: transposeShader,
    inputs: [x],
    outputs: [lengths],
    type: x.dtype === 'bool' ? 'bool' : undefined,
    numbers: [
      x.size,
      across,
      ...Array<number>(missing).fill(1),
      ...lengths,
      ...Array<number>(missing).fill(0),
      ...strides,
    ],
    workgroups,
  });
  return out;
}
