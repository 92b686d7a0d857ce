import { differences } from './differences';

describe('the differences of trials', () => {
  const lstm = { spec: { model: { cell: 'lstm', layers: 1 }, training: { learningRate: 0.001 } } };
  const gru = { spec: { model: { cell: 'gru', layers: 1, resetAfter: true }, training: { learningRate: 0.001 } } };

  it('come before equal settings; a missing setting counts as a difference', () => {
    expect(differences([lstm, gru])).toEqual([
      { path: 'model.cell', values: ['lstm', 'gru'], differs: true },
      { path: 'model.resetAfter', values: ['–', 'true'], differs: true },
      { path: 'model.layers', values: ['1', '1'], differs: false },
      { path: 'training.learningRate', values: ['0.001', '0.001'], differs: false },
    ]);
  });

  it('include numbers that only look equal after rounding', () => {
    const near = { spec: { training: { learningRate: 0.00100001 } } };
    const [first] = differences([{ spec: { training: { learningRate: 0.001 } } }, near]);
    expect(first!.differs).toBe(true);
  });
});
