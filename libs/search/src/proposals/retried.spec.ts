import { sweepSpec, validate } from '@unroll/contracts';
import { SweepSearch, type Configuration, type Outcome } from './search';

it.each(['tpe', 'gaussian-process', 'cma-es', 'nsga-ii'])(
  'a search by %s learns a value in place of none, as if it had learned that at first',
  (algorithm) => {
    const objectives = [{ metric: 'validation.loss' }, { metric: 'cost.parameters' }];
    const own = validate(sweepSpec, {
      dataset: 'a',
      task: 'language-model',
      ...{ model: { cell: 'rnn', hiddenSize: { int: [8, 512] }, dropout: { uniform: [0, 0.5] } } },
      training: { learningRate: { logUniform: [1e-4, 1e-1] } },
      search: { algorithm, trials: 400, seed: 5 },
      ...(algorithm === 'nsga-ii' ? { objectives } : {}),
    });
    // A generation of CMA-ES; of tpe and nsga-ii more than they keep, so that some were dropped by then.
    const count = { 'cma-es': 7, 'gaussian-process': 40 }[algorithm] ?? 400;
    const told = (number: number) => ({ number, value: (number * 7) % 11, share: 1, others: [number % 5] });
    const none = { ...told(0), value: null, others: [null] };
    const others = Array.from({ length: count - 1 }, (_, index) => told(index + 1));
    const next = (outcomes: readonly Outcome[]): Configuration[] => {
      const search = new SweepSearch(own);
      search.propose(0, count);
      for (const outcome of outcomes) search.learn(outcome);
      return search.propose(count, 8);
    };
    const half = others.length / 2;
    const corrected = next([none, ...others.slice(0, half), told(0), { ...told(0), value: 9 }, ...others.slice(half)]);
    expect(corrected).not.toEqual(next([none, ...others]));
    // A Gaussian process also counts how often it did better near the best, when it learned that.
    if (algorithm !== 'gaussian-process') expect(corrected).toEqual(next([told(0), ...others]));
  },
);
