import { Field, Interval, IntervalUnit, Schema, Struct, Table, makeData, RecordBatch, tableToIPC } from 'apache-arrow';
import { trialSpec } from '@unroll/contracts';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { durationCell, secondsOf } from '../tables/times';
import { readTable } from '../tables/read-table';
import { chosenColumns } from './roles';
import type { SeriesOptions } from './series-table';
import { readSeries } from './table';

/** Written by pandas, pyarrow and NumPy: see tests/interchange/data.py. */
const folder = join(__dirname, '../../../../tests/interchange/fixtures/data');
const bytesOf = (name: string): Uint8Array => readFileSync(join(folder, name));

describe('durations', () => {
  const seconds = JSON.parse(bytesOf('odd-durations.json').toString()) as Record<string, (number | null)[]>;

  it.each(['parquet', 'feather', 'npy', 'csv'])('of any unit are their seconds: %s', (format) => {
    const { names, columns, facts } = readSeries(bytesOf(`odd-durations.${format}`), { missing: 'previous' });
    const read = Object.fromEntries(names.map((name, at) => [name, columns[at]!]));
    expect(Object.keys(read)).toEqual(Object.keys(seconds));
    for (const [name, wanted] of Object.entries(seconds))
      expect([name, ...read[name]!]).toEqual([name, ...wanted.map((each) => each ?? NaN)]);
    expect(facts.join()).toContain('durations of s, ms, us, ns, fine in seconds');
  });

  it('are times that count, too', () => {
    const rows = ['0 days 00:00:00', '0 days 00:15:00', '0 days 00:30:00', '0 days 01:00:00'];
    const { clock } = readSeries(Buffer.from(['time,x', ...rows.map((row, at) => `${row},${at}`)].join('\n')), {
      missing: 'error',
    });
    expect(clock).toMatchObject({ kind: 'numbers', step: { size: 900 } });
    expect([...clock!.times]).toEqual([0, 900, 1800, 3600]);
  });

  it.each(['parquet', 'feather', 'npy'])('have no decimal mark that an option could change: %s', (format) => {
    const plain = readSeries(bytesOf(`odd-durations.${format}`), { missing: 'previous' });
    expect(readSeries(bytesOf(`odd-durations.${format}`), { missing: 'previous', decimal: ',' })).toEqual(plain);
    const told = readSeries(bytesOf(`odd-durations.${format}`), { missing: 'previous', knownDecimal: ',' });
    expect(told.columns).toEqual(plain.columns);
  });

  it.each(['time', 'date', 'ds', 'year'])('are no years where their column is named %s', (name) => {
    const rows = Array.from({ length: 30 }, (_, row) => `0 days 00:${30 + row}:00,${row % 7}`);
    const { clock, facts } = readSeries(Buffer.from([`${name},x`, ...rows].join('\n')), { missing: 'error' });
    expect(clock).toMatchObject({ kind: 'numbers', step: { size: 60 } });
    expect(clock!.times[0]).toBe(1800);
    expect(facts.join()).toContain(`durations of ${name} in seconds; time ${name}, step 60`);
  });

  it.each(['', 'NaT', 'NaN', 'NA', 'null', '-'])('may be missing: %j', (word) => {
    const rows = ['0 days 00:00:01.5', word, '-1 days +23:59:58'].map((cell, at) => `${at},${cell}`);
    const { names, columns } = readSeries(Buffer.from(['x,took', ...rows].join('\n')), { missing: 'previous' });
    expect(names).toContain('took');
    expect([...columns[names.indexOf('took')]!]).toEqual([1.5, NaN, -2]);
  });

  it('keep their writing as the names of series and categories', () => {
    const rows = ['0 days 00:15:00', '1 days'].flatMap((lag) =>
      [1, 2, 3].map((t) => `${t},${lag},0 days 00:0${t % 2}:00,0 days 00:00:0${t}`),
    );
    const bytes = Buffer.from(['step,lag,kind,took', ...rows].join('\n'));
    const { spans, levels, facts } = readSeries(bytes, { missing: 'error', series: 'lag', categories: ['kind'] });
    expect(spans.map(({ key }) => key)).toEqual(['0 days 00:15:00', '1 days']);
    expect(levels).toEqual({ kind: ['0 days 00:00:00', '0 days 00:01:00'] });
    expect(facts.join()).toContain('; numbers took; categories kind (2)');
    expect(facts.join()).toContain('durations of took in seconds');
  });

  it.each(['parquet', 'feather'])('in lists, objects and maps are durations, too: %s', (format) => {
    const { header, rows } = readTable(bytesOf(`odd-nested-durations.${format}`), { isSeries: true });
    const cells = Object.fromEntries(header.map((name, at) => [name, rows[0]!.cells[at]]));
    expect(cells).toMatchObject({
      struct: '{"took":"0 days 00:01:30"}',
      list: '["0 days 00:01:30"]',
      large: '["0 days 00:01:30"]',
      map: '{"took":"0 days 00:01:30"}',
    });
  });

  it('are texts where one of the column is another', () => {
    const read = (): unknown => readSeries(Buffer.from('x,took\n1,1 days\n2,2 days\n3,soon\n'), { missing: 'error' });
    expect(read).not.toThrow();
    expect(read()).toMatchObject({ names: ['x'] });
  });

  it.each([0n, 1n, -1n, 86_400_000_000_000n, -86_400_000_000_001n, 2n ** 62n])('are exact: %s nanoseconds', (count) => {
    const [whole, fraction = ''] = secondsOf(durationCell(count))!.split('.');
    expect(BigInt(`${whole}${fraction.padEnd(9, '0')}`)).toBe(count);
  });

  it('of months are refused', () => {
    const fields = [new Field('i', new Interval(IntervalUnit.YEAR_MONTH), false)];
    const data = makeData({ type: fields[0]!.type, length: 1, nullCount: 0, data: Int32Array.of(3) });
    const batch = new RecordBatch(
      new Schema(fields),
      makeData({ type: new Struct(fields), length: 1, nullCount: 0, children: [data] }),
    );
    expect(() => readTable(tableToIPC(new Table([batch]), 'file'))).toThrow(
      'the Arrow file has a column of the type Interval<YEAR_MONTH>, which is not read: cast it to a plain one',
    );
  });
});

describe('a column of a type that is not read', () => {
  const bytes = bytesOf('odd-months.feather');
  const why =
    'the Arrow file has a column of the type Interval<MONTH_DAY_NANO>, which is not read: cast it to a plain one';

  it('is left out where nothing needs it', () => {
    const { names, facts } = readSeries(bytes, { missing: 'error' });
    expect(names).toEqual(['x']);
    expect(facts.join()).toContain(`left out gap (${why})`);
  });

  it('is refused where it is named', () => {
    for (const [option, named] of [
      ['dataset.series', { series: 'gap' }],
      ['dataset.time', { time: { column: 'gap' } }],
      ['task.categories', { categories: ['gap'] }],
    ] satisfies [string, Partial<SeriesOptions>][])
      expect(() => readSeries(bytes, { missing: 'error', ...named })).toThrow(`${option}: gap: ${why}`);
    const { task } = trialSpec.parse({ dataset: { name: 'odd' }, task: { kind: 'forecasting', target: 'gap' } });
    const table = readSeries(bytes, { missing: 'error' });
    expect(() => chosenColumns(table, task as Parameters<typeof chosenColumns>[1])).toThrow(
      `task.target: there is no numeric column "gap", which was left out (${why})`,
    );
  });
});

describe('times less than a millisecond apart', () => {
  const rows = (step: number, digits: number): string[] =>
    Array.from({ length: 60 }, (_, row) => {
      const time = (row * step) / 1e6;
      return `2020-01-01 00:00:0${time.toFixed(6).slice(0, digits + 2)},${row % 7}`;
    });

  // Tables with types have three digits.
  it.each([
    [10, 6],
    [300, 6],
    [300, 3],
  ])('are refused as such: %i microseconds, written in %i digits', (step, digits) => {
    const read = (): unknown =>
      readSeries(Buffer.from(['time,x', ...rows(step, digits)].join('\n')), { missing: 'error' });
    expect(read).toThrow(
      'line 2 and line 3 have the same time, as dates are read to the millisecond: give finer ones as a column of numbers, such as microseconds',
    );
  });

  it.each([5, 1])('are not those of several series every %i milliseconds', (step) => {
    const panel = (names: readonly string[], header: string): (() => unknown) => {
      const lines = Array.from({ length: 30 }, (_, row) =>
        names.map((name) => `2020-01-01 00:00:00.${String(row * step).padStart(3, '0')}000,${name},${row % 7}`),
      ).flat();
      return () => readSeries(Buffer.from([`time,${header},x`, ...lines].join('\n')), { missing: 'error' });
    };
    const advice = 'set dataset.series to the column that names the series: ';
    expect(panel(['a', 'b'], 'arm')).toThrow(`${advice}arm`);
    expect(panel(['1', '2'], 'sensor_id')).toThrow(`${advice}sensor_id`);
    expect(panel(['1', '2'], 'channel')).toThrow(
      step === 1 ? /dates are read to the millisecond.*; or set dataset.series, if/ : `${advice}channel`,
    );
  });

  it('are not two rows of one time every 5 milliseconds, nor is that summer time', () => {
    const rows = Array.from(
      { length: 60 },
      (_, row) => `2020-01-01 00:00:00.${String(5 * row).padStart(3, '0')},${row}`,
    );
    const { warnings } = readSeries(Buffer.from(['time,x', ...rows, rows.at(-1)!].join('\n')), { missing: 'error' });
    expect(warnings.join()).toMatch(/1 time comes twice, first 2020-01-01 00:00:00\.295 \(line 61 and line 62\)$/);
  });

  it('are named where few are', () => {
    const few = [...rows(2000, 6), '2020-01-01 00:00:00.118300,1'];
    const { warnings } = readSeries(Buffer.from(['time,x', ...few].join('\n')), { missing: 'error' });
    expect(warnings.join()).toMatch(/1 time comes twice, .*: dates are read to the millisecond/);
    expect(warnings.join()).not.toContain('summer time');
  });
});
