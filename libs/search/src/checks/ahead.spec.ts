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
  afterEach(() => jest.restoreAllMocks());

  it('does not depend on how long a busy machine takes for it', () => {
    const quick = checkAhead(sweep, 20);
    expect(quick.first).toHaveLength(20);
    let seconds = 0;
    jest.spyOn(performance, 'now').mockImplementation(() => (seconds += 10) * 1000);
    expect(checkAhead(sweep, 20)).toEqual(quick);
  });

  it('is less where it takes long by the clock and in processor time', () => {
    let seconds = 0;
    jest.spyOn(performance, 'now').mockImplementation(() => (seconds += 10) * 1000);
    jest.spyOn(process, 'cpuUsage').mockImplementation(() => ({ user: (seconds += 10) * 1e6, system: 0 }));
    expect(checkAhead(sweep, 20).first).toHaveLength(1);
  });
});
