import type { Baseline } from '@unroll/contracts';
import type { TokenData } from '../data';
import type { Tokens } from './symbols';

/** Added to every count, so that a pair never seen has a chance. */
const smoothing = 0.1;

/**
 * What a model reaches that knows only the token before: P(next | last) from counts in the training part, with
 * additive smoothing (Lidstone 1920). Measured on the validation part in nats a token.
 */
export function bigramBaseline(data: TokenData, tokens: Tokens): Baseline {
  const { vocabulary } = data;
  const [train, validation] = [data.train, data.validation].map((source) => source.read(0, source.length)) as [
    Uint16Array,
    Uint16Array,
  ];
  const size = vocabulary.length;
  const pairs = new Map<number, number>();
  const totals = new Float64Array(size);
  for (let index = 1; index < train.length; index += 1) {
    const last = train[index - 1]!;
    const key = last * size + train[index]!;
    pairs.set(key, (pairs.get(key) ?? 0) + 1);
    totals[last]! += 1;
  }
  let nats = 0;
  for (let index = 1; index < validation.length; index += 1) {
    const last = validation[index - 1]!;
    const count = pairs.get(last * size + validation[index]!) ?? 0;
    nats -= Math.log((count + smoothing) / (totals[last]! + smoothing * size));
  }
  const loss = nats / (validation.length - 1);
  return {
    name: `${tokens} bigram`,
    metrics: {
      'validation.loss': loss,
      'validation.perplexity': Math.exp(loss),
      'validation.bitsPerToken': loss / Math.LN2,
    },
  };
}
