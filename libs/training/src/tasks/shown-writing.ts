import type { ShownWriting } from '@unroll/contracts';
import {
  selected,
  separatorFor,
  symbolNames,
  unknownWord,
  type ExampleData,
  type Examples,
  type Tokens,
} from '@unroll/datasets';
import { measuringBatches, sequenceLengths, type PaddedBatch } from '../batches/example-batches';
import type { TokenSequences } from '../batches/target-batch';
import { editDistance, rightTokens } from '../metrics/edit-distance';
import { tf, type Tensor } from '../tensor/tfjs';
import type { ExamplesWith } from './task-data';

/** Examples of the validation part that are written once more, and how many of them are kept. */
const mostExamined = 64;
const mostShown = 12;
/** Tokens of a text that are kept. */
const mostTokens = 64;

/** The first examples. Their values are those of `examples`, so that a device does not hold them twice. */
const beginning = <Held extends Examples>(examples: Held, count: number): Held => {
  const cut = <Kind extends { offsets: Int32Array }>(sequences: Kind): Kind => ({
    ...sequences,
    offsets: sequences.offsets.subarray(0, count + 1),
  });
  const { inputs, targets } = examples;
  return { ...examples, count, inputs: cut(inputs), targets: 'offsets' in targets ? cut(targets) : targets };
};

/** What a network writes for a batch: values to read back, and the tokens of each row in them. */
export interface WrittenBatch {
  values: Tensor;
  read: (values: Float32Array) => (row: number) => number[];
}

interface Written {
  examples: ExampleData & { validation: ExamplesWith<'tokens'> };
  batchSize: number;
  /** What a token is. */
  tokens: Tokens;
  /** Tokens at the end of each right text that are not shown. */
  ending: number;
  /** Called within a tidy. */
  write: (batch: PaddedBatch) => WrittenBatch;
  /**
   * Of some examples and the tokens written for them, the weights of each token over the steps of its input, [examples, tokens, steps];
   * undefined for a network that does not attend. Called within a tidy.
   */
  attend?: (examples: ExamplesWith<'tokens'>, found: readonly (readonly number[])[]) => Tensor | undefined;
}

/** What a network writes for the first examples of the validation part, those with the most edits per right token first. */
export async function showWriting(written: Written): Promise<ShownWriting> {
  const { examples, tokens, ending } = written;
  const held = beginning(examples.validation, Math.min(mostExamined, examples.validation.count));
  const all = await writeAll(held, written);
  const rightOf = (index: number): Uint16Array => tokensOf(held.targets, index, ending);
  const unknown = examples.targetVocabulary!.indexOf(unknownWord);
  const wrong = all.map((found, index) => {
    const right = rightTokens(rightOf(index), unknown);
    return editDistance(found, right) / Math.max(1, right.length);
  });
  const order = [...wrong.keys()].sort((a, b) => wrong[b]! - wrong[a]! || a - b).slice(0, mostShown);
  const found = order.map((index) => all[index]!.slice(0, mostTokens));
  const weights = await attentionOf(held, order, found, written);
  const name = (ids: ArrayLike<number>, vocabulary: readonly string[]): string[] =>
    Array.from({ length: Math.min(ids.length, mostTokens) }, (_, at) => vocabulary[ids[at]!]!);
  const [sources, targets] = [examples.inputVocabulary, examples.targetVocabulary!].map(
    (vocabulary) => vocabulary && symbolNames(vocabulary, tokens),
  );
  return {
    separator: separatorFor(tokens),
    examined: held.count,
    examples: order.map((index, place) => ({
      place: held.places?.[index] ?? `example ${index + 1}`,
      ...(held.inputs.kind === 'tokens' && sources ? { source: name(tokensOf(held.inputs, index), sources) } : {}),
      right: name(rightOf(index), targets!),
      found: name(found[place]!, targets!),
      ...(weights ? { attention: weights[place]! } : {}),
    })),
  };
}

const tokensOf = ({ ids, offsets }: TokenSequences, index: number, ending = 0): Uint16Array =>
  ids.subarray(offsets[index], offsets[index + 1]! - ending);

/** The tokens written for each example. */
async function writeAll(held: Examples, { batchSize, write }: Written): Promise<number[][]> {
  const all = Array<number[]>(held.count);
  const reader = measuringBatches(held, batchSize);
  for (let index = 0; index < reader.count; index++) {
    const kept: { rows?: Int32Array; read?: WrittenBatch['read'] } = {};
    const values = tf.tidy(() => {
      const batch = reader.batch(index, 1);
      const written = write(batch);
      [kept.rows, kept.read] = [batch.rows[0]!, written.read];
      return written.values;
    });
    const read = kept.read!((await values.data()) as Float32Array);
    values.dispose();
    kept.rows!.forEach((example, row) => (all[example] = read(row)));
  }
  return all;
}

/** The weights of each token written over the steps of its input, by example; undefined without attention. */
async function attentionOf(
  held: ExamplesWith<'tokens'>,
  order: readonly number[],
  found: readonly (readonly number[])[],
  { attend }: Written,
): Promise<number[][][] | undefined> {
  const chosen = selected(held, Int32Array.from(order)) as ExamplesWith<'tokens'>;
  const weights = attend && tf.tidy(() => attend(chosen, found) ?? tf.zeros([0]));
  if (!weights) return undefined;
  const values = await weights.data();
  const [, steps = 0, source = 0] = weights.shape;
  weights.dispose();
  if (values.length === 0) return undefined;
  const lengths = sequenceLengths(chosen.inputs);
  return found.map((tokens, example) =>
    tokens.map((_, token) => {
      const from = (example * steps + token) * source;
      return Array.from(values.subarray(from, from + Math.min(lengths[example]!, mostTokens)), rounded);
    }),
  );
}

const rounded = (weight: number): number => (Number.isFinite(weight) ? Math.round(weight * 1000) / 1000 : 0);
