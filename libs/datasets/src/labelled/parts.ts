import { DatasetError } from '../prepared/data';
import { everyExample, splitExamples, type ExampleSplit, type Split } from '../prepared/split';
import type { LabelledRow } from './row';

type Row = Pick<LabelledRow, 'part' | 'place'>;

/** By row, if it matters: what it is of, so that each part has its share; and what is held out together. */
interface Kept {
  classes?: readonly string[] | undefined;
  groups?: readonly string[] | undefined;
}

const parts = ['train', 'validation', 'test'] as const;

/**
 * The split of rows: by their `part` if given and not `train` in all, with a validation part from that for training where there is none;
 * otherwise shuffled, so that what is `kept` holds.
 * @throws DatasetError if only some rows have a part, for an unknown or empty part, or a fold of rows that define theirs
 */
export function splitRows(rows: readonly Row[], dataset: Split, kept: Kept): ExampleSplit {
  if (dataset.isWhole) return everyExample(rows.length);
  if (rows.every(({ part }) => part === undefined) || rows.every(({ part }) => part === 'train'))
    return splitExamples(rows.length, dataset, kept);
  if (dataset.fold) throw new DatasetError('dataset.fold: the rows define their own parts; leave it out');
  const wrong = rows.find(({ part }) => !(parts as readonly (string | undefined)[]).includes(part));
  if (wrong)
    throw new DatasetError(
      `${wrong.place}: part is ${JSON.stringify(wrong.part) ?? 'missing, but other rows have one'}; must be one of ${parts.join(', ')}`,
    );
  const [train, validation, test] = parts.map((name) =>
    Int32Array.from(rows.flatMap(({ part }, index) => (part === name ? [index] : []))),
  ) as [Int32Array, Int32Array, Int32Array];
  if (train.length === 0) throw new DatasetError('no row has the part train: add some');
  const ownParts = { validation: validation.length > 0, test: test.length > 0 };
  if (!ownParts.validation) return { ...heldOut(train, test, dataset, kept), ownParts };
  return { train, validation, test: ownParts.test ? test : undefined, ownParts };
}

/** Many data sets have rows to train and to test on, and none for validation: these are held out of the training part. */
function heldOut(train: Int32Array, test: Int32Array, dataset: Split, { classes, groups }: Kept): ExampleSplit {
  const split = { ...dataset.split, test: 0 };
  const ofTrain = (each: readonly string[] | undefined) => each && Array.from(train, (index) => each[index]!);
  const kept = { classes: ofTrain(classes), groups: ofTrain(groups) };
  const parts = splitExamples(train.length, { ...dataset, split }, kept);
  const rowsIn = (part: Int32Array): Int32Array => part.map((index) => train[index]!);
  return { train: rowsIn(parts.train), validation: rowsIn(parts.validation), test };
}
