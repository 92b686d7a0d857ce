import { laterTime, timeWriter } from './clock';
import { readSeries } from './table';

const clockOf = (times: readonly string[], zone?: string) => {
  const content = `time,x\n${times.map((time, row) => `${time},${row}`).join('\n')}\n`;
  return readSeries(Buffer.from(content), { missing: 'error', ...(zone ? { time: { column: 'time', zone } } : {}) })
    .clock!;
};

describe('the times after a series', () => {
  it.each([
    ['days', ['2024-02-27', '2024-02-28', '2024-02-29'], undefined, '2024-03-02'],
    [
      'business days',
      ['01', '02', '03', '04', '05', '08', '09', '10', '11', '12'].map((d) => `2024-01-${d}`),
      undefined,
      '2024-01-16',
    ],
    ['months that end on their last day', ['2024-01-31', '2024-02-29', '2024-03-31'], undefined, '2024-05-31'],
    ['hours', ['2024-01-01 22:00', '2024-01-01 23:00', '2024-01-02 00:00'], undefined, '2024-01-02T02:00:00'],
    [
      'hours with an offset',
      ['2024-01-01T22:00Z', '2024-01-01T23:00Z', '2024-01-02T00:00Z'],
      undefined,
      '2024-01-02T02:00:00Z',
    ],
    [
      'hours of a place where summer time begins',
      ['2024-03-30 23:00', '2024-03-31 00:00', '2024-03-31 01:00'],
      'Europe/Berlin',
      '2024-03-31T04:00:00+02:00',
    ],
    [
      'halves of days of such a place',
      ['2024-03-30 12:00', '2024-03-31 00:00', '2024-03-31 12:00', '2024-04-01 00:00'],
      'Europe/Berlin',
      '2024-04-02T00:00:00+02:00',
    ],
    ['days of such a place', ['2024-03-28', '2024-03-29', '2024-03-30'], 'Europe/Berlin', '2024-04-01T00:00:00+02:00'],
    ['numbers', ['7', '9', '11'], undefined, '15'],
  ])('continue by %s', (_, times, zone, expected) => {
    const clock = clockOf(times, zone);
    expect(timeWriter(clock)(laterTime(clock, clock.times.at(-1)!, 2))).toBe(expected);
  });
});
