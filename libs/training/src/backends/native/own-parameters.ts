import type { TensorInfo } from '../../tensor/tfjs';
import type { NativeMemory } from './memory';

/** Calls `visit` for each tensor and lane, with where its values begin if tensors [lane, 1, width] stand side by side. */
function eachPart(tensors: readonly TensorInfo[], visit: (tensor: number, lane: number, begin: number) => void): void {
  const lanes = tensors[0]!.shape[0]!;
  let begin = 0;
  for (let lane = 0; lane < lanes; lane++)
    tensors.forEach(({ shape }, tensor) => {
      visit(tensor, lane, begin);
      begin += shape[2]!;
    });
}

/** Tensors [lane, 1, width] side by side: [lane, all widths]. */
export function joinLast(memory: NativeMemory, tensors: readonly TensorInfo[]): Float32Array {
  const values = tensors.map((tensor) => memory.floats(tensor));
  const all = new Float32Array(values.reduce((sum, each) => sum + each.length, 0));
  eachPart(tensors, (tensor, lane, begin) => {
    const width = tensors[tensor]!.shape[2]!;
    all.set(values[tensor]!.subarray(lane * width, (lane + 1) * width), begin);
  });
  return all;
}

/** The reverse, into tensors of the shapes of `like`. */
export function splitLast(memory: NativeMemory, all: Float32Array, like: readonly TensorInfo[]): TensorInfo[] {
  const tensors = like.map(({ shape }) => memory.allocate(shape));
  eachPart(like, (tensor, lane, begin) => {
    const width = like[tensor]!.shape[2]!;
    tensors[tensor]!.values.set(all.subarray(begin, begin + width), lane * width);
  });
  return tensors;
}
