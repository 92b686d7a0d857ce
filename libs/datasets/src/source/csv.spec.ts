import { parseTable } from './csv';

const read = (text: string, options?: Parameters<typeof parseTable>[1]): string[][] => {
  const { header, rows } = parseTable(text, options);
  return [header, ...rows.map(({ cells }) => cells)];
};
const table = [
  ['date', 'value'],
  ['2020-01-01', '1,5'],
  ['2020-01-02', '2'],
];

describe('a table', () => {
  it.each([
    ['commas', 'date,value\n2020-01-01,"1,5"\n2020-01-02,2\n'],
    ['semicolons', 'date;value\n2020-01-01;1,5\n2020-01-02;2\n'],
    ['tabs', 'date\tvalue\n2020-01-01\t1,5\n2020-01-02\t2\n'],
    ['bars', 'date|value\n2020-01-01|1,5\n2020-01-02|2\n'],
    ['quoted names', '"date";"value"\n"2020-01-01";"1,5"\n"2020-01-02";"2"\n'],
    ['a separator that Excel declares', 'sep=;\ndate;value\n2020-01-01;1,5\n2020-01-02;2\n'],
    ['a byte order mark', '\ufeffdate;value\n2020-01-01;1,5\n2020-01-02;2\n'],
    ['CRLF', 'date;value\r\n2020-01-01;1,5\r\n2020-01-02;2\r\n'],
    ['a header with LF and rows with CRLF', 'date;value\n2020-01-01;1,5\r\n2020-01-02;2\r\n'],
    ['a header with CRLF and rows with LF', 'date;value\r\n2020-01-01;1,5\n2020-01-02;2\n'],
    ['CR', 'date;value\r2020-01-01;1,5\r2020-01-02;2'],
    ['empty lines and rows at the end', 'date;value\n2020-01-01;1,5\n\n2020-01-02;2\n\n;\n;\n\n'],
    ['comments before the header', '# from a sensor; of mine\n# 2020\ndate;value\n2020-01-01;1,5\n2020-01-02;2\n'],
    ['a title before the header', 'Temperatures\n\ndate;value\n2020-01-01;1,5\n2020-01-02;2\n'],
    ['separators at the end of lines', 'date;value;\n2020-01-01;1,5;\n2020-01-02;2;\n'],
    ['separators at the end of rows only', 'date;value\n2020-01-01;1,5;\n2020-01-02;2;\n'],
    ['the header in a comment', '# date;value\n2020-01-01;1,5\n2020-01-02;2\n'],
  ])('may have %s', (_, text) => {
    expect(read(text)).toEqual(table);
  });

  it('with tabs may have quotes as marks of a text, which join no lines, or around cells', () => {
    const glue = 'sentence\tlabel\n"a film" it says\t0\n"no end\t1\nnor a beginning"\t0\n';
    expect(read(glue)).toEqual([
      ['sentence', 'label'],
      ...[
        ['"a film" it says', '0'],
        ['"no end', '1'],
        ['nor a beginning"', '0'],
      ],
    ]);
    expect(parseTable(glue).rows.map(({ place }) => place)).toEqual(['line 2', 'line 3', 'line 4']);
    const pandas = 'text\tlabel\n"a\tb"\t0\n"two\nlines"\t1\n"say ""a"" "\t1\n';
    expect(read(pandas).slice(1)).toEqual([
      ...[
        ['a\tb', '0'],
        ['two\nlines', '1'],
        ['say "a" ', '1'],
      ],
    ]);
    expect(read('text\tlabel\n"say ""a"" "\t1\n').slice(1)).toEqual([['say "a" ', '1']]);
  });

  it('may have one column, spaces where asked for, and a first column without a name', () => {
    expect(read('value\n1,5\n2,5\n')).not.toEqual([]);
    expect(parseTable('x\n1\n2\n').header).toEqual(['x']);
    expect(read('t   x\n1   0.5\n10  0.25\n', { isSeries: true })).toEqual([
      ['t', 'x'],
      ['1', '0.5'],
      ['10', '0.25'],
    ]);
    expect(() => read('date,value\n2020-01-01,1,5\n2020-01-02,2,5\n')).toThrow(
      'line 2: has 3 cells, but the header has 2 columns; put a cell that contains the separator in quotes',
    );
    expect(read('date,x\n0,2020-01-01,1\n1,2020-01-02,2\n')).toEqual([
      ['', 'date', 'x'],
      ['0', '2020-01-01', '1'],
      ['1', '2020-01-02', '2'],
    ]);
  });

  it('has the lines of the file, also where a cell spans two', () => {
    const { rows } = parseTable('# a\ntext,label\n"a\nb",x\nc,y\n');
    expect(rows.map(({ place }) => place)).toEqual(['line 4', 'line 5']);
  });

  it('of a series may end in words', () => {
    const { rows, notes } = parseTable('t,x\n1,2\n2,3\n\nSource: a station\n', { isSeries: true });
    expect([rows.length, notes]).toEqual([2, ['skipped a line after the rows']]);
  });

  it('says what is not obvious', () => {
    expect(parseTable('a\tb\n1\t2\n').notes).toEqual(['columns separated by tabs']);
    expect(parseTable('Title\na,b\n1,2\n3,4\n').notes).toEqual(['skipped a line before the header']);
  });

  it('is refused with the line of a row of another length, and for two columns of one name', () => {
    expect(() => read('a,b\n,1,2\n1,3,4\n')).toThrow('line 2: has 3 cells, but the header has 2 columns');
    expect(() => read('a,b\n1,2\n3\n')).toThrow('line 3: has 1 cell, but the header has 2 columns');
    expect(() => read('a,b\n1,2\n1,3,4\n')).toThrow('line 3: has 3 cells, but the header has 2 columns');
    expect(() => read('text,label\nhello, world,x\nhello,y\n')).toThrow(
      'put a cell that contains the separator in quotes',
    );
    expect(() => read('a,b,a\n1,2,3\n')).toThrow('two columns are named "a"');
    expect(() => read('\n \n')).toThrow('the data set is empty');
  });
});
