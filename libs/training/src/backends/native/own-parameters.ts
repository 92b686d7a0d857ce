import type { TensorInfo } from '../../tensor/tfjs';
import type { NativeMemory } from './memory';

/** Calls `visit` for each tensor and row, with where its values begin if tensors [·, ·, width] stand side by side. */
function eachPart(tensors: readonly TensorInfo[], visit: (tensor: number, row: number, begin: number) => void): void {
  const [lanes, rowsOfLane] = tensors[0]!.shape as [number, number];
  let begin = 0;
  for (let row = 0; row < lanes * rowsOfLane; row++)
    tensors.forEach(({ shape }, tensor) => {
      visit(tensor, row, begin);
      begin += shape[2]!;
    });
}

/** Tensors [lane, rows, width] side by side: [lane, rows, all widths]. */
export function joinLast(memory: NativeMemory, tensors: readonly TensorInfo[]): Float32Array {
  const values = tensors.map((tensor) => memory.floats(tensor));
  const all = new Float32Array(values.reduce((sum, each) => sum + each.length, 0));
  eachPart(tensors, (tensor, row, begin) => {
    const width = tensors[tensor]!.shape[2]!;
    all.set(values[tensor]!.subarray(row * width, (row + 1) * width), begin);
  });
  return all;
}

/** The reverse, into tensors of the shapes of `like`. */
export function splitLast(memory: NativeMemory, all: Float32Array, like: readonly TensorInfo[]): TensorInfo[] {
  const tensors = like.map(({ shape }) => memory.allocate(shape));
  eachPart(like, (tensor, row, begin) => {
    const width = like[tensor]!.shape[2]!;
    tensors[tensor]!.values.set(all.subarray(begin, begin + width), row * width);
  });
  return tensors;
}
