import type { DataReading, DatasetSpec } from '@unroll/contracts';
import { DatasetError, type Examples, type ForecastUnits, type Scaling, type Sequences, type Targets } from './data';
import type { ExampleSplit } from './split';

type Limit = Pick<DatasetSpec, 'maximumSteps' | 'longer'>;
type PlaceAt = (index: number) => string;

/** Concatenates token sequences. @throws DatasetError for an empty or too long one, with its place */
export function joinTokens(
  sequences: readonly (readonly number[])[],
  placeAt: PlaceAt,
  limit: Limit,
): Extract<Sequences, { kind: 'tokens' }> {
  const offsets = toOffsets(sequences, placeAt, limit);
  const ids = new Uint16Array(offsets[sequences.length]!);
  sequences.forEach((sequence, index) => {
    const [begin, end] = [offsets[index]!, offsets[index + 1]!];
    for (let at = begin; at < end; at++) ids[at] = sequence[at - begin]!;
  });
  return { kind: 'tokens', offsets, ids };
}

/**
 * Concatenates sequences of vectors of one width, normalised by `scaling` if given: before they are rounded to 32 bits, which hold too
 * little of a small change of a large number. @throws DatasetError also for different widths, or too many numbers for memory
 */
export function joinVectors(
  sequences: readonly (readonly ArrayLike<number>[])[],
  placeAt: PlaceAt,
  limit: Limit,
  scaling?: Scaling,
): Extract<Sequences, { kind: 'vectors' }> {
  const offsets = toOffsets(sequences, placeAt, limit);
  const width = sequences[0]?.[0]?.length ?? 0;
  if (width === 0 && sequences.length > 0) throw new DatasetError(`${placeAt(0)}: a frame is empty`);
  requireRoom(offsets[sequences.length]! * width, 'give fewer or shorter sequences, or dataset.longer: cut');
  const values = new Float32Array(offsets[sequences.length]! * width);
  sequences.forEach((sequence, index) => {
    const other = sequence.find((frame) => frame.length !== width);
    if (other)
      throw new DatasetError(
        `${placeAt(index)}: a frame has ${other.length} numbers, but the first frame has ${width}`,
      );
    const [begin, end] = [offsets[index]!, offsets[index + 1]!];
    for (let at = begin; at < end; at++) {
      const frame = sequence[at - begin]!;
      if (scaling)
        for (let place = 0; place < width; place++)
          values[at * width + place] = (frame[place]! - scaling.shift[place]!) / scaling.scale[place]!;
      else values.set(frame, at * width);
    }
  });
  return { kind: 'vectors', offsets, width, values };
}

/** @throws DatasetError for vectors of a width other than the network's */
export function requireWidth(width: number, given: DataReading | undefined, what: string): void {
  if (given?.inputWidth !== undefined && given.inputWidth !== width)
    throw new DatasetError(`${what} have ${width} numbers per step, but the model reads ${given.inputWidth}`);
}

/** Maximum numbers held in memory: 1 GB. */
const mostValues = 2 ** 28;

/** @throws DatasetError, with advice, for more numbers than fit in memory */
export function requireRoom(values: number, advice: string): void {
  if (values > mostValues)
    throw new DatasetError(`${values} numbers do not fit in memory (limit: ${mostValues}): ${advice}`);
}

/** The offsets of sequences, each cut to the maximum length if allowed. @throws DatasetError for an empty or too long one */
function toOffsets(
  sequences: readonly { length: number }[],
  placeAt: PlaceAt,
  { maximumSteps, longer }: Limit,
): Int32Array {
  const offsets = new Int32Array(sequences.length + 1);
  sequences.forEach(({ length }, index) => {
    if (length === 0) throw new DatasetError(`${placeAt(index)}: the sequence is empty`);
    if (length > maximumSteps && longer === 'error')
      throw new DatasetError(
        `${placeAt(index)}: the sequence has ${length} steps, more than dataset.maximumSteps, ${maximumSteps}; ` +
          'raise it, or set dataset.longer: cut',
        'dataset.maximumSteps',
      );
    offsets[index + 1] = offsets[index]! + Math.min(length, maximumSteps);
  });
  return offsets;
}

/** Examples by part. */
export const examplesIn = (all: Examples, { train, validation, test, ownParts }: ExampleSplit) => ({
  train: selected(all, train),
  validation: selected(all, validation),
  test: test && selected(all, test),
  ownParts,
});

/** The examples with the given indices, in that order. */
export const selected = ({ inputs, targets, places, units }: Examples, indices: Int32Array): Examples => ({
  count: indices.length,
  inputs: selectedSequences(inputs, indices),
  targets: selectedTargets(targets, indices),
  places: places && Array.from(indices, (index) => places[index]!),
  units: units?.map((each) => selectedUnits(each, indices)),
});

/** The entries of these indices, each of `width` values. */
const picked = <Values extends Float32Array | Float64Array | Int32Array>(
  values: Values,
  indices: Int32Array,
  width = 1,
): Values => {
  const own = values.slice(0, indices.length * width);
  indices.forEach((index, place) => {
    for (let at = 0; at < width; at++) own[place * width + at] = values[index * width + at]!;
  });
  return own as Values;
};

const selectedUnits = (units: ForecastUnits, indices: Int32Array): ForecastUnits => ({
  ...units,
  starts: picked(units.starts, indices),
  shift: picked(units.shift, indices),
  scale: picked(units.scale, indices),
  naive: picked(units.naive, indices),
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
  const own = new Int32Array(indices.length + 1);
  indices.forEach((index, place) => (own[place + 1] = own[place]! + offsets[index + 1]! - offsets[index]!));
  const total = own[indices.length]!;
  if (sequences.kind === 'tokens') {
    const ids = new Uint16Array(total);
    indices.forEach((index, place) => ids.set(sequences.ids.subarray(offsets[index], offsets[index + 1]), own[place]));
    return { kind: 'tokens', offsets: own, ids };
  }
  const { width, values, windows } = sequences;
  if (windows) {
    const { begins, columns, shift, scale } = windows;
    const [shifts, scales] = [shift, scale].map((each) => picked(each, indices, columns.length)) as [
      Float32Array,
      Float32Array,
    ];
    const all = { begins: picked(begins, indices), columns, shift: shifts, scale: scales };
    return { ...sequences, offsets: own, windows: all };
  }
  const taken = new Float32Array(total * width);
  indices.forEach((index, place) =>
    taken.set(values.subarray(offsets[index]! * width, offsets[index + 1]! * width), own[place]! * width),
  );
  return { kind: 'vectors', offsets: own, width, values: taken };
}
