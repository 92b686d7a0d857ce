import { trialSpec, type TrialSpec } from '@unroll/contracts';
import { prepare } from '../prepare';
import { readVectors, type ExampleData, type Examples } from '../prepared/data';
import { toReading } from '../reading';
import { toSource } from '../reading.fixture';

const rows = 60;
const day = (row: number): string => new Date(Date.UTC(2024, 0, 1 + row)).toISOString().slice(0, 10);

/** Two series of 60 days, a value missing now and then. `isOther`: rows whose values are others, also of categories, but for the price. */
const file = (isOther: (row: number) => boolean) => {
  const lines = ['a', 'b'].flatMap((store) =>
    Array.from({ length: rows }, (_, row) => {
      const [factor, shift] = isOther(row) ? [7, 40] : [1, 0];
      const value = (seed: number): string => (3 + factor * ((row * seed) % 13) + shift).toFixed(2);
      const weather = isOther(row) ? ['sun', 'hail', 'snow'][row % 3]! : ['rain', 'sun'][row % 2]!;
      const sales = row > 5 && row % 9 === 0 ? '' : value(store === 'a' ? 5 : 6);
      return [store, day(row), row, value(7), weather, sales].join(',');
    }),
  );
  return toSource('series', `store,date,price,noise,weather,sales\n${lines.join('\n')}\n`);
};

type Forecasting = TrialSpec & { task: { kind: 'forecasting' } };

const trial = (task: object, dataset: object): Forecasting =>
  trialSpec.parse({
    dataset: { name: 'a', series: 'store', split: { validation: 0.25 }, ...dataset },
    task: {
      ...{ kind: 'forecasting', lookback: 6, horizon: 3, known: ['price'], calendar: ['weekday'] },
      ...{ categories: ['weather'], lags: [5], ...task },
    },
    model: { cell: 'lstm', hiddenSize: 2 },
    training: {},
  }) as Forecasting;

const prepared = (spec: Forecasting, isOther: (row: number) => boolean): ExampleData =>
  prepare(file(isOther), spec).data as ExampleData;

/** All that a network learns from, or is given, in a window. */
function window({ inputs, units }: Examples, index: number): unknown {
  if (inputs.kind !== 'vectors') throw new Error('series are vectors');
  return { inputs: [...readVectors(inputs, index)], shift: units![0]!.shift[index], scale: units![0]!.scale[index] };
}

describe.each([
  ['standard', 'previous', 'none'],
  ['min-max', 'interpolate', 'last'],
  ['window', 'previous', 'season'],
  ['window', 'interpolate', 'last'],
])('with normalise: %s, missing: %s and reference: %s', (normalise, missing, reference) => {
  const task = { normalise, reference, season: 4, transform: normalise === 'window' ? 'log' : 'none' };

  it.each([
    ['the last quarter', { split: { validation: 0.25 } }, 45, rows],
    ['a part between', { fold: { kind: 'k-fold', of: 3, index: 1 } }, 20, 40],
  ])('nothing is learned from the held-out rows: %s', (_, dataset, begin, end) => {
    const spec = trial(task, { ...dataset, missing });
    const [data, other] = [false, true].map((is) => prepared(spec, (row) => is && row >= begin && row < end));
    expect(toReading(other!)).toEqual(toReading(data!));
    expect(other!.train.targets).toEqual(data!.train.targets);
    for (let index = 0; index < data!.train.count; index += 1)
      expect(window(other!.train, index)).toEqual(window(data!.train, index));
    // What was learned reads them in the same way, and says which categories it does not know.
    const { data: again, warnings } = prepare(
      file((row) => row >= begin && row < end),
      {
        ...spec,
        reading: toReading(data!),
      },
    );
    expect(again).toEqual(other);
    expect(warnings).toContainEqual(
      expect.stringMatching(
        /^weather is (hail|snow), (hail|snow) in \d+ rows, which the model has not seen: they are read as none/,
      ),
    );
    // They do differ where they are measured.
    expect(other!.validation.targets).not.toEqual(data!.validation.targets);
  });

  it('a window sees nothing from its forecast on but what is known', () => {
    const spec = trial(task, { missing });
    const { validation } = prepared(spec, () => false);
    for (const index of [0, 4, 8]) {
      const start = validation.units![0]!.starts[index]!;
      expect(start).toBeLessThan(rows);
      const other = prepared(spec, (row) => row >= start);
      expect(window(other.validation, index)).toEqual(window(validation, index));
    }
  });
});
