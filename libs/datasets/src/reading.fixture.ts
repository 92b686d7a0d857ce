import type { DatasetKind, DatasetSpec } from '@unroll/contracts';
import { readVectors, type Examples, type Sequences } from './prepared/data';
import type { DataSource } from './source/data-source';

/** The data set options of a spec, with a quarter for validation and no test part by default. */
export const reading = (given: Partial<DatasetSpec> = {}): DatasetSpec => ({
  name: 'of-a-spec',
  split: { validation: 0.25, test: 0 },
  splitSeed: 0,
  missing: 'error',
  maximumSteps: 2000,
  longer: 'error',
  ...given,
});

export const toSource = (kind: DatasetKind, content: string | Uint8Array): DataSource => ({
  kind,
  bytes: Buffer.from(content),
});

/** Sequences as separate lists of token IDs or vectors. */
export function listed(sequences: Sequences): number[][] | number[][][] {
  const { offsets } = sequences;
  const each = <Item>(read: (step: number, index: number) => Item): Item[][] =>
    Array.from({ length: offsets.length - 1 }, (_, index) =>
      Array.from({ length: offsets[index + 1]! - offsets[index]! }, (_, step) => read(step, index)),
    );
  if (sequences.kind === 'tokens') return each((step, index) => sequences.ids[offsets[index]! + step]!);
  const { width } = sequences;
  return each((step, index) => Array.from(readVectors(sequences, index).subarray(step * width, (step + 1) * width)));
}

/** Sequences decoded to text. */
export const written = (sequences: Sequences, vocabulary: readonly string[] | undefined): string[] =>
  (listed(sequences) as number[][]).map((ids) => ids.map((id) => vocabulary![id]).join(' '));

/** The targets, which must be sequences. */
export const sequenceTargets = ({ targets }: Examples): Sequences => {
  if (targets.kind === 'tokens' || targets.kind === 'vectors') return targets;
  throw new Error(`${targets.kind} are not sequences`);
};
