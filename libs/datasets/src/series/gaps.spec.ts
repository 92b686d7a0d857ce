import type { SeriesOptions, SeriesTable } from './series-table';
import { readSeries } from './table';

const read = (times: readonly string[], options: Partial<SeriesOptions> = {}): SeriesTable =>
  readSeries(Buffer.from(`time,x\n${times.map((time, row) => `${time},${row}`).join('\n')}\n`), {
    missing: 'error',
    ...options,
  });
const day = (index: number): string => new Date(Date.UTC(2020, 0, 1 + index)).toISOString().slice(0, 10);
const range = (count: number): number[] => Array.from({ length: count }, (_, index) => index);

describe('the usual step of a series', () => {
  it.each([
    ['1 day', range(20).map(day)],
    ['1 week', range(20).map((week) => day(7 * week))],
    [
      '1 business day',
      range(40)
        .map(day)
        .filter((date) => new Date(date).getUTCDay() % 6 !== 0),
    ],
    [
      '1 month',
      range(20).map((month) => `${2020 + Math.floor(month / 12)}-${String(1 + (month % 12)).padStart(2, '0')}`),
    ],
    ['1 month', range(20).map((month) => new Date(Date.UTC(2020, month + 1, 0)).toISOString().slice(0, 10))],
    ['3 months', ['2019Q1', '2019Q2', '2019Q3', '2019Q4', '2020Q1']],
    ['1 year', ['1949', '1950', '1951', '1952']],
    ['0.0833', range(20).map((month) => (1949 + month / 12).toFixed(3))],
    ['0.1', range(20).map((step) => String(step * 0.1))],
    ['15 minutes', range(20).map((step) => new Date(Date.UTC(2020, 0, 1, 0, 15 * step)).toISOString())],
  ])('is %s', (label, times) => {
    const table = read(times);
    expect(table.clock?.step?.label).toMatch(new RegExp(`^${label}`));
    expect(table.warnings).toEqual([]);
  });
});

describe('times that are missing', () => {
  const weekly = range(60)
    .filter((index) => index % 7 !== 6)
    .map(day);

  it('are said, with how many and where', () => {
    expect(read(weekly).warnings).toEqual([
      '8 times are missing by the usual step of 1 day, first after 2020-01-06 (line 7): set dataset.gaps: insert, error or keep',
    ]);
    expect(read(weekly, { gaps: 'keep' }).warnings).toEqual([]);
    expect(read(weekly, { gaps: 'keep' }).rows).toBe(52);
  });

  it('may be an error, or rows without values', () => {
    expect(() => read(weekly, { gaps: 'error' })).toThrow('8 times are missing by the usual step of 1 day');
    const table = read(weekly, { gaps: 'insert', missing: 'previous' });
    expect([table.rows, table.columns[0]!.filter(Number.isNaN).length]).toEqual([60, 8]);
    expect([...table.columns[0]!.subarray(4, 9)]).toEqual([4, 5, NaN, 6, 7]);
    expect(Array.from(table.clock!.times, (time) => new Date(time).toISOString().slice(0, 10))).toEqual(
      range(60).map(day),
    );
    expect(table.facts.at(-1)).toBe('inserted 8 rows at missing times');
  });

  it('are found by months and by business days', () => {
    const months = ['2020-01', '2020-02', '2020-04', '2020-05', '2020-06', '2020-07'];
    expect(read(months, { gaps: 'insert', missing: 'previous' }).rows).toBe(7);
    const business = range(40)
      .map(day)
      .filter((date) => new Date(date).getUTCDay() % 6 !== 0);
    const [first, ...rest] = business;
    expect(read([first!, ...rest.slice(1)], { gaps: 'insert', missing: 'previous' }).rows).toBe(business.length);
  });

  it('need times that are recognised, and a usual step', () => {
    const content = Buffer.from('x\n1\n2\n5\n');
    expect(() => readSeries(content, { missing: 'previous', gaps: 'insert' })).toThrow(
      'the rows have no times that are recognised',
    );
    const odd = ['2020-01-01', '2020-01-02', '2020-01-05', '2020-01-11', '2020-02-09'];
    expect(() => read(odd, { missing: 'previous', gaps: 'insert' })).toThrow('the times have no usual step');
  });
});

describe('summer time', () => {
  const local = (from: number, hours: number): string[] => {
    const format = new Intl.DateTimeFormat('sv-SE', {
      timeZone: 'Europe/Berlin',
      dateStyle: 'short',
      timeStyle: 'short',
    });
    return range(hours).map((hour) => format.format(from + hour * 3_600_000));
  };
  const autumn = local(Date.UTC(2020, 9, 24, 20), 12);
  const spring = local(Date.UTC(2020, 2, 28, 20), 12);

  it('that repeats an hour is said, or resolved by the zone', () => {
    const table = read(autumn);
    expect(table.warnings).toEqual([
      '1 time comes twice, first 2020-10-25 02:00:00 (line 6 and line 7): if that is summer time, set dataset.time.zone',
    ]);
    const zoned = read(autumn, { time: { column: 'time', zone: 'Europe/Berlin' } });
    expect(zoned.warnings).toEqual([]);
    expect(Array.from(zoned.clock!.times)).toEqual(range(12).map((hour) => Date.UTC(2020, 9, 24, 20 + hour)));
    const newest = read(autumn.toReversed(), { time: { column: 'time', zone: 'Europe/Berlin' } });
    expect([...newest.clock!.times]).toEqual([...zoned.clock!.times]);
    expect([...newest.columns[0]!]).toEqual(range(12).toReversed());
  });

  it('is resolved in rows that are in no order too', () => {
    const quarters = local(Date.UTC(2020, 9, 24, 20), 12).flatMap((time) => [time, time.replace(':00', ':30')]);
    const [even, odd] = [0, 1].map((rest) => quarters.filter((_, row) => row % 2 === rest)) as [string[], string[]];
    const table = read([...odd, ...even], { time: { column: 'time', zone: 'Europe/Berlin' }, gaps: 'error' });
    expect(Array.from(table.clock!.times)).toEqual(range(24).map((half) => Date.UTC(2020, 9, 24, 20, 30 * half)));
  });

  it('leaves readings at noon and midnight what they are', () => {
    // Summer time begins in New York on 8 March 2020.
    const halves = range(200).map((half) => `${day(half >> 1)} ${half % 2 ? '12' : '00'}:00`);
    const asked = { time: { column: 'time', zone: 'America/New_York' } };
    expect(read(halves, { ...asked, gaps: 'error' }).clock?.step).toMatchObject({ label: '12 hours', isOnWall: true });
    const gapped = read(
      halves.filter((_, half) => half !== 135),
      { ...asked, gaps: 'insert', missing: 'previous' },
    );
    expect(
      Array.from(gapped.clock!.times.subarray(133, 137), (time) => new Date(time).toISOString().slice(5, 16)),
    ).toEqual(['03-07T17:00', '03-08T05:00', '03-08T16:00', '03-09T04:00']);
  });

  it('that skips an hour is said, or resolved by the zone', () => {
    expect(read(spring).warnings[0]).toContain(
      '1 time is missing by the usual step of 1 hour, first after 2020-03-29 01:00',
    );
    const zoned = read(spring, { time: { column: 'time', zone: 'Europe/Berlin' }, gaps: 'error' });
    expect(Array.from(zoned.clock!.times)).toEqual(range(12).map((hour) => Date.UTC(2020, 2, 28, 20 + hour)));
  });

  it('leaves days what they are', () => {
    const zoned = read(
      range(120).map((index) => `${day(index)} 00:00`),
      { time: { column: 'time', zone: 'Europe/Berlin' }, gaps: 'error' },
    );
    expect(zoned.clock?.step?.label).toBe('1 day');
    const written = range(120).map((index) => {
      const hours = index < 88 ? '+01:00' : '+02:00';
      return `${day(index)}T00:00:00${hours}`;
    });
    for (const times of [written, written.filter((_, index) => index < 60 && day(index).endsWith('-01'))]) {
      const table = read(times, { gaps: 'error' });
      expect(Array.from(table.clock!.times, (time) => new Date(time).toISOString().slice(0, 10))).toEqual(
        times.map((time) => time.slice(0, 10)),
      );
    }
  });

  it('twice is an error where rows are inserted', () => {
    expect(() => read(autumn, { gaps: 'insert', missing: 'previous' })).toThrow('1 time comes twice');
    expect(() => read(autumn, { gaps: 'error' })).toThrow('1 time comes twice');
  });
});
