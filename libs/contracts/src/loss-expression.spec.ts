import fc from 'fast-check';
import { lossExpressionError, parseLossExpression, type LossNode } from './loss-expression';

const [prediction, target]: LossNode[] = [{ kind: 'prediction' }, { kind: 'target' }];
const number = (value: number): LossNode => ({ kind: 'number', value });
const error: LossNode = { kind: 'operation', name: 'subtract', left: prediction!, right: target! };

describe('the expression of a loss', () => {
  it('becomes a tree of operations', () => {
    expect(parseLossExpression('abs(prediction - target)^1.5')).toEqual({
      ...{ kind: 'operation', name: 'power' },
      left: { kind: 'function', name: 'abs', of: error },
      right: number(1.5),
    });
    expect(parseLossExpression('log(cosh(prediction - target))')).toEqual({
      ...{ kind: 'function', name: 'log' },
      of: { kind: 'function', name: 'cosh', of: error },
    });
  });

  it('has the precedence of mathematics: powers first and from the right, then signs, then products, then sums', () => {
    const tree = (text: string): LossNode => parseLossExpression(text);
    expect(tree('-prediction^2')).toEqual(tree('-(prediction^2)'));
    expect(tree('2^prediction^target')).toEqual(tree('2^(prediction^target)'));
    expect(tree('1 - prediction * target / 2 + 3')).toEqual(tree('(1 - ((prediction * target) / 2)) + 3'));
    expect(tree('prediction ^ -1')).toEqual(tree('prediction ^ (-1)'));
    expect(tree('pow(prediction, 2)')).toEqual(tree('prediction ^ 2'));
  });

  it('may have conditionals', () => {
    expect(parseLossExpression('(target >= 1e-3) ? prediction : min(prediction, 2)')).toEqual({
      kind: 'choice',
      condition: { comparison: '>=', left: target, right: number(1e-3) },
      then: prediction,
      otherwise: { kind: 'operation', name: 'minimum', left: prediction, right: number(2) },
    });
    for (const comparison of ['<', '<=', '>', '>=', '==', '!='])
      expect(parseLossExpression(`target ${comparison} 0 ? 1 : prediction`)).toMatchObject({
        condition: { comparison },
      });
  });

  it.each([
    ['predicton - target', 'unknown name predicton at character 1; did you mean prediction?'],
    ['2 * (prediction - y)', 'unknown name y at character 19; known names: prediction, target'],
    ['constructor + prediction', 'unknown name constructor at character 1; known names: prediction, target'],
    ['exq(prediction)', 'unknown function exq at character 1; did you mean exp?'],
    ['target * prediction(1)', /^unknown function prediction at character 10; known names: abs, exp, log/],
    ['import("fs") + prediction', /^unknown function import at character 1/],
    ['prediction.log(target)', 'prediction.log(target) is not allowed: values have no properties'],
    ['prediction["log"](target)', 'prediction["log"](target) is not allowed: values have no properties'],
    ['abs + prediction', 'abs at character 1 is a function and needs parentheses'],
    ['abs(prediction, target)', 'abs(prediction, target) is not allowed: abs takes one value'],
    ['max(prediction)', 'max(prediction) is not allowed: max takes two values'],
    ['x = prediction', 'x = prediction is not allowed: there are no assignments'],
    ['f(x) = prediction', 'f(x) = prediction is not allowed: functions cannot be defined'],
    ['prediction[1]', 'prediction[1] is not allowed: values have no properties'],
    ['[prediction, 1]', '[prediction, 1] is not allowed: there are no lists'],
    ['{a: prediction}', '{"a": prediction} is not allowed: there are no objects'],
    ['prediction; target', 'prediction; target is not allowed: give a single expression'],
    ['prediction\ntarget', 'prediction target is not allowed: give a single expression'],
    ['prediction:target', 'prediction:target is not allowed: there are no ranges'],
    ['"text" + prediction', '"text" is not a number'],
    ['true * prediction', 'true is not a number'],
    ['NaN * prediction', 'NaN is not a number below 3.4e+38'],
    ['1e39 * prediction', '1e+39 is not a number below 3.4e+38'],
    ['2 prediction', '2 prediction is not allowed: write * between the two'],
    ['prediction!', 'the operator ! in prediction! is not allowed'],
    ['+prediction', 'the operator + in +prediction is not allowed'],
    ['prediction and target', 'the operator and in prediction and target is not allowed'],
    ['prediction%', '% at character 11 is not allowed'],
    ['prediction # target', '# at character 12 is not allowed'],
    ['prediction > target', 'prediction > target is not allowed: a comparison is only allowed before a ?'],
    ['prediction ? 1 : 2', 'prediction is not allowed before a ?: it must compare, as in target > 0'],
    ['0 < target < 1 ? prediction : 1', '0 < target < 1 is not allowed before a ?: it must compare, as in target > 0'],
    ['(prediction', 'cannot be read: parenthesis ) expected at character 12'],
    ['prediction -', 'cannot be read: unexpected end of expression at character 13'],
    ['', 'an expression of prediction and target is missing'],
    ['target^2', 'prediction must be used, and not only in a condition'],
    ['prediction > 0 ? target : 1', 'prediction must be used, and not only in a condition'],
  ])('refuses %j in one line that says what and where', (text, message) => {
    expect(lossExpressionError(text)).toMatch(message);
    if (typeof message === 'string') expect(lossExpressionError(text)).toBe(message);
    expect(() => parseLossExpression(text)).toThrow(message);
  });

  it('is at most 500 characters long and 50 levels deep, in any form of nesting', () => {
    const long = `prediction${' '.repeat(490)}`;
    expect(lossExpressionError(long)).toBeUndefined();
    expect(lossExpressionError(`${long} `)).toBe('longer than 500 characters');
    expect(lossExpressionError(`${'-'.repeat(49)}prediction`)).toBeUndefined();
    for (const deep of [
      `${'-'.repeat(50)}prediction`,
      `${'2^'.repeat(50)}prediction`,
      `prediction${'+1'.repeat(50)}`,
      `${'1>0?1:'.repeat(50)}prediction`,
      `${'('.repeat(51)}prediction${')'.repeat(51)}`,
      `${'('.repeat(490)}prediction`,
    ])
      expect(lossExpressionError(deep)).toBe('nested deeper than 50 levels');
  });

  it('parses any text to a tree or a one-line message', () => {
    const piece = fc.constantFrom(
      ...['prediction', 'target', 'abs', 'max', '(', ')', '+', '-', '*', '/', '^', '?', ':', '<', '==', '=', ',', '.'],
      ...['1', '2.5e3', '"', "'", '[', ']', '{', '}', ';', '\n', '!', '%', 'to', 'x', ' ', '$', 'é', '\u0000'],
    );
    fc.assert(
      fc.property(fc.array(piece, { maxLength: 20 }), (pieces) => {
        const message = lossExpressionError(pieces.join(''));
        return message === undefined || (message.length > 0 && !message.includes('\n'));
      }),
      { numRuns: 2000 },
    );
  });
});
