import type { Sequences } from '@unroll/datasets';
import { stream } from '@unroll/random';
import type { Model } from './model-file';

/** Drawn numbers, the same each time. */
const drawn = (count: number): Float32Array => stream(1, 'order').fillNormal(0, count);

/** Drawn tokens of a vocabulary, the same each time. */
export const drawnTokens = (count: number, vocabulary: number): Int32Array =>
  Int32Array.from(drawn(count), (value) => Math.floor(Math.abs(value) * 1000) % vocabulary);

/** Drawn sequences of the given lengths as a model reads them, the same each time. */
export function drawnSequences({ header: { reading }, weights }: Model, lengths: readonly number[]): Sequences {
  const offsets = Int32Array.of(0, ...lengths.map((_, index) => lengths.slice(0, index + 1).reduce((a, b) => a + b)));
  const count = offsets.at(-1)!;
  const { inputWidth: width } = reading;
  if (width === undefined) {
    const ids = Uint16Array.from(drawnTokens(count, weights['embedding.weight']!.shape[0]!));
    return { kind: 'tokens', offsets, ids };
  }
  return { kind: 'vectors', offsets, width, values: drawn(count * width) };
}
