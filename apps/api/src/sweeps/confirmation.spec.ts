import { sweepSpec, validate, type SweepSpec } from '@unroll/contracts';
import { checkSweep, firstTrials } from '@unroll/search';
import { confirmationOf } from './confirmation';

const spec = (changes: object = {}): SweepSpec =>
  validate(sweepSpec, {
    dataset: 'tiny',
    task: 'language-model',
    model: { cell: { grid: ['rnn', 'gru'] }, hiddenSize: { choice: [4, 8] } },
    training: {
      updates: 10,
      learningRate: { logUniform: [1e-3, 1e-1] },
      optimizer: { choice: ['adam', { kind: 'sgd', momentum: { uniform: [0, 0.9] } }] },
    },
    search: { trials: 8, repeats: 3, seed: 2 },
    stopping: { rule: 'asha', minUpdates: 2 },
    ...changes,
  });

it('a confirmation trains exactly the chosen configurations, to the end, with seeds that the sweep has not used', () => {
  const earlier = spec();
  const chosen = [1, 5].map((configuration) => firstTrials(earlier, 24)[3 * configuration]!.parameters);
  const again = validate(sweepSpec, confirmationOf(earlier, 'first', chosen, 4));
  expect(checkSweep(again)).toMatchObject({ configurations: 2, trials: 8 });
  const trials = firstTrials(again, 8);
  expect(trials.map(({ parameters }) => parameters)).toEqual([
    ...Array(4).fill(chosen[0]),
    ...Array(4).fill(chosen[1]),
  ]);
  expect(trials.slice(0, 4).map(({ seed }) => seed)).toEqual([3, 4, 5, 6]);
  expect(again).toMatchObject({ name: 'first: confirmed', stopping: { rule: 'none' } });
});

it('a sweep without distributions is confirmed too', () => {
  const fixed = spec({
    model: { cell: 'gru', hiddenSize: 4 },
    training: { updates: 10 },
    search: { seeds: [5, 9] },
    stopping: 'none',
  });
  const again = validate(sweepSpec, confirmationOf(fixed, 'x', [{}], 2));
  expect(firstTrials(again, 2).map(({ seed }) => seed)).toEqual([10, 11]);
});
