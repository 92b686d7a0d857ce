import { sweepSpec, validate, type SweepSpec } from '@unroll/contracts';
import { checkAhead } from './sweep';

const sweep: SweepSpec = validate(sweepSpec, {
  name: 'ahead',
  dataset: 'typescript-declarations',
  task: 'language-model',
  model: { cell: 'rnn', hiddenSize: { int: [8, 64] } },
  training: { learningRate: { logUniform: [1e-3, 1e-2] } },
  search: { trials: 40, constraints: ['model.hiddenSize >= 8'] },
});

describe('what is checked of a sweep before it is accepted', () => {
  it('is all that was asked for while it is not late', () => {
    expect(checkAhead(sweep, 20, () => false).first).toHaveLength(20);
  });

  it('is one configuration where it is late from the beginning', () => {
    const { size, first } = checkAhead(sweep, 20, () => true);
    expect([size.trials, first.length]).toEqual([40, 1]);
  });
});
