import { constraintError, parseConstraint } from './constraint-expression';

const holds = (text: string, values: Record<string, unknown>): boolean =>
  parseConstraint(text).holds((name) => values[name]);

describe('a condition on parameters', () => {
  it.each([
    ['a * b <= 12', { a: 3, b: 4 }, true],
    ['a * b < 12', { a: 3, b: 4 }, false],
    ['-a + 2 ^ b == 13', { a: 3, b: 4 }, true],
    ['min(a, b) == 3 and max(a, b) == 4', { a: 3, b: 4 }, true],
    ['not (a > b)', { a: 3, b: 4 }, true],
    ['cell == "gru" or a < 2', { cell: 'gru', a: 9 }, true],
    ['cell != "gru"', { cell: 'gru' }, false],
    ['model.hiddenSize / 2 >= 4', { 'model.hiddenSize': 8 }, true],
    ['stateful == true', { stateful: true }, true],
    ['cell < 3', { cell: 'gru' }, false],
  ])('%s of %j is %s', (text, values, result) => {
    expect(holds(text, values)).toBe(result);
  });

  it('holds if the configuration lacks a name', () => {
    expect(holds('momentum > 0.5', {})).toBe(true);
  });

  it('lists the names that it uses, each once', () => {
    expect(parseConstraint('a * a + model.b < 3').names).toEqual(['a', 'model.b']);
  });

  it.each([
    ['', 'a condition such as hiddenSize * layers <= 512 is missing'],
    ['a', 'a is not a condition: it must compare, as in hiddenSize <= 512'],
    ['1 < 2', 'names no parameter'],
    ['a = 3', /is not a condition/],
    ['f(a) < 2', 'unknown function f; known functions: min, max, abs, log2, floor, ceil'],
    ['2 a < 3', '2 a is not allowed: write * between the two'],
    ['a < b < c', /is not a condition/],
    ['a["constructor"] < 1', /is not the name of a parameter$/],
    ['a.constructor.constructor("x") < 1', /^unknown function/],
    ['a < 1 # x', '# at character 7 is not allowed'],
    [`${'('.repeat(60)}a${')'.repeat(60)} < 1`, 'nested deeper than 50 levels'],
    [`${'a+'.repeat(300)}a < 1`, 'longer than 500 characters'],
  ])('is refused: %j', (text, message) => {
    const found = constraintError(text)!;
    if (typeof message === 'string') expect(found).toBe(message);
    else expect(found).toMatch(message);
  });
});
