import { Field, Interval, IntervalUnit, Schema, Struct, Table, makeData, RecordBatch, tableToIPC } from 'apache-arrow';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { durationCell, secondsOf } from '../tables/times';
import { readTable } from '../tables/read-table';
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

  it('are named where few are', () => {
    const few = [...rows(2000, 6), '2020-01-01 00:00:00.118300,1'];
    const { warnings } = readSeries(Buffer.from(['time,x', ...few].join('\n')), { missing: 'error' });
    expect(warnings.join()).toMatch(/1 time comes twice, .*: dates are read to the millisecond/);
    expect(warnings.join()).not.toContain('summer time');
  });
});
