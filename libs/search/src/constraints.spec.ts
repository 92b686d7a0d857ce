import { sweepSpec, validate, type SweepSpec } from '@unroll/contracts';
import { SweepSearch } from './proposals/search';

const sweep = (changes: Record<string, unknown>): SweepSpec =>
  validate(sweepSpec, { dataset: 'a', task: 'language-model', ...changes });

describe('constraints', () => {
  it('are judged by what one rare option of a list changes', () => {
    const cells = Array.from({ length: 60 }, (_, index) => ({ cell: 'gru', hiddenSize: 8 + index, layers: 1 }));
    const rare = [
      { cell: 'lstm', hiddenSize: 8, layers: 3 },
      { cell: 'lstm', hiddenSize: 9, layers: { int: [1, 9] } },
      { cell: 'transformer', hiddenSize: 8, layers: 1, heads: 8 },
    ];
    const training = { learningRate: { logUniform: [1e-4, 1e-1] } };
    const constraints = ['layers <= 1', 'heads < 8'];
    for (const seed of [0, 1, 2, 3]) {
      const search = { trials: 300, constraints, seed };
      const spec = sweep({ model: { choice: [...cells, ...rare] }, training, search });
      const models = new SweepSearch(spec).propose(0, 300);
      expect(models.filter(({ spec: { model: own } }) => own.layers > 1 || own.cell === 'transformer')).toEqual([]);
    }
  });
});
