import { trialSpec, type DataReading } from '@unroll/contracts';
import { prepare } from '../prepare';
import { encode } from '../encode';
import type { ExampleData } from '../prepared/data';
import { toReading } from '../reading';
import { hasTrend, kpss } from './trend';

/** Standard normal numbers, the same for a seed. */
function normals(seed: number): () => number {
  let state = seed * 7919 + 1;
  const uniform = (): number => (state = (state * 48_271) % 2_147_483_647) / 2_147_483_647;
  for (let skipped = 0; skipped < 5; skipped++) uniform();
  return () => Math.sqrt(-2 * Math.log(uniform())) * Math.cos(2 * Math.PI * uniform());
}

const rows = 200;
const seeds = Array.from({ length: 200 }, (_, seed) => seed + 1);
type Maker = (normal: () => number) => (row: number, before: number) => number;
const found = (make: Maker, season?: number): number =>
  seeds.filter((seed) => {
    const value = make(normals(seed));
    const values: number[] = [];
    for (let row = 0; row < rows; row++) values.push(value(row, values.at(-1) ?? 0));
    return hasTrend(values, season);
  }).length / seeds.length;

describe('the test for a trend', () => {
  it('is the statistic of its definition', () => {
    // n = 8 has no lags: 8 partial sums of the errors from 3.5, over 8² times the variance of 5.25.
    const partial = [-3.5, -6, -7.5, -8, -7.5, -6, -3.5, 0].reduce((sum, value) => sum + value ** 2, 0);
    expect(kpss([0, 1, 2, 3, 4, 5, 6, 7])).toBeCloseTo(partial / 64 / 5.25, 12);
    expect(kpss([5, 5, 5, 5])).toBe(0);
    // Their mean is rounded, so that each differs from it by the same.
    expect(kpss(Array<number>(40).fill(0.1))).toBe(0);
  });

  it.each<[string, Maker, number | undefined, number, number]>([
    ['rarely in noise', (normal) => () => normal(), undefined, 0, 0.1],
    ['seldom in noise that is correlated', (normal) => (_, before) => 0.5 * before + normal(), undefined, 0, 0.2],
    ['not in a season', (normal) => (row) => 20 * Math.sin((2 * Math.PI * row) / 20) + normal(), 20, 0, 0.1],
    ['in a slow trend', (normal) => (row) => row / 50 + normal(), undefined, 0.9, 1],
    [
      'in a trend with a season',
      (normal) => (row) => row / 20 + 20 * Math.sin((2 * Math.PI * row) / 20) + normal(),
      20,
      0.9,
      1,
    ],
    ['mostly in a random walk', (normal) => (_, before) => before + normal(), undefined, 0.75, 1],
  ])('finds one %s', (_, make, season, least, most) => {
    const share = found(make, season);
    expect(share).toBeGreaterThanOrEqual(least);
    expect(share).toBeLessThanOrEqual(most);
  });
});

describe('task.reference: auto', () => {
  const file = (end: (row: number) => number) => {
    const normal = normals(4);
    const lines = Array.from({ length: 120 }, (_, row) =>
      ['a', 'b', 'c'].map((store, at) => `${store},${row},${(at < 2 ? row / 2 : 0) + normal() + end(row)}`).join('\n'),
    );
    return { kind: 'series', bytes: Buffer.from(`store,day,sales\n${lines.join('\n')}\n`) } as const;
  };
  const trial = (reference: string) =>
    trialSpec.parse({
      dataset: { name: 'a', series: 'store', split: { validation: 0.25 } },
      task: { kind: 'forecasting', lookback: 4, horizon: 2, reference },
      model: { cell: 'gru', hiddenSize: 2 },
      training: {},
    });

  it('is the last value where most series have a trend, in the training part alone, and says so', () => {
    const { data, facts } = prepare(
      file(() => 0),
      trial('auto'),
    );
    expect(facts!.at(-1)).toMatch(/; a trend in 2 of 3 series: forecasts are differences from the last value$/);
    const fixed = prepare(
      file(() => 0),
      trial('last'),
    ).data as ExampleData;
    expect((data as ExampleData).validation.targets).toEqual(fixed.validation.targets);
    expect(toReading(data)).toMatchObject({ reference: 'last' });
    // What comes after the training part does not count.
    const flat = (row: number): number => (row < 90 ? 0 : -(row - 90) * 100);
    expect(toReading(prepare(file(flat), trial('auto')).data)).toMatchObject({ reference: 'last' });
  });

  it('is what the training data decided for other data', () => {
    const spec = trial('auto');
    const reading: DataReading = toReading(
      prepare(
        file(() => 0),
        spec,
      ).data,
    );
    const { data } = encode(
      file((row) => -row / 2),
      { ...spec, reading },
    );
    expect((data as ExampleData).validation.units![0]!.reference).toBe('last');
  });
});
