import { stream } from '@unroll/random';
import { beamSearch, type BeamSearch } from './beam-search';

const [end, a, b, c] = [0, 1, 2, 3];

/** A model that knows the probabilities of the next token after each beginning; its state is the beginning. */
const model = (
  next: (tokens: readonly number[]) => readonly number[],
): Pick<BeamSearch<number[]>, 'start' | 'step' | 'end'> => ({
  start: { state: [], token: -1 },
  end,
  step(states, tokens) {
    const after = states.map((state, index) => (tokens[index] === -1 ? state : [...state, tokens[index]!]));
    return { states: after, logProbabilities: after.map((each) => next(each).map(Math.log)) };
  },
});

// After a the next token is uncertain, after b it is not: 0.6 · 0.4 for the best that begins with a, 0.4 · 0.9 with b.
const misleading = model(([first, ...rest]) => {
  if (first === undefined) return [0, 0.6, 0.4, 0];
  if (rest.length > 0) return [1, 0, 0, 0];
  return first === a ? [0, 0.4, 0.3, 0.3] : [0, 0.05, 0.05, 0.9];
});

describe('beam search', () => {
  it('finds a sequence that greedy decoding misses', async () => {
    const plain = { maximumLength: 5, lengthPenalty: 0 };
    const [greedy] = await beamSearch({ ...misleading, ...plain, width: 1 });
    expect(greedy).toMatchObject({ tokens: [a, a], ended: true });
    expect(greedy!.score).toBeCloseTo(Math.log(0.24), 12);
    const [best, second] = await beamSearch({ ...misleading, ...plain, width: 2 });
    expect(best).toMatchObject({ tokens: [b, c], ended: true });
    expect(best!.score).toBeCloseTo(Math.log(0.36), 12);
    expect(second!.tokens).toEqual([a, a]);
  });

  it('of width 1 takes the likeliest token at each step', async () => {
    const vocabulary = 6;
    for (const seed of [1, 2, 3, 4]) {
      const random = stream(seed, 'sample');
      const rowAfter = (tokens: readonly number[]): number[] =>
        Array.from({ length: vocabulary }, (_, token) =>
          random.uniform(tokens.length, vocabulary * (tokens.at(-1) ?? 0) + token),
        );
      const greedy: number[] = [];
      while (greedy.length < 8) {
        const row = rowAfter(greedy);
        const token = row.indexOf(Math.max(...row));
        if (token === end) break;
        greedy.push(token);
      }
      const found = await beamSearch({ ...model(rowAfter), width: 1, maximumLength: 8, lengthPenalty: 1 });
      expect(found.map(({ tokens }) => tokens)).toEqual([greedy]);
      expect(found[0]!.ended).toBe(greedy.length < 8);
    }
  });

  it('wide enough finds the likeliest of all sequences', async () => {
    const random = stream(5, 'sample');
    const rowAfter = (tokens: readonly number[]): number[] => {
      if (tokens.length === 3) return [1, 0, 0];
      const at = tokens.reduce((number, token) => 3 * number + token, 1);
      const weights = [0, 1, 2].map((token) => random.uniform(at, token));
      return weights.map((weight) => weight / weights.reduce((sum, each) => sum + each, 0));
    };
    const all: { tokens: number[]; logProbability: number }[] = [];
    const follow = (tokens: number[], logProbability: number): void =>
      rowAfter(tokens).forEach((probability, token) => {
        const sum = logProbability + Math.log(probability);
        if (token === end) all.push({ tokens, logProbability: sum });
        else if (probability > 0) follow([...tokens, token], sum);
      });
    follow([], 0);
    const found = await beamSearch({ ...model(rowAfter), width: all.length, maximumLength: 4, lengthPenalty: 0 });
    expect(found.map(({ tokens }) => tokens)).toEqual(
      all.sort((left, right) => right.logProbability - left.logProbability).map(({ tokens }) => tokens),
    );
  });

  it('prefers a longer sequence under a length penalty, by (5 + length)^α / 6^α', async () => {
    // [] with 0.3, or [a, a, a] with 0.25.
    const choice = model((tokens) =>
      tokens.length === 0 ? [0.3, 0.25, 0, 0] : tokens.length < 3 ? [0, 1, 0, 0] : [1, 0, 0, 0],
    );
    const search = (lengthPenalty: number) => beamSearch({ ...choice, width: 2, maximumLength: 9, lengthPenalty });
    const [short, long] = await search(0);
    expect([short!.tokens, long!.tokens]).toEqual([[], [a, a, a]]);
    expect(short!.score).toBeCloseTo(Math.log(0.3), 12);
    const [first, second] = await search(1);
    expect([first!.tokens, second!.tokens]).toEqual([[a, a, a], []]);
    expect(first!.score).toBeCloseTo(Math.log(0.25) / ((5 + 4) / (5 + 1)), 12);
    expect(second!.score).toBeCloseTo(Math.log(0.3), 12);
    expect(first!.logProbability).toBeCloseTo(Math.log(0.25), 12);
  });

  it('stops at the maximum length and says that the end did not come', async () => {
    const endless = model(() => [0, 0.5, 0.3, 0.2]);
    const found = await beamSearch({ ...endless, width: 2, maximumLength: 3, lengthPenalty: 0 });
    expect(found.map(({ tokens, ended }) => [tokens, ended])).toEqual([
      [[a, a, a], false],
      [[a, a, b], false],
    ]);
  });

  it('waits for a step that takes time, and asks only for hypotheses that still grow', async () => {
    const asked: number[] = [];
    const halting = model((tokens) => (tokens.length === 0 ? [0.5, 0.5, 0, 0] : [1, 0, 0, 0]));
    const found = await beamSearch({
      ...halting,
      step: async (states, tokens) => {
        asked.push(states.length);
        await Promise.resolve();
        return halting.step(states, tokens);
      },
      ...{ width: 2, maximumLength: 9, lengthPenalty: 0 },
    });
    expect(asked).toEqual([1, 1]);
    expect(found.map(({ tokens }) => tokens)).toEqual([[], [a]]);
  });

  it('follows no token that cannot come, and none whose probability is NaN', async () => {
    const broken = model((tokens) => (tokens.length === 0 ? [0, NaN, 1, 0] : [1, NaN, 0, 0]));
    const found = await beamSearch({ ...broken, width: 5, maximumLength: 4, lengthPenalty: 0 });
    expect(found).toEqual([{ tokens: [b], logProbability: 0, score: 0, ended: true }]);
  });

  it('refuses a beam without width and sequences without length', async () => {
    const search = { ...misleading, lengthPenalty: 0 };
    await expect(beamSearch({ ...search, width: 0, maximumLength: 3 })).rejects.toThrow('the width of a beam must be');
    await expect(beamSearch({ ...search, width: 1, maximumLength: 0 })).rejects.toThrow('a sequence has at least 1');
  });
});
