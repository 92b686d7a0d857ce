import { alike, bytes, count, counted, mark, number, percent, setting } from './number';

describe('a displayed number', () => {
  it.each([
    [2.34567, '2.346'],
    [0.0012345, '0.001234'],
    [12345.678, '12,346'],
    [2345.6, '2,346'],
    [0.00012345, '1.234e−4'],
    [1.5e9, '1.500e9'],
    [1234567.25, '1,234,567'],
    [987654321.5, '987,654,322'],
    [-0.5, '−0.5000'],
    [64, '64'],
    [1200, '1,200'],
    [0, '0'],
  ])('%p is shown as %p', (value, text) => expect(number(value)).toBe(text));

  it('is a dash if missing, and shows infinities', () => {
    expect(([null, undefined, NaN, 'Infinity', '-Infinity'] as const).map((value) => number(value))).toEqual([
      '–',
      '–',
      '–',
      '∞',
      '−∞',
    ]);
  });
});

it('a count has thousands separators', () => expect(count(1234567)).toBe('1,234,567'));

it('a percentage never rounds to 0 or 100 what is not', () => {
  expect([0, 0.004, 0.5, 0.996, 1].map(percent)).toEqual(['0 %', '< 1 %', '50 %', '99 %', '100 %'].with(3, '> 99 %'));
});

it('bytes use the shortest unit', () => {
  expect([999_600, 999_499_999, 999_999_999, 999.9e12].map((value) => bytes(value))).toEqual([
    ...['1.00 MB', '999 MB', '1.00 GB', '1000 TB'],
  ]);
  expect([0, 999, 48_256, 3_200_000, 85e9].map((value) => bytes(value))).toEqual([
    '0 B',
    '999 B',
    '48.3 kB',
    '3.20 MB',
    '85.0 GB',
  ]);
});

it('numbers of a column are written alike', () => {
  expect([0.01, 0.25].map(alike([0.01, 0.25]))).toEqual(['0.01000', '0.2500']);
  const mixed = [0.01, 0.0002, 0, 'Infinity', undefined] as const;
  expect(mixed.map((value) => alike(mixed)(value))).toEqual(['1.000e−2', '2.000e−4', '0', '∞', '–']);
  expect([64, 128].map(alike([64, 128]))).toEqual(['64', '128']);
  expect([1e6, 1000000.75].map(alike([1e6, 1000000.75]))).toEqual(['1,000,000', '1,000,001']);
});

it('an axis tick has no trailing zeros', () => {
  expect([1.5, 0.45, 0.3 + 0.15, 20, 0.0001, null].map(mark)).toEqual(['1.5', '0.45', '0.45', '20', '1e−4', '–']);
  expect([1000, 150_000, 2e7, 1.5e14, -0.00012].map(mark)).toEqual(['1,000', '150,000', '2e7', '1.5e14', '−1.2e−4']);
});

it('a counted noun has a plural', () =>
  expect([counted(1, 'trial'), counted(2, 'trial')]).toEqual(['1 trial', '2 trials']));

it('a setting has no trailing zeros', () =>
  expect([0.03, 0.1, 10, 2000, 0.0001, 0.02715].map(setting)).toEqual([
    '0.03',
    '0.1',
    '10',
    '2,000',
    '1e−4',
    '0.02715',
  ]));
