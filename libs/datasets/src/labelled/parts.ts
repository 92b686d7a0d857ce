import type { DatasetSpec } from '@unroll/contracts';
import { DatasetError } from '../prepared/data';
import { splitExamples, type ExampleSplit } from '../prepared/split';
import type { LabelledRow } from './row';

const parts = ['train', 'validation', 'test'] as const;

/**
 * Which rows are learned from: as each says with its `part`, or else shuffled and cut.
 * @throws DatasetError where some rows say and others not, for an unknown part, an empty one, or a fold of what is parted already
 */
export function splitOf(rows: readonly LabelledRow[], dataset: DatasetSpec): ExampleSplit {
  if (rows.every(({ part }) => part === undefined)) return splitExamples(rows.length, dataset);
  if (dataset.fold) throw new DatasetError('dataset.fold: the rows have parts of their own; leave it out');
  const wrong = rows.find(({ part }) => !(parts as readonly (string | undefined)[]).includes(part));
  if (wrong)
    throw new DatasetError(
      `${wrong.place}: part is ${JSON.stringify(wrong.part) ?? 'missing, though others have one'}; give ${parts.join(', ')}`,
    );
  const [train, validation, test] = parts.map((name) =>
    Int32Array.from(rows.flatMap(({ part }, index) => (part === name ? [index] : []))),
  ) as [Int32Array, Int32Array, Int32Array];
  for (const [name, indices] of Object.entries({ train, validation }))
    if (indices.length === 0) throw new DatasetError(`no row has the part ${name}: give some`);
  return { train, validation, test: test.length > 0 ? test : undefined };
}
