import { sweepSpec, validate } from '@unroll/contracts';
import { Reservoir } from '../samplers/reservoir';
import { SweepSearch, type Configuration, type Outcome } from './search';

const algorithms = ['tpe', 'gaussian-process', 'cma-es', 'nsga-ii'];

it.each(algorithms.flatMap((algorithm) => [1, 0.5].map((ended) => [algorithm, ended] as const)))(
  'a search by %s learns a value in place of none at the share %d, as if it had learned that at first',
  (algorithm, ended) => {
    const objectives = [{ metric: 'validation.loss' }, { metric: 'cost.parameters' }];
    const own = validate(sweepSpec, {
      dataset: 'a',
      task: 'language-model',
      ...{ model: { cell: 'rnn', hiddenSize: { int: [8, 512] }, dropout: { uniform: [0, 0.5] } } },
      training: { learningRate: { logUniform: [1e-4, 1e-1] } },
      search: { algorithm, trials: 600, seed: 5, repeats: 2 },
      ...(algorithm === 'nsga-ii' ? { objectives } : {}),
    });
    // A generation of CMA-ES; of tpe and nsga-ii more than they keep, or of tpe so few that each counts for what is good.
    const many = algorithm === 'tpe' && ended < 1 ? 200 : 500;
    const count = { 'cma-es': 7, 'gaussian-process': 40 }[algorithm] ?? many;
    const told = (number: number) => ({ number, value: (number * 4) % 11, share: 1, others: [number % 5] });
    const none = { ...told(0), value: null, share: ended, others: [null] };
    const others = Array.from({ length: count - 1 }, (_, index) => told(index + 1));
    const next = (outcomes: readonly Outcome[]): Configuration[] => {
      const search = new SweepSearch(own);
      search.propose(0, count);
      for (const outcome of outcomes) search.learn(outcome);
      return search.propose(count, 8);
    };
    const most = Math.floor(0.9 * others.length);
    const corrected = next([none, ...others.slice(0, most), told(0), { ...told(0), value: 9 }, ...others.slice(most)]);
    expect(corrected).not.toEqual(next([none, ...others]));
    // A Gaussian process also counts how often it did better near the best, when it learned that.
    if (algorithm !== 'gaussian-process') expect(corrected).toEqual(next([told(0), ...others]));
  },
);

it.each([1, 20])('a full sample without an item that is removed is as if that had never been added: %d', (removed) => {
  const sampleOf = (numbers: readonly number[]): Reservoir<number> => {
    const sample = new Reservoir<number>(10);
    for (const number of numbers) sample.add(number, number);
    return sample;
  };
  const all = Array.from({ length: 40 }, (_, number) => number);
  // Ten are sampled.
  const ordered = [...new Set([...sampleOf(all).items, ...all])];
  const sample = sampleOf(all);
  sample.remove(ordered[removed]!);
  const never = sampleOf(all.filter((each) => each !== ordered[removed]));
  expect(new Set(sample.items)).toEqual(new Set(never.items));
  expect(sample.share).toBe(never.share);
});
