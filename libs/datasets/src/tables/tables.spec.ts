import {
  Binary,
  Decimal,
  Float64,
  Int32,
  Table as ArrowTable,
  tableFromIPC,
  tableToIPC,
  Utf8,
  vectorFromArray,
} from 'apache-arrow';
import { readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { parseTable, type Table } from '../source/csv';
import { DatasetError } from '../prepared/data';
import { parseJsonLines, type JsonLine } from '../source/json-lines';
import type { SeriesOptions } from '../series/series-table';
import { readSeries } from '../series/table';
import { labelledRows, labelledTable } from '../labelled/rows';
import { typedInputs } from '../labelled/typed-rows';
import { tablePairs } from '../pairs/table-pairs';
import { plainText } from '../readers/table-text';
import { readTable } from './read-table';
import { asCells } from './typed-table';
import { withinTime } from './within-time';

/** Written by pandas, pyarrow, Polars and NumPy: see tests/interchange/data.py and made-with.json. */
const folder = join(__dirname, '../../../../tests/interchange/fixtures/data');
const bytesOf = (name: string): Uint8Array => readFileSync(join(folder, name));
const read = (name: string): Table => readTable(bytesOf(name), { isSeries: true });

const labelled = (name: string) => labelledTable({ kind: 'labelled', bytes: bytesOf(name) }, 'classification');

/** A column as numbers where its cells are numbers. */
const column = ({ header, rows }: Table, name: string): (string | number)[] =>
  rows.map(({ cells }) => {
    const cell = cells[header.indexOf(name)]!;
    return cell === '' || Number.isNaN(Number(cell)) ? cell : Number(cell);
  });

const expected = parseTable(bytesOf('expected.csv').toString(), { isSeries: true });
const tables = readdirSync(folder).filter(
  (name) => /\.(parquet|feather|arrow)$/.test(name) && !/^(long|odd|pairs|tagged|empty|nested)/.test(name),
);

describe('tables of other libraries', () => {
  it.each(tables)('%s has the values that CSV has', (name) => {
    const table = read(name);
    for (const each of table.header) {
      const wanted = column(expected, each);
      const isWall = each === 'time' && name.includes('wall');
      expect([each, column(table, each)]).toEqual([
        each,
        isWall ? wanted.map((time) => String(time).slice(0, -1)) : wanted,
      ]);
    }
    expect(table.header.length).toBeGreaterThan(8);
  });
});

describe('single tables', () => {
  it('keep integers beyond 2^53 exactly, as the names of series are', () => {
    for (const name of ['plain.parquet', 'none.feather', 'structured.npy']) {
      const table = read(name);
      const last = table.rows.at(-1)!.cells[table.header.indexOf(name.endsWith('npy') ? 'n' : 'big')];
      expect(last).toBe(String(2n ** 53n + BigInt(table.rows.length)));
    }
  });

  it('keep such integers of JSON too, but no digits of texts and fractions', () => {
    const lines = [
      '{"id": 9007199254740992, "x": 1}',
      '{"id": 9007199254740993, "x": -9007199254740993}',
      '{"id":"say \\"9007199254740993\\"","x":0.12345678901234567}',
      '{"id":1e20,"x":[9007199254740991, 12345678901234567890.5]}',
    ];
    const cells = [
      ['9007199254740992', '1'],
      ['9007199254740993', '-9007199254740993'],
      ['say "9007199254740993"', '0.12345678901234566'],
      ['100000000000000000000', '[9007199254740991,12345678901234567000]'],
    ];
    for (const text of [lines.join('\n'), `[${lines.join(',')}]`])
      expect(readTable(Buffer.from(text)).rows.map((row) => row.cells)).toEqual(cells);
    // Numbers of a list stay what they are.
    const [{ row }] = parseJsonLines('{"values": [1e17, 100000000000000000], "label": 100000000000000001}') as [
      JsonLine,
    ];
    expect(row).toEqual({ values: [1e17, 1e17], label: '100000000000000001' });
    const rows = [992, 993].flatMap((id) => [1, 2, 3].map((t) => `{"id":9007199254740${id},"t":${t},"x":${id * t}}`));
    const { spans } = readSeries(Buffer.from(rows.join('\n')), { series: 'id', missing: 'error' });
    expect(spans.map(({ key }) => key)).toEqual(['9007199254740992', '9007199254740993']);
  });

  it('of JSON may have long texts, and powers with many digits', () => {
    const texts = ['a'.repeat(5e6), '\n"\\'.repeat(1e6)].map((part) => `${part} 12345678901234567890 ${part}`);
    for (const text of texts) {
      const line = JSON.stringify({ text, id: 1 }).replace(/1}$/, '12345678901234567890}');
      const [{ row }] = parseJsonLines(line) as [JsonLine];
      expect(row.text === text && row.id).toBe('12345678901234567890');
    }
    const powers = '{"a":1e-0000000000000001,"b":1e+0000000000000001,"c":1E0000000000000001,"d":-1234567890123456789}';
    expect(parseJsonLines(powers)[0]!.row).toEqual({ a: 0.1, b: 10, c: 10, d: '-1234567890123456789' });
  });

  it('follow blocks of LZ4 that refer to those before', () => {
    const values = column(read('long.feather'), 'x');
    expect(values).toEqual(Array.from({ length: 40_000 }, (_, row) => (Math.floor(row / 50) % 97) + 1000));
  });

  it('of NumPy are read in any order of bytes and axes', () => {
    const grid = column(read('grid.npy'), 'column 2');
    expect(grid).toEqual(Array.from({ length: 12 }, (_, row) => (2 * row + 1) / 7));
    for (const name of ['fortran.npy', 'big-endian.npy']) expect(read(name).rows).toEqual(read('grid.npy').rows);
    const structured = read('structured.npy');
    expect(structured.header).toEqual(['time', 'x', 'name', 'n']);
    expect(structured.rows[11]!.cells).toEqual(['2026-01-01T11:00:00.000', '3.28515625', 'é, b', '9007199254741004']);
    const several = read('columns.npz');
    expect(several.header).toEqual(['time', 'x', 'z 1', 'z 2', 'step']);
    expect(column(several, 'time').at(-1)).toBe('2026-01-01T11:00:00.000');
    expect(column(several, 'z 2')).toEqual(grid);
  });

  it.each(['odd.parquet', 'odd.feather'])('have what a float64 or a stored type does not say: %s', (name) => {
    const table = read(name);
    const cells = Object.fromEntries(table.header.map((each, at) => [each, table.rows.map((row) => row.cells[at])]));
    expect(cells).toEqual({
      key: ['9007199254740992', '9007199254740993', '9007199254740994'],
      hash: ['/jE=', '/zE=', 'plain'],
      uuid: [0, 1, 2].map((each) => '00000000-0000-0000-0000-000000000000'.replaceAll('00', `0${each}`)),
      month: ['1969-12', '1970-01', '1970-02'],
      quarter: ['1969Q4', '1970Q1', '1970Q2'],
      // Summer time begins on the eighth.
      day: ['7T00:00:00.000-05:00', '8T00:00:00.000-05:00', '9T00:00:00.000-04:00'].map((each) => `2026-03-0${each}`),
      tokyo: [7, 8, 9].map((each) => `2026-03-0${each}T00:00:00.000+09:00`),
      prices: ['[1.25,null]', '[]', '[-2.5]'],
      times: [7, 8, 9].map((each) => `["2026-03-0${each}T00:00:00.000"]`),
      box: Array.from({ length: 3 }, () => '{"price":0.5}'),
    });
  });

  it('have midnights of a zone as the days that their CSV has', () => {
    const days = [7, 8, 9].map((each) => Date.UTC(2026, 2, each));
    for (const column of ['day', 'tokyo']) {
      const { header, rows } = read('odd.parquet');
      const csv = rows.map(({ cells }, row) => `${cells[header.indexOf(column)]},${row * row}`);
      const series = readSeries(Buffer.from(['time,x', ...csv].join('\n')), { missing: 'error' });
      expect([...series.clock!.times]).toEqual(days);
    }
  });

  it('of NumPy have times before 1970, fields with room between them, and no label where it is missing', () => {
    expect(read('aligned.npy').rows.map(({ cells }) => cells)).toEqual([
      ['1', '0.5'],
      ['2', '1.5'],
    ]);
    expect(read('before-1970.npy').rows[0]!.cells).toEqual(['1969-12-31T23:59:59.999']);
    expect(() => labelled('unlabelled.npz')).toThrow('y[2]: has no label');
    expect(labelled('masked.npz').facts).toEqual(['NumPy', 'left out mask']);
  });

  it('have JSON lines with other keys in other rows', () => {
    const table = readTable(Buffer.from('{"t":1,"x":2.5}\n\n{"t":2,"y":null,"ok":true}\n'));
    expect(table.header).toEqual(['t', 'x', 'y', 'ok']);
    expect(table.rows.map(({ cells, place }) => [place, ...cells])).toEqual([
      ['line 1', '1', '2.5', '', ''],
      ['line 3', '2', '', '', 'true'],
    ]);
  });

  it.each([
    ['odd-weeks.parquet', 'week has periods of pandas (W-SUN), which are not read: write their beginnings'],
    ['objects.npz', 'x: the array has objects of Python, which are not read'],
    ['waves.npz', 'x_train has 3 dimensions: a table needs arrays of one'],
  ])('are refused: %s', (name, message) => {
    expect(() => read(name)).toThrow(message);
  });

  it.each(['zstd.parquet', 'none.feather', 'stream.arrow', 'grid.npy', 'waves.npz'])(
    'are refused cut short: %s',
    (name) => {
      const whole = bytesOf(name);
      for (const part of [0.3, 0.9, 0.99]) {
        const cut = whole.subarray(0, Math.floor(part * whole.length));
        expect(() => readTable(cut)).toThrow(DatasetError);
      }
    },
  );

  it('are refused where they announce too much', () => {
    const header = "{'descr': '<f8', 'fortran_order': False, 'shape': (99999, 99999), }";
    const npy = Buffer.concat([
      Buffer.from('\x93NUMPY\x01\x00', 'latin1'),
      Buffer.of(header.length, 0),
      Buffer.from(header),
    ]);
    expect(() => readTable(npy)).toThrow('value: the array is too large (9999800001 values');
    expect(() =>
      asCells({
        format: 'Parquet',
        rows: 2 ** 25,
        columns: [
          { name: 'x', values: [] },
          { name: 'y', values: [] },
        ],
      }),
    ).toThrow('the table has 33,554,432 rows of 2 columns, and at most');
  });
});

describe('a series in a typed table', () => {
  it('is read as that of a CSV: times, series, numbers, missing values', () => {
    const options = { missing: 'previous', series: 'store' } as const;
    const typed = readSeries(bytesOf('us-zone.parquet'), options);
    const csv = readSeries(bytesOf('expected.csv'), options);
    expect(typed).toEqual({
      ...csv,
      facts: [csv.facts[0]!.replace(': time', ': Parquet; time'), ...csv.facts.slice(1)],
    });
    expect(typed.facts[0]).toContain(
      'read 40 rows of 2 series (store): Parquet; time time (yyyy-M-d), step 1 hour; numbers load',
    );
    expect(typed.facts[0]).toContain('open (true is 1, false is 0)');
  });

  // Digits that would be 1,125 and more with a decimal comma.
  const fractions = [1.125, 2.25, 3.375];
  const text = ['1,5', '2,25', '0,125'];
  const file = (columns: object): Uint8Array => tableToIPC(new ArrowTable(columns as never), 'stream');
  const prices = vectorFromArray(
    [1125, 2250, 3375].map((each) => Uint32Array.of(each, 0, 0, 0)) as never,
    new Decimal(3, 9),
  );

  it('has numbers that no option or other column reads in another way', () => {
    const columns = {
      x: vectorFromArray(fractions, new Float64()),
      price: prices,
      text: vectorFromArray(text, new Utf8()),
    };
    const whole = vectorFromArray([1, 2, 3], new Int32());
    for (const options of [{}, { decimal: ',' }, { knownDecimal: ',' }] as const) {
      const series = readSeries(file({ ...columns, whole }), { missing: 'error', ...options });
      const read = Object.fromEntries(series.names.map((name, at) => [name, [...series.columns[at]!]]));
      expect(read).toEqual({ x: fractions, price: fractions, text: [1.5, 2.25, 0.125], whole: [1, 2, 3] });
    }
    const lines = fractions.map((x) => JSON.stringify({ x })).join('\n');
    expect([...readSeries(Buffer.from(lines), { missing: 'error', decimal: ',' }).columns[0]!]).toEqual(fractions);
  });

  it('may mark missing values by numbers, and has no infinite ones', () => {
    const options: SeriesOptions = { missing: { values: [-9999, '2.250'], fill: 'previous' }, decimal: ',' };
    const series = readSeries(file({ x: vectorFromArray([-9999, ...fractions], new Float64()) }), options);
    expect([...series.columns[0]!]).toEqual([NaN, 1.125, NaN, 3.375]);
    expect(() => readSeries(file({ x: vectorFromArray([1, Infinity], new Float64()) }), { missing: 'error' })).toThrow(
      'row 2: x is "Infinity", but other rows have numbers; correct it, leave it empty, or name it in dataset.missing.values',
    );
  });

  it('is refused with the row and the column', () => {
    expect(() => readSeries(bytesOf('us-zone.parquet'), { missing: 'error', series: 'store' })).toThrow(
      'row 6: load has no value, like 1 other row; fill it in, or set dataset.missing',
    );
    expect(() => readSeries(bytesOf('empty.parquet'), { missing: 'error' })).toThrow('the series has no rows');
  });

  it('leaves out what is nested, with its name', () => {
    expect(readSeries(bytesOf('nested.parquet'), { missing: 'error' }).facts[0]).toContain(
      'left out box (text, such as ',
    );
  });
});

it('a column of Arrow of a type that is not read is named', () => {
  const bytes = tableToIPC(new ArrowTable({ a: vectorFromArray([1, 2], new Int32()) }), 'stream');
  // The type of the first field (Schema.fbs): 2 is Int, 22 run-end encoded.
  expect(bytes[99]).toBe(2);
  bytes[99] = 22;
  expect(() => readTable(bytes, { isSeries: true })).toThrow(
    'the Arrow file has a column of the type RunEndEncoded, which is not read: cast it to a plain one',
  );
});

describe('a reader of another library', () => {
  it('is ended where it does not end', () => {
    const endless = (): never => {
      for (;;);
    };
    expect(() => withinTime('Arrow', endless, 20)).toThrow(
      'the Arrow file is damaged: reading it takes more than 0.02 seconds',
    );
    expect(withinTime('Arrow', () => 7)).toBe(7);
    const broken = (): never => {
      throw new DatasetError('no table');
    };
    expect(() => withinTime('Arrow', broken)).toThrow(DatasetError);
  });
});

it('a column of labels of a type that is not read is named, and only that', () => {
  const whole = new ArrowTable({ text: vectorFromArray(['a b', 'c d', 'e f', 'g h'], new Utf8()) });
  const gap = tableFromIPC(bytesOf('odd-months.feather')).select(['gap', 'x']);
  const bytes = tableToIPC(whole.assign(gap), 'stream');
  const labels = (label: string) =>
    labelledRows({ kind: 'labelled', bytes }, 'classification', { text: 'text', label }).map((row) => row.label);
  expect(labels('x')).toEqual(['1', '2', '4', '3']);
  expect(() => labels('gap')).toThrow(
    'the Arrow file has a column of the type Interval<MONTH_DAY_NANO>, which is not read',
  );
});

describe('bytes that are no text', () => {
  const bytes = (column: readonly string[]) =>
    vectorFromArray(
      column.map((each) => Buffer.from(each, 'latin1')),
      new Binary(),
    );
  const file = (text: readonly string[], label: readonly string[]): Uint8Array =>
    tableToIPC(new ArrowTable({ text: bytes(text), label: bytes(label) }), 'stream');
  const refusal = 'row 2: the text is not valid UTF-8: convert it, for example with iconv';

  it('are refused among texts, and are base64 among labels', () => {
    const rows = (content: Uint8Array) => labelledRows({ kind: 'labelled', bytes: content }, 'classification');
    expect(rows(file(['one', 'two'], ['a', '\xff']))).toMatchObject([
      { text: 'one', label: 'a' },
      { text: 'two', label: '/w==' },
    ]);
    const wrong = file(['one', 'caf\xe9'], ['a', 'b']);
    expect(() => rows(wrong)).toThrow(refusal);
    expect(() => typedInputs(wrong, {})).toThrow(refusal);
    expect(() => tablePairs(wrong)).toThrow(refusal);
    expect(() => plainText({ kind: 'text', bytes: wrong }, { text: 'text' })).toThrow(refusal);
  });
});
