import { drawKernel } from '../../tensor/kernels';
import type { NativeMemory } from './memory';
import type { TensorInfo } from '../../tensor/tfjs';

/** Up to this many are kept in order by insertion. */
const mostInOrder = 64;

/** Kernels that select values. */
export function selectingKernels(memory: NativeMemory) {
  return {
    /** Of two tensors of float32, with a condition for each value. */
    Select({ inputs: { condition, t, e } }: { inputs: { condition: TensorInfo; t: TensorInfo; e: TensorInfo } }) {
      const [x, y] = [t, e].map((each) => (each.dtype === 'float32' ? memory.floats(each) : undefined));
      const isOf = memory.mask(condition)!;
      if (!x || !y || isOf.length !== x.length || y.length !== x.length) return undefined;
      const out = memory.allocate(t.shape);
      for (let at = 0; at < x.length; at++) out.values[at] = isOf[at] ? x[at]! : y[at]!;
      return out;
    },

    /** TensorFlow.js' own creates an object for each value. */
    TopK({ inputs: { x }, attrs: { k } }: { inputs: { x: TensorInfo }; attrs: { k: number } }) {
      if (x.dtype !== 'float32' || k === 0 || k > mostInOrder) return undefined;
      const shape = [...x.shape.slice(0, -1), k];
      const [all, width] = [memory.floats(x), x.shape.at(-1)!];
      const [values, indices] = [memory.allocate(shape), memory.allocateIntegers(shape)];
      for (let row = 0; row * width < all.length; row++) {
        const [from, to] = [row * width, row * k];
        for (let index = 0; index < width; index++) {
          const value = all[from + index]!;
          const isFull = index >= k;
          if (isFull && !(value > values.values[to + k - 1]!)) continue;
          // Of equal values the first comes first.
          let place = isFull ? k - 1 : index;
          for (; place > 0 && value > values.values[to + place - 1]!; place--) {
            values.values[to + place] = values.values[to + place - 1]!;
            indices.values[to + place] = indices.values[to + place - 1]!;
          }
          values.values[to + place] = value;
          indices.values[to + place] = index;
        }
      }
      return [values, indices];
    },

    [drawKernel]({ inputs: { logits, numbers } }: { inputs: { logits: TensorInfo; numbers: TensorInfo } }) {
      const [rows, classes] = logits.shape as [number, number];
      const [scores, draws] = [memory.floats(logits), memory.floats(numbers)];
      const out = memory.allocateIntegers([rows]);
      const chances = new Float32Array(classes);
      for (let row = 0; row < rows; row++) {
        const own = scores.subarray(row * classes, (row + 1) * classes);
        const largest = own.reduce((most, score) => Math.max(most, score), -Infinity);
        let total = 0;
        for (let index = 0; index < classes; index++) total += chances[index] = Math.exp(own[index]! - largest);
        let [drawn, below] = [0, chances[0]!];
        while (drawn < classes - 1 && below <= draws[row]! * total) below += chances[++drawn]!;
        out.values[row] = drawn;
      }
      return out;
    },
  };
}
