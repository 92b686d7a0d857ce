import { ago, duration } from './time';

it('a duration is shown in its two largest units', () => {
  expect([0.04, 9.96, 59.4, 61, 3600, 5025, 200_000, null].map(duration)).toEqual([
    '0.0 s',
    '10.0 s',
    '59 s',
    '1 min 1 s',
    '1 h',
    '1 h 23 min',
    '2 d 7 h',
    '–',
  ]);
});

it('a relative time is never in the future, even with a clock behind', () => {
  const now = Date.parse('2026-01-02T00:00:00Z');
  const times = ['2026-01-02T00:00:03Z', '2026-01-01T23:59:20Z', '2026-01-01T22:30:00Z', '2025-12-30T00:00:00Z'];
  expect(times.map((time) => ago(time, now))).toEqual(['just now', '40 s ago', '1 h ago', '3 d ago']);
});
