import type { DatasetSpec } from '@unroll/contracts';
import { stream } from '@unroll/random';
import { DatasetError, type OwnParts } from './data';

/** A range from `begin` to `end`, exclusive. */
export interface Stretch {
  begin: number;
  end: number;
}

/** How data are split. */
export interface Split extends Pick<DatasetSpec, 'split' | 'splitSeed' | 'fold'> {
  /** All data are the validation part, on which a trained network is measured; nothing is learned from them. */
  isWhole?: boolean | undefined;
}

/** The training ranges in order of time, and the held-out parts. */
export interface TimeSplit {
  train: Stretch[];
  validation: Stretch;
  test?: Stretch | undefined;
}

/** How many of `length` a part has: a fraction below 1, or a number. */
const countOf = (part: number, length: number): number => (part < 1 ? Math.floor(length * part) : part);

/** Where the validation part begins, below 0 where there are too few. */
function cutBefore(remaining: number, length: number, { validation, test }: DatasetSpec['split']): number {
  if (validation >= 1) return remaining - validation;
  const before = test < 1 ? length * (1 - test - validation) : remaining - length * validation;
  return Math.floor(before + 1e-9);
}

/**
 * Splits a text or series of `length` by time: the test part comes last, the validation part before it. With a fold, one of several
 * equal parts is held out instead: k-fold trains on all others, forward chaining on those before it.
 */
export function splitByTime(length: number, { split, fold, isWhole }: Split): TimeSplit {
  if (isWhole) return { train: [{ begin: 0, end: length }], validation: { begin: 0, end: length } };
  const remaining = length - countOf(split.test, length);
  const test = split.test > 0 ? { begin: Math.max(0, remaining), end: length } : undefined;
  if (!fold) {
    const cut = Math.max(0, cutBefore(remaining, length, split));
    return { train: [{ begin: 0, end: cut }], validation: { begin: cut, end: remaining }, test };
  }
  if (fold.index === undefined) throw new DatasetError('dataset.fold.index: is missing', 'dataset.fold.index');
  const parts = fold.kind === 'k-fold' ? fold.of : fold.of + 1;
  const cutAt = (part: number): number => Math.floor((remaining * part) / parts);
  const held = fold.kind === 'k-fold' ? fold.index : fold.index + 1;
  const validation = { begin: cutAt(held), end: cutAt(held + 1) };
  const around = [
    { begin: 0, end: validation.begin },
    ...(fold.kind === 'k-fold' ? [{ begin: validation.end, end: remaining }] : []),
  ];
  return { train: around.filter(({ begin, end }) => end > begin), validation, test };
}

/** Why `dataset.split.test` holds nothing out of data that define their own parts; undefined where it does, or is not asked to. */
export function voidTest({ split }: Pick<Split, 'split'>, own: OwnParts | undefined): string | undefined {
  if (split.test === 0 || !own) return undefined;
  if (own.test) return 'the data have a test part of their own';
  return own.validation ? 'the data define their own parts, and none named test' : undefined;
}

/** The examples for training and the held-out ones. */
export interface ExampleSplit {
  train: Int32Array;
  validation: Int32Array;
  test?: Int32Array | undefined;
  /** Undefined where the data do not say which rows are for what. */
  ownParts?: OwnParts | undefined;
}

/**
 * Shuffles `count` examples by splitSeed (never by the training seed) and splits them like a series. With groups, whole groups are
 * shuffled and split, so that all examples of a group are in the same part. With classes, each part has its share of every class.
 * @throws DatasetError if a part would be empty
 */
export function splitExamples(
  count: number,
  given: Split,
  { groups, classes }: { groups?: readonly string[] | undefined; classes?: readonly string[] | undefined } = {},
): ExampleSplit {
  if (given.isWhole) return everyExample(count);
  if (!groups) return shuffled(count, given, 'examples', classes);
  const names = [...new Set(groups)].sort();
  const numbers = new Map(names.map((name, number) => [name, number]));
  const parts = shuffled(names.length, given, 'groups of examples');
  const members = (part: Int32Array): Int32Array => {
    const held = new Set(part);
    return Int32Array.from([...groups.keys()].filter((index) => held.has(numbers.get(groups[index]!)!)));
  };
  return {
    train: members(parts.train),
    validation: members(parts.validation),
    test: parts.test && members(parts.test),
  };
}

/** All examples in order, in the validation part. Those of the training part only determine shapes. */
export function everyExample(count: number): ExampleSplit {
  const all = Int32Array.from({ length: count }, (_, index) => index);
  return { train: all, validation: all };
}

/**
 * The order in which every stretch has its share of each class, to within one example: those of a class are spread evenly over it.
 * `order` decides which come first.
 */
function stratified(order: Int32Array, classes: readonly string[]): Int32Array {
  const totals = new Map<string, number>();
  for (const name of classes) totals.set(name, (totals.get(name) ?? 0) + 1);
  const seen = new Map<string, number>();
  const places = new Float64Array(order.length);
  const ranks = new Int32Array(order.length);
  order.forEach((example, rank) => {
    const name = classes[example]!;
    const before = seen.get(name) ?? 0;
    seen.set(name, before + 1);
    places[example] = (before + 0.5) / totals.get(name)!;
    ranks[example] = rank;
  });
  return order.toSorted((a, b) => places[a]! - places[b]! || ranks[a]! - ranks[b]!);
}

function shuffled(count: number, given: Split, what: string, classes?: readonly string[]): ExampleSplit {
  const random = stream(given.splitSeed, 'order');
  const drawn = Int32Array.from({ length: count }, (_, index) => index);
  for (let last = count - 1; last > 0; last--) {
    const other = Math.floor(random.uniform(0, last) * (last + 1));
    [drawn[last], drawn[other]] = [drawn[other]!, drawn[last]!];
  }
  const order = classes ? stratified(drawn, classes) : drawn;
  const { train, validation, test } = splitByTime(count, given);
  const part = ({ begin, end }: Stretch): Int32Array => order.slice(begin, end).sort();
  const parts = {
    train: Int32Array.from(train.flatMap((each) => [...part(each)])).sort(),
    validation: part(validation),
    test: test && part(test),
  };
  for (const [name, indices] of Object.entries(parts))
    if (indices?.length === 0)
      throw new DatasetError(
        `${count} ${what} are too few for a ${name} part under dataset.split: give more, or hold out more`,
        'dataset.split',
      );
  return parts;
}
