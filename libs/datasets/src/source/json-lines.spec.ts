import { parseExactly } from './json-lines';

describe('JSON with exact integers', () => {
  afterEach(() => jest.restoreAllMocks());

  it.each([
    ['{"a": [0.1234567890123456, 1e-16]}', { a: [0.1234567890123456, 1e-16] }, 1],
    ['{"a": -1234567890123456.5, "b": 1234567890123456e2}', { a: -1234567890123456.5, b: 1234567890123456e2 }, 1],
    [
      '{"id": -9007199254740993, "a": [0.1, 1234567890123456]}',
      { id: '-9007199254740993', a: [0.1, 1234567890123456] },
      2,
    ],
    ['[{"id": 9007199254740993}]', [{ id: '9007199254740993' }], 2],
  ])('parses %s again only for long integers', (text, value, times) => {
    const parse = jest.spyOn(JSON, 'parse');
    expect(parseExactly(text)).toEqual(value);
    expect(parse).toHaveBeenCalledTimes(times);
  });
});
