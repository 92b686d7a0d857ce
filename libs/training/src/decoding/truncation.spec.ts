import fc from 'fast-check';
import { truncated } from './truncation';

/** Log-probabilities of these probabilities. */
const logs = (...probabilities: number[]): Float32Array => Float32Array.from(probabilities, Math.log);
const kept = (scores: Float32Array): number[] =>
  Array.from(scores.entries()).flatMap(([token, score]) => (score > -Infinity ? token : []));

describe('truncation', () => {
  const scores = logs(0.1, 0.4, 0.3, 0.2);

  it('keeps the k likeliest tokens', () => {
    expect(kept(truncated(scores, { topK: 2 }))).toEqual([1, 2]);
    expect(truncated(scores, { topK: 9 })).toEqual(scores);
  });

  it('keeps the fewest tokens that have probability p together', () => {
    expect(kept(truncated(scores, { topP: 0.39 }))).toEqual([1]);
    expect(kept(truncated(scores, { topP: 0.41 }))).toEqual([1, 2]);
    expect(kept(truncated(scores, { topP: 0.8 }))).toEqual([1, 2, 3]);
    expect(truncated(scores, { topP: 1 })).toEqual(scores);
  });

  it('takes the nucleus of the k likeliest', () => {
    // Among the three likeliest, 0.4 of 0.9 are less than a half.
    expect(kept(truncated(scores, { topK: 3, topP: 0.5 }))).toEqual([1, 2]);
    expect(kept(truncated(scores, { topK: 1, topP: 0.99 }))).toEqual([1]);
  });

  it('leaves the likeliest token, the scores as they are, and never one that was left out before', () => {
    fc.assert(
      fc.property(
        fc.array(fc.float({ min: -9, max: 9, noNaN: true }), { minLength: 1, maxLength: 12 }),
        fc.integer({ min: 1, max: 12 }),
        fc.double({ min: 0.01, max: 1, noNaN: true }),
        (values, topK, topP) => {
          const given = Float32Array.from([...values, -Infinity]);
          const left = truncated(given, { topK, topP });
          const tokens = kept(left);
          expect(tokens.length).toBeLessThanOrEqual(topK);
          expect(tokens).toContain(given.indexOf(Math.max(...given)));
          for (const token of tokens) expect(left[token]).toBe(given[token]);
        },
      ),
    );
  });
});
