import { parseCondition } from '@unroll/contracts';
import { conditionOf, type Axis } from './parallel-option';

const rate: Axis = { path: 'training.learningRate', scale: 'log', values: [] };
const cells = ['rnn', 'gru', 'lstm', 'mgu'];
const cell: Axis = { path: 'model.cell', scale: 'category', values: cells };

describe('the condition that a brush stands for', () => {
  it('is a range on an axis of numbers', () => {
    expect(conditionOf(rate, [0.00123456, 0.01], [])).toBe('training.learningRate:0.001235..0.01');
  });

  it('is all categories that it covers', () => {
    expect(conditionOf(cell, [1, 3], cells)).toBe('model.cell:gru|lstm|mgu');
    expect(conditionOf(cell, [-0.4, 1.3], cells)).toBe('model.cell:rnn|gru');
    expect(conditionOf(cell, [2, 2], cells)).toBe('model.cell:lstm');
  });

  it('is the nearest category where it covers none', () => {
    expect(conditionOf(cell, [1.6, 1.8], cells)).toBe('model.cell:lstm');
    expect(conditionOf(cell, [3.2, 3.4], cells)).toBe('model.cell:mgu');
  });

  it('is a range on the axis of the value, whatever its scale', () => {
    expect(conditionOf({ path: 'value', scale: 'log', values: ['validation.loss'] }, [1, 2], [])).toBe('value:1..2');
  });

  it('names each category so that it is read back as it is', () => {
    const exact = ['a|b', 'c..d', '', ' e', '"f"', '[g', 'h, i', 1e-7, true, null, ['x', 'y|z'], { kind: 'sgd' }];
    const axis: Axis = { path: 'model.x', scale: 'category', values: exact.map(String) };
    expect(parseCondition(conditionOf(axis, [0, exact.length - 1], exact))).toEqual({
      path: 'model.x',
      anyOf: exact.map((value) => (typeof value === 'string' ? value : JSON.stringify(value))),
    });
  });
});
