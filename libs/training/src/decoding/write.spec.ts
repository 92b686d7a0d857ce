import { openEngine } from '../backends/open-engine';
import { tf, type Tensor } from '../tensor/tfjs';
import { beamSearch } from './beam-search';
import { pickBest, write } from './write';

const vocabulary = 7;
const [start, end] = [0, 1];
const length = 6;

/** Logits of each token after each other one; what is written so far, as a state, shifts them. */
const table = Array.from({ length: vocabulary }, (_, token) =>
  Array.from({ length: vocabulary }, (_other, next) => Math.fround(1.5 * Math.sin(3.1 * token + 1.7 * next))),
);
const lookUpLogits = (token: number, state: number): number[] =>
  table[token]!.map((x, next) => x + state * Math.cos(next));
const stateAfter = (token: number, state: number): number => 0.5 * state + 0.3 * token;

function logSoftmax(logits: readonly number[]): number[] {
  const sum = Math.log(logits.reduce((total, x) => total + Math.exp(x), 0));
  return logits.map((x, token) => (token === start ? -Infinity : x - sum));
}

/** The same model in tensors: ids [lane, 1, rows], states [lane, rows, 1]. */
function step(ids: Tensor, states: Tensor[][]): { logits: Tensor; states: Tensor[][] } {
  const [lanes, , rows] = ids.shape as [number, number, number];
  const state = states[0]![0]!;
  const looked = tf.reshape(tf.gather(tf.tensor2d(table), tf.reshape(ids, [lanes * rows])), [lanes, rows, vocabulary]);
  const shift = tf.tensor(
    Array.from({ length: vocabulary }, (_, next) => Math.cos(next)),
    [1, 1, vocabulary],
  );
  const tokens = tf.cast(tf.reshape(ids, [lanes, rows, 1]), 'float32');
  return {
    logits: tf.add(looked, tf.mul(state, shift)),
    states: [[tf.add(tf.mul(state, 0.5), tf.mul(tokens, 0.3))]],
  };
}

describe.each(['native', 'wasm', 'cpu'] as const)('writing many sequences at once on %s', (engine) => {
  beforeAll(() => openEngine(engine));

  it.each([
    [1, 0],
    [3, 0],
    [3, 1],
    [5, 0.6],
    [8, 2],
  ])('finds what the search of one at a time finds, %d wide with length penalty %d', async (width, lengthPenalty) => {
    const [lanes, batch] = [2, 3];
    const first = [-0.9, -0.4, 0, 0.2, 0.5, 1.3];
    const shape = { batch, width, length, end };
    const values = tf.tidy(() =>
      write({ ...shape, rows: batch, lanes, vocabulary, start, states: [[tf.tensor(first, [lanes, batch, 1])]], step }),
    );
    const all = await values.array();
    values.dispose();
    for (let lane = 0; lane < lanes; lane++) {
      const found = pickBest((all as number[][])[lane]!, shape, lengthPenalty);
      for (let sequence = 0; sequence < batch; sequence++) {
        const [best] = await beamSearch<number>({
          start: { state: first[lane * batch + sequence]!, token: start },
          step: (states, tokens) => ({
            states: states.map((state, index) => stateAfter(tokens[index]!, state)),
            logProbabilities: states.map((state, index) => logSoftmax(lookUpLogits(tokens[index]!, state))),
          }),
          ...{ end, width, maximumLength: length, lengthPenalty },
        });
        expect(found[sequence]).toEqual(best!.tokens);
      }
    }
  });

  it('never writes the start, however likely it is', async () => {
    const sure = { batch: 1, width: 2, length: 3, end };
    const values = tf.tidy(() =>
      write({
        ...{ ...sure, rows: 1, lanes: 1, vocabulary, start, states: [] },
        step: (ids) => ({
          logits: tf.tensor([[...Array<number>(ids.shape[2]!).keys()].map(() => [9, -30, 0, 1, 0, 0, 0])]),
          states: [],
        }),
      }),
    );
    expect(pickBest(await values.data(), sure, 0)).toEqual([[3, 3, 3]]);
    values.dispose();
  });

  it('takes no more steps once all sequences that there are have ended', async () => {
    const two = { batch: 2, width: 2, length: 9, end };
    let steps = 0;
    const values = tf.tidy(() =>
      write({
        ...{ ...two, rows: 1, lanes: 1, vocabulary, start, states: [] },
        // The first sequence writes 4, and ends; what fills up the array writes on.
        step() {
          steps += 1;
          const ending = [-50, steps > 1 ? 20 : -50, 0, 1, steps > 1 ? -50 : 9, -50, -50];
          return { logits: tf.tensor3d([ending, ending, table[3]!, table[3]!].flat(), [1, 4, vocabulary]), states: [] };
        },
      }),
    );
    expect(steps).toBe(2);
    expect(pickBest(await values.data(), two, 0)[0]).toEqual([4]);
    values.dispose();
  });
});
