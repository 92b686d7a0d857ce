import { sweepSpec, validate, type SweepSpec } from '@unroll/contracts';
import { SweepSearch } from './search';

const sweep = (changes: Record<string, unknown>): SweepSpec =>
  validate(sweepSpec, { dataset: 'a', task: 'language-model', ...changes });

describe('enqueued configurations', () => {
  it('have exactly the numbers that were given, which a position would round', () => {
    const learningRate = { logUniform: [1e-5, 1e-1] };
    const rates = [0.003, 0.007, 1e-5, 0.1];
    const spec = sweep({
      training: { learningRate, l2: { normal: [0.001, 0.0001] } },
      search: {
        algorithm: 'tpe',
        trials: 5,
        enqueue: rates.map((each) => ({ training: { learningRate: each, l2: 0.005 } })),
      },
    });
    const search = new SweepSearch(spec);
    for (const [index, { spec: whole, parameters }] of search.propose(0, 4).entries()) {
      expect([whole.training.learningRate, whole.training.l2]).toEqual([rates[index], 0.005]);
      expect(parameters).toEqual({ 'training.learningRate': rates[index], 'training.l2': 0.005 });
    }
    expect(search.propose(4, 1)[0]!.spec.training.l2).toBeLessThan(0.002);
  });
});
