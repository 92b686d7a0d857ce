import type { DatasetSpec } from '@unroll/contracts';
import { DatasetError, type Examples, type Sequences, type Targets } from './data';

/** Sequences end to end, from a list of each. @throws DatasetError where one is empty, or longer than allowed, naming its place */
export function joinTokens(
  sequences: readonly (readonly number[])[],
  placeOf: (index: number) => string,
  limit: Pick<DatasetSpec, 'maximumSteps' | 'longer'>,
): Extract<Sequences, { kind: 'tokens' }> {
  const cut = sequences.map((sequence, index) => withinLimit(sequence, placeOf(index), limit));
  return { kind: 'tokens', offsets: offsetsOf(cut), ids: Uint16Array.from(cut.flat()) };
}

/** The same of vectors, all of one width. */
export function joinVectors(
  sequences: readonly (readonly (readonly number[])[])[],
  placeOf: (index: number) => string,
  limit: Pick<DatasetSpec, 'maximumSteps' | 'longer'>,
): Extract<Sequences, { kind: 'vectors' }> {
  const cut = sequences.map((sequence, index) => withinLimit(sequence, placeOf(index), limit));
  const width = cut[0]?.[0]?.length ?? 0;
  cut.forEach((sequence, index) => {
    const other = sequence.find((frame) => frame.length !== width);
    if (other)
      throw new DatasetError(`${placeOf(index)}: a frame has ${other.length} numbers, but the first one has ${width}`);
  });
  return { kind: 'vectors', offsets: offsetsOf(cut), width, values: Float32Array.from(cut.flat(2)) };
}

function offsetsOf(sequences: readonly { length: number }[]): Int32Array {
  const offsets = new Int32Array(sequences.length + 1);
  sequences.forEach(({ length }, index) => (offsets[index + 1] = offsets[index]! + length));
  return offsets;
}

function withinLimit<Item>(
  sequence: readonly Item[],
  place: string,
  { maximumSteps, longer }: Pick<DatasetSpec, 'maximumSteps' | 'longer'>,
): readonly Item[] {
  if (sequence.length === 0) throw new DatasetError(`${place}: the sequence is empty`);
  if (sequence.length <= maximumSteps) return sequence;
  if (longer === 'cut') return sequence.slice(0, maximumSteps);
  throw new DatasetError(
    `${place}: the sequence has ${sequence.length} steps, more than dataset.maximumSteps, ${maximumSteps}; raise it, or give dataset.longer: cut`,
  );
}

/** Some of the examples, in the order of `indices`. */
export const selected = ({ inputs, targets }: Examples, indices: Int32Array): Examples => ({
  count: indices.length,
  inputs: selectedSequences(inputs, indices),
  targets: selectedTargets(targets, indices),
});

function selectedTargets(targets: Targets, indices: Int32Array): Targets {
  if (targets.kind === 'classes') return { kind: 'classes', classes: indices.map((index) => targets.classes[index]!) };
  if (targets.kind !== 'numbers') return selectedSequences(targets, indices);
  const { width, values } = targets;
  const taken = new Float32Array(indices.length * width);
  indices.forEach((index, place) => taken.set(values.subarray(index * width, (index + 1) * width), place * width));
  return { kind: 'numbers', width, values: taken };
}

function selectedSequences(sequences: Sequences, indices: Int32Array): Sequences {
  const { offsets } = sequences;
  const own = offsetsOf(Array.from(indices, (index) => ({ length: offsets[index + 1]! - offsets[index]! })));
  const total = own[indices.length]!;
  if (sequences.kind === 'tokens') {
    const ids = new Uint16Array(total);
    indices.forEach((index, place) => ids.set(sequences.ids.subarray(offsets[index], offsets[index + 1]), own[place]));
    return { kind: 'tokens', offsets: own, ids };
  }
  const { width, values } = sequences;
  const taken = new Float32Array(total * width);
  indices.forEach((index, place) =>
    taken.set(values.subarray(offsets[index]! * width, offsets[index + 1]! * width), own[place]! * width),
  );
  return { kind: 'vectors', offsets: own, width, values: taken };
}
