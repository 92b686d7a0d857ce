import { trialSpec } from '@unroll/contracts';
import { builtIns } from '../built-in';
import { encode } from '../encode';
import { prepare } from '../prepare';
import type { ExampleData } from '../prepared/data';
import { toReading } from '../reading';
import { spreadsWithLevel } from './spread';

/** Numbers from −1 to 1 that look random, the same for a seed. */
const noise = (row: number, seed: number): number => Math.sin(12.9898 * row + 78.233 * seed + row * row * 0.37);
const rows = Array.from({ length: 240 }, (_, row) => row);
const share = (make: (row: number, seed: number) => number): number =>
  rows.filter((seed) =>
    spreadsWithLevel(
      rows.map((row) => make(row, seed)),
      12,
    ),
  ).length / rows.length;

describe('the test whether a series spreads with its level', () => {
  it.each<[string, (row: number, seed: number) => number, number, number]>([
    ['rarely in noise around a level', (row, seed) => 50 + 5 * noise(row, seed), 0, 0.1],
    ['rarely in a trend with even noise', (row, seed) => 50 + row + 5 * noise(row, seed), 0, 0.1],
    ['in a trend whose season grows with it', (row) => (50 + row) * (1 + 0.3 * Math.sin((Math.PI * row) / 6)), 1, 1],
    ['in growth by percentages', (row, seed) => 50 * Math.exp(0.01 * row + 0.2 * noise(row, seed)), 0.9, 1],
  ])('finds it %s', (_, make, least, most) => {
    expect(share(make)).toBeGreaterThanOrEqual(least);
    expect(share(make)).toBeLessThanOrEqual(most);
  });

  it('finds it in the airline passengers', () => {
    const { dataset, task } = trialSpec.parse({
      dataset: { name: 'airline-passengers' },
      task: { kind: 'forecasting', lookback: 4, season: 12, transform: 'auto' },
      model: { cell: 'gru', hiddenSize: 2 },
      training: {},
    });
    const { facts } = prepare(
      { kind: 'series', bytes: builtIns.find(({ name }) => name === dataset.name)!.read() },
      { dataset, task },
    );
    expect(facts!.at(-1)).toContain('logarithms are learned');
  });

  it('says nothing of a few blocks, or of constant ones', () => {
    expect(spreadsWithLevel([1, 2, 4, 8, 16], 2)).toBe(false);
    expect(spreadsWithLevel(Array<number>(240).fill(5), 12)).toBe(false);
    // Of blocks that are constant only their roundings would be left, which grow with the values.
    const steps = Array.from({ length: 240 }, (_, row) => 0.1 * 3 ** Math.floor(row / 12));
    expect(spreadsWithLevel(steps, 12)).toBe(false);
  });
});

describe('task.transform: auto', () => {
  const file = (value: (row: number) => number) =>
    ({ kind: 'series', bytes: Buffer.from(`t,x\n${rows.map((row) => `${row},${value(row)}`).join('\n')}\n`) }) as const;
  const growing = (row: number): number => (50 + row) * (1 + 0.3 * Math.sin((Math.PI * row) / 6));
  const trial = (transform: string) =>
    trialSpec.parse({
      dataset: { name: 'a', split: { validation: 0.2 } },
      task: { kind: 'forecasting', lookback: 4, horizon: 2, season: 12, transform },
      model: { cell: 'gru', hiddenSize: 2 },
      training: {},
    });
  const targets = (value: (row: number) => number, transform: string) =>
    (prepare(file(value), trial(transform)).data as ExampleData).validation.targets;

  it('is logarithms where the series spreads with its level, and says so', () => {
    const { data, facts } = prepare(file(growing), trial('auto'));
    expect(facts!.at(-1)).toMatch(/; a spread that grows with the level: logarithms are learned$/);
    expect((data as ExampleData).validation.targets).toEqual(targets(growing, 'log'));
    expect(toReading(data)).toMatchObject({ transform: 'log' });
    // Other data are read as the training data were.
    const spec = { ...trial('auto'), reading: toReading(data) };
    const flat = encode(
      file((row) => 50 + (row % 5)),
      spec,
    ).data as ExampleData;
    expect(flat.validation.targets).toEqual(
      (
        encode(
          file((row) => 50 + (row % 5)),
          { ...trial('log'), reading: toReading(data) },
        ).data as ExampleData
      ).validation.targets,
    );
  });

  it('is the values themselves where it does not, and where one has no logarithm', () => {
    const even = (row: number): number => 50 + row + 5 * noise(row, 1);
    expect(targets(even, 'auto')).toEqual(targets(even, 'none'));
    const withZero = (row: number): number => (row === 239 ? 0 : growing(row));
    expect(prepare(file(withZero), trial('auto')).facts!.at(-1)).toMatch(/; values of 0 or below: no logarithms$/);
    expect(() => prepare(file(withZero), trial('log'))).toThrow('task.transform: x is 0 in row 240');
  });
});
