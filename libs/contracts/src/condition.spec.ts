import fc from 'fast-check';
import { limits } from './limits';
import { parseCondition } from './condition';

describe('a condition of a leaderboard', () => {
  it.each([
    ['model.cell:gru', { path: 'model.cell', equals: 'gru' }],
    ['dataset.url:s3://bucket', { path: 'dataset.url', equals: 's3://bucket' }],
    ['training.learningRate:1e-4..1e-2', { path: 'training.learningRate', low: 1e-4, high: 1e-2 }],
    ['value:..2', { path: 'value', low: null, high: 2 }],
    ['value: 1 .. ', { path: 'value', low: 1, high: null }],
  ])('%s is one value, or a range', (text, condition) => {
    expect(parseCondition(text)).toEqual(condition);
  });

  it.each([
    ['gru|lstm', ['gru', 'lstm']],
    [' gru | lstm ', ['gru', 'lstm']],
    ['Temp, Rain|Wind', ['Temp, Rain', 'Wind']],
    ['"a|b"|"c..d"|""|" e "', ['a|b', 'c..d', '', ' e ']],
    ['["a|b","c"]|{"kind":"sgd|adam"}|null', ['["a|b","c"]', '{"kind":"sgd|adam"}', 'null']],
    ['5" disk|6" disk', ['5" disk', '6" disk']],
    ['"never closed|b', ['"never closed', 'b']],
    ['[never closed|b', ['[never closed', 'b']],
    ['a..b..c|true', ['a..b..c', 'true']],
  ])('%s is several values, quoted if they contain a delimiter', (text, anyOf) => {
    expect(parseCondition(`model.x:${text}`)).toEqual({ path: 'model.x', anyOf });
  });

  it('parses any quoted values', () => {
    const text = fc.string({ unit: 'grapheme' }).map((each) => each.replaceAll('\0', ''));
    const texts = fc.array(text, { minLength: 2, maxLength: 5 });
    fc.assert(
      fc.property(texts, (anyOf) => {
        const text = `model.x:${anyOf.map((each) => JSON.stringify(each)).join('|')}`;
        expect(parseCondition(text)).toEqual({ path: 'model.x', anyOf });
      }),
    );
  });

  it.each([
    ['model.cell', 'must be PATH:VALUE, PATH:VALUE|VALUE or PATH:LOW..HIGH'],
    ['model.cell: ', 'must be PATH:VALUE'],
    ['model.cell:gru|', 'a value beside | is missing; write "" for an empty value'],
    ['model.cell:|gru', 'a value beside | is missing'],
    ['model.cell:gru||lstm', 'a value beside | is missing'],
    ['value:a..b', 'the ends of the range "a..b" must be numbers'],
    ['value:..', 'one may be omitted'],
    ['value:1..2|4', 'the range "1..2" must be a condition of its own'],
    ['model.cell:a\0', 'must not contain the character U+0000'],
    [
      `value:${Array(limits.conditionValues + 1)
        .fill(1)
        .join('|')}`,
      'must name at most 100 values, not 101',
    ],
  ])('%j is refused in one line', (text, line) => {
    expect(parseCondition(text)).toEqual(expect.stringContaining(line));
    expect(parseCondition(text)).not.toContain('\n');
  });
});
