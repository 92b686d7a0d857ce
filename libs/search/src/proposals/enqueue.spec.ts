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

  it('are judged by the numbers that were given, as are earlier trials by their own', () => {
    const started = (rate: number, constraint: string): SweepSearch =>
      new SweepSearch(
        sweep({
          training: { learningRate: { logUniform: [1e-5, 1e-1] }, l2: { choice: [0, { uniform: [0, 1] }] } },
          search: {
            trials: 5,
            constraints: [constraint],
            enqueue: [{ training: { learningRate: rate, l2: 0.1 } }],
          },
        }),
      );
    for (const constraint of ['learningRate <= 0.01', 'learningRate + l2 <= 0.11']) {
      const search = started(0.01, constraint);
      const [first] = search.propose(0, 1);
      expect(first!.spec.training.learningRate).toBe(0.01);
      expect(search.place(first!.spec, first!.parameters)).toEqual(first!.parameters);
    }
    for (const constraint of ['learningRate < 0.003', 'learningRate + l2 < 0.103']) {
      const search = started(0.003, constraint);
      expect(() => search.propose(0, 1)).toThrow('search.enqueue[0]: does not satisfy the constraints');
    }
    const free = started(0.003, 'learningRate < 1').propose(0, 1)[0]!;
    expect(started(0.003, 'learningRate < 0.003').place(free.spec, free.parameters)).toBeUndefined();
  });
});
