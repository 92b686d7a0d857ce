import { readSeries } from './table';

const read = (content: string) => () => readSeries(Buffer.from(content), { missing: 'error' });

describe('a table of a series', () => {
  it.each([
    ['only a header', 'date,x\n', 'the series has only a header: give one row per time step'],
    ['a word among numbers', 'x\n1\n?0.2\n3\n', 'line 3: x is "?0.2", but other rows have numbers; correct it'],
    [
      'the newest row first',
      'date,x\n2020-02-01,1\n2020-01-01,2\n',
      'line 3: date 2020-01-01 comes after 2020-02-01; sort the rows by time',
    ],
  ])('is refused with %s', (_, content, message) => {
    expect(read(content)).toThrow(message);
  });

  it('may have equal dates, and words in a separate column', () => {
    const { names, rows } = read('date,day,x\n2020-01,Mo,1\n2020-01,Tu,2\n')();
    expect([names, rows]).toEqual([['x'], 2]);
  });
});
