import { numberColumns } from './number-columns';
import { missingCells, missingNumbers } from './missing';

const read = (columns: readonly string[][], decimal?: '.' | ',') => {
  const rows = columns[0]!.map((_, row) => ({
    cells: columns.map((column) => column[row]!),
    place: `line ${row + 2}`,
  }));
  const asked = { isMissing: missingCells([]), decimal, nameOf: (column: number) => `c${column}` };
  return numberColumns(rows, [...columns.keys()], asked);
};
const values = (cells: string[], decimal?: '.' | ','): number[] => [...read([cells], decimal).numbers[0]!.values];

describe('numbers of a column', () => {
  it.each([
    ['plain', ['1', '-2.5', '+3', '.5', '1e3', '2E-2'], [1, -2.5, 3, 0.5, 1000, 0.02]],
    ['dollars', ['$101.29', '$1,002.75', '-$5.00', '($6.50)', '$7'], [101.29, 1002.75, -5, -6.5, 7]],
    ['euros', ['101,29 €', '1.002,75 €', '-5,00 €', '€ 7,10'], [101.29, 1002.75, -5, 7.1]],
    ['currency codes', ['USD 12.50', '13 usd', 'US$ 4.25', '$3', '7'], [12.5, 13, 4.25, 3, 7]],
    ['pounds', ['£3', '4 GBP'], [3, 4]],
    ['yuan', ['¥3', '4 CNY', 'CN¥5'], [3, 4, 5]],
    ['Canadian dollars', ['$3 CAD', '$4', '5 CAD'], [3, 4, 5]],
    ['kronor', ['3 kr', 'SEK 4', '5'], [3, 4, 5]],
    ['thousands by comma', ['1,002.75', '1,234,567.5', '12'], [1002.75, 1234567.5, 12]],
    ['whole thousands by comma', ['1,002', '998', '12,345,678'], [1002, 998, 12345678]],
    ['thousands by apostrophe', ["1'002.75", '1’234’567', '5'], [1002.75, 1234567, 5]],
    ['thousands by space', ['1 002,75', '1\u00a0234\u202f567,5', '5,1'], [1002.75, 1234567.5, 5.1]],
    ['thousands by point', ['1.002,75', '1.234.567', '5'], [1002.75, 1234567, 5]],
    ['repeated points', ['1.234.567', '2.345', '1'], [1234567, 2345, 1]],
    ['as in India', ['1,00,000', '12,34,567.5', '5'], [100000, 1234567.5, 5]],
    ['decimal commas', ['101,29', '1,5', '1500'], [101.29, 1.5, 1500]],
    ['three decimals by comma', ['0,125', '1,250', '12,500'], [0.125, 1.25, 12.5]],
    ['three decimals by point', ['1.234', '0.125', '12.500'], [1.234, 0.125, 12.5]],
    ['percent', ['1%', '-2.5 %', '0%'], [1, -2.5, 0]],
    ['percent by comma', ['1,5%', '2%'], [1.5, 2]],
    ['a minus at the end, and a real one', ['5.00-', '−3', '4'], [-5, -3, 4]],
    ['K, M and B', ['1.2K', '3M', '1.5B', '12'], [1200, 3e6, 1.5e9, 12]],
    ['one unit', ['0.5 °C', '-3 °C', '1,250.5 °C'], [0.5, -3, 1250.5]],
    [
      'missing',
      ['1', '', 'NA', '?', '-', 'null', '#N/A', '.', 'NaN', '2'],
      [1, NaN, NaN, NaN, NaN, NaN, NaN, NaN, NaN, 2],
    ],
  ])('may be %s', (_, cells, numbers) => {
    expect(values(cells)).toEqual(numbers);
  });

  it('that stand for missing are those listed, of which blank texts and words are no numbers', () => {
    const cells = ['0', '0,0', '0%', '$0', '-9999', '16'];
    const listed = ['', ' ', -9999, '0x10', 'none'];
    expect(cells.filter(missingCells(listed))).toEqual(['-9999']);
    expect([0, 16, NaN, Infinity, -9999].filter(missingNumbers([...listed, 'Infinity']))).toEqual([-9999]);
    expect(['0', '0.0', '-0'].filter(missingCells(['0']))).toEqual(['0', '0.0', '-0']);
  });

  it('with a comma that may be either is asked for, unless another column or a person says it', () => {
    const cells = ['1,234', '5,678'];
    expect(() => values(cells)).toThrow(
      'c0 has numbers such as 1,234, where the comma may be a decimal mark or one of thousands: set dataset.decimal to "," or "."',
    );
    expect(values(cells, ',')).toEqual([1.234, 5.678]);
    expect(values(cells, '.')).toEqual([1234, 5678]);
    expect([...read([cells, ['1,5', '2,25']]).numbers[0]!.values]).toEqual([1.234, 5.678]);
    expect([...read([cells, ['1.5', '2.25']]).numbers[0]!.values]).toEqual([1234, 5678]);
    expect([
      ...read([
        ['1.234', '5.678'],
        ['1,5', '2,25'],
      ]).numbers[0]!.values,
    ]).toEqual([1234, 5678]);
  });

  it('with groups of three beside whole numbers are thousands only where nothing says otherwise', () => {
    const cells = ['1,250', '2', '1,375'];
    const asked = { isMissing: missingCells([]), decimal: undefined, nameOf: (column: number) => `c${column}` };
    const rows = cells.map((cell, row) => ({ cells: [cell, '0,5', '0.5'], place: `line ${row + 2}` }));
    const first = (columns: number[], more = {}): number[] => [
      ...numberColumns(rows, columns, { ...asked, ...more }).numbers[0]!.values,
    ];
    expect(first([0])).toEqual([1250, 2, 1375]);
    expect(first([0, 2])).toEqual([1250, 2, 1375]);
    // Another column, the data that a model was trained on, and a file whose commas separate nothing.
    expect(first([0, 1])).toEqual([1.25, 2, 1.375]);
    expect(first([0], { knownDecimal: ',' })).toEqual([1.25, 2, 1.375]);
    expect(() => first([0], { separator: ';' })).toThrow('set dataset.decimal to "," or "."');
    expect(first([0, 2], { separator: ';' })).toEqual([1250, 2, 1375]);
  });

  it('are told from dates, times, words and units', () => {
    const texts = ['2020-07-18', '18.07.2020', '7/18/2020', '12:30', 'abc', '1.2.3', 'd1', '0x10', '1_000,5.2'];
    const { numbers, leftOut } = read(texts.map((text) => [text, text]));
    expect(numbers).toEqual([]);
    expect(leftOut.map(({ index }) => index)).toEqual([...texts.keys()]);
    expect(leftOut[4]!.why).toBe('text, such as "abc"');
    expect(read([['', 'NA']]).leftOut).toEqual([{ index: 0, why: 'empty' }]);
  });

  it('are refused with the line of one that is none, or is written in another way', () => {
    expect(() => values(['1', '2', 'x', '4'])).toThrow('line 4: c0 is "x", but other rows have numbers; correct it');
    expect(() => values(['1,234.5', '2', '1.234,5', '4'])).toThrow(
      'line 2: c0 is "1,234.5", which is written in another way than other numbers',
    );
  });

  it.each([
    [['50%', '0.5'], 'line 3: c0 is "0.5", but other rows are as "50%": write all in one unit'],
    [['0.5', '0', '50%', '0%'], 'line 2: c0 is "0.5", but other rows are as "50%"'],
    [['5%', '5‰'], 'line 3: c0 is "5‰"'],
    [['$5', '€5'], 'line 3: c0 is "€5", but other rows are as "$5"'],
    [['USD 5', '7', '6 CHF'], 'line 4: c0 is "6 CHF", but other rows are as "USD 5"'],
    [['$5', '6 EUR'], 'line 3: c0 is "6 EUR", but other rows are as "$5"'],
    [['USD 5', '€6'], 'line 3: c0 is "€6"'],
    [['5 GBP', '£6', '¥7'], 'line 4: c0 is "¥7"'],
    [['$5', '6 CAD', 'US$7'], 'line 4: c0 is "US$7", but other rows are as "6 CAD"'],
    [['5 kr', '€6'], 'line 3: c0 is "€6"'],
    [['$5 CAD', '$6 USD'], 'line 3: c0 is "$6 USD"'],
  ])('are refused in two units: %j', (cells, message) => {
    expect(() => values(cells)).toThrow(message);
    expect(values(['5%', '0', '0.0', '7 %'])).toEqual([5, 0, 0, 7]);
  });

  it('say how they are written', () => {
    expect(read([['1.002,75', '3']]).numbers[0]!.note).toBe('decimal comma, thousands by point');
    expect(read([['1%', '3%']]).numbers[0]!.note).toBe('in percent');
    expect(read([['1.5', '3']]).numbers[0]!.note).toBeUndefined();
  });
});
