import type { InstructionSet, Kernels } from '../addon';
import { KernelsNotBuilt, openKernels } from '../open-kernels';

function openIfBuilt(): Kernels | undefined {
  try {
    return openKernels('');
  } catch (error) {
    if (error instanceof KernelsNotBuilt) return undefined;
    throw error;
  }
}

const opened = openIfBuilt();

/** What a suite's title says where it is skipped. */
export const skipped = opened ? '' : ' (skipped: the addon is not built, there is no compiler)';
export const describeNative = opened ? describe : describe.skip;

/** Runs a suite with each instruction set of this processor. */
export function describeEachInstructionSet(
  title: string,
  suite: (kernels: Kernels, isa: InstructionSet) => void,
): void {
  const all: InstructionSet[] = opened?.instructionSets() ?? ['portable'];
  describeNative.each(all)(`${title} with %s${skipped}`, (isa) => {
    beforeAll(() => opened!.choose(isa));
    suite(opened!, isa);
  });
}

// Inside Jest's sandbox every look-up of a global such as Math takes a microsecond.
const { imul } = Math;

/** Values in (−scale, scale), the same for the same seed. */
export function numbers(count: number, seed: number, scale = 1): Float32Array {
  const values = new Float32Array(count);
  let state = (seed * 2654435761) >>> 0;
  for (let at = 0; at < count; at++) {
    state = (imul(state, 1664525) + 1013904223) >>> 0;
    values[at] = (state / 2 ** 31 - 1) * scale;
  }
  return values;
}

const guard = 12345;
const margin = 64;

/** An array between two margins, to find out whether anything is written beyond its ends. */
export function guarded(count: number): { values: Float32Array; intact: () => boolean } {
  const all = new Float32Array(count + 2 * margin).fill(guard);
  return {
    values: all.subarray(margin, margin + count),
    intact: () => [...all.subarray(0, margin), ...all.subarray(margin + count)].every((value) => value === guard),
  };
}

/** The Euclidean distance is below `tolerance`, relatively, or absolutely for tiny values. */
export function expectClose(ours: ArrayLike<number>, truth: ArrayLike<number>, tolerance = 1e-5): void {
  let [difference, size] = [0, 0];
  for (let index = 0; index < truth.length; index++) {
    difference += (ours[index]! - truth[index]!) ** 2;
    size += truth[index]! ** 2;
  }
  expect(Math.sqrt(difference)).toBeLessThanOrEqual(tolerance * Math.max(1e-3, Math.sqrt(size)));
}
