import { tf, type TensorInfo } from '../tensor/tfjs';

/**
 * The kernel `LookupGradient`: what flows back into the rows of a table, summed in the order of the positions. Inputs:
 * `ids` [n] int32, `gradient` [n, width] float32. Attributes `rows`, and `lanes`, among which ids and rows are shared out
 * in equal parts, in order. Output: [rows, width] float32.
 *
 * TensorFlow.js' own way is UnsortedSegmentSum, which wasm lacks and which on cpu loops over all rows.
 */
export const lookupGradientKernel = 'LookupGradient';

/**
 * How to reach the values of tensors on a backend whose memory JavaScript can see. Uncopied, and only until the next
 * allocation.
 */
export interface VisibleMemory {
  readValues(info: TensorInfo): Float32Array | Int32Array;
  allocate(shape: number[]): TensorInfo;
}

/** Registers the kernel for a backend. Does nothing where it is registered already. */
export function registerLookupGradient(backendName: string, memory: VisibleMemory): void {
  if (tf.getKernel(lookupGradientKernel, backendName)) return;
  tf.registerKernel({
    kernelName: lookupGradientKernel,
    backendName,
    kernelFunc: ({ inputs, attrs }) => {
      const { ids, gradient } = inputs as { ids: TensorInfo; gradient: TensorInfo };
      const width = gradient.shape[1]!;
      const out = memory.allocate([attrs!.rows as number, width]);
      const [sums, at, from] = [memory.readValues(out), memory.readValues(ids), memory.readValues(gradient)];
      sums.fill(0);
      for (let position = 0; position < at.length; position++) {
        const row = at[position]! * width;
        const source = position * width;
        for (let column = 0; column < width; column++) sums[row + column]! += from[source + column]!;
      }
      return out;
    },
  });
}
