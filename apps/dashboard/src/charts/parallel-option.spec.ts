import { parseCondition } from '@unroll/contracts';
import { brushCondition, type Axis } from './parallel-option';

const rate: Axis = { path: 'training.learningRate', scale: 'log', values: [] };
const cells = ['rnn', 'gru', 'lstm', 'mgu'];
const cell: Axis = { path: 'model.cell', scale: 'category', values: cells };

describe('the condition of a brush', () => {
  it('is a range on a numeric axis', () => {
    expect(brushCondition(rate, [0.00123456, 0.01], [])).toBe('training.learningRate:0.001235..0.01');
  });

  it('lists all categories that it covers', () => {
    expect(brushCondition(cell, [1, 3], cells)).toBe('model.cell:gru|lstm|mgu');
    expect(brushCondition(cell, [-0.4, 1.3], cells)).toBe('model.cell:rnn|gru');
    expect(brushCondition(cell, [2, 2], cells)).toBe('model.cell:lstm');
  });

  it('is the nearest category if it covers none', () => {
    expect(brushCondition(cell, [1.6, 1.8], cells)).toBe('model.cell:lstm');
    expect(brushCondition(cell, [3.2, 3.4], cells)).toBe('model.cell:mgu');
  });

  it('is a range on the value axis, whatever its scale', () => {
    expect(brushCondition({ path: 'value', scale: 'log', values: ['validation.loss'] }, [1, 2], [])).toBe('value:1..2');
  });

  it('quotes categories so that they parse back unchanged', () => {
    const exact = ['a|b', 'c..d', '', ' e', '"f"', '[g', 'h, i', 1e-7, true, null, ['x', 'y|z'], { kind: 'sgd' }];
    const axis: Axis = { path: 'model.x', scale: 'category', values: exact.map(String) };
    expect(parseCondition(brushCondition(axis, [0, exact.length - 1], exact))).toEqual({
      path: 'model.x',
      anyOf: exact.map((value) => (typeof value === 'string' ? value : JSON.stringify(value))),
    });
  });
});
