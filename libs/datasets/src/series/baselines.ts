import type { Baseline } from '@unroll/contracts';
import type { ExampleData, ForecastUnits } from '../prepared/data';
import { filledColumn } from './filled';
import { ForecastErrors, metricsOfTargets } from './forecast-errors';
import { seasonBefore } from './forecast-units';
import { filledBefore, seriesAt, type Forecasting } from './panel';
import type { Span } from '../prepared/rows';

/** The forecast of the row `ahead` rows after `start`, of a series whose first value is in row `begin`. */
type Guess = (series: Float64Array, at: { begin: number; start: number; ahead: number }) => number;

/** Methods that need no training (Hyndman & Athanasopoulos 2021, section 5.2), with the rows that they look back at. */
const guesses = ({ season }: Forecasting): { name: string; history: number; guess: Guess }[] => [
  { name: 'persistence', history: 1, guess: (series, { start }) => series[start - 1]! },
  ...(season === undefined
    ? []
    : [
        {
          name: 'seasonal naive',
          history: season,
          guess: ((series, { start, ahead }) => series[seasonBefore(start, ahead, season)]!) satisfies Guess,
        },
      ]),
  {
    name: 'drift',
    history: 2,
    guess: (series, { begin, start, ahead }) => {
      const [first, last] = [series[begin]!, series[start - 1]!];
      return last + ((ahead + 1) * (last - first)) / (start - 1 - begin);
    },
  },
];

/**
 * Their metrics on the held-out parts, over the targets that are not missing, of those that every window has enough rows for. A missing
 * value is replaced by the last one before it.
 */
export function forecastBaselines(
  { validation, test }: Pick<ExampleData, 'validation' | 'test'>,
  spans: readonly Span[],
  task: Forecasting,
): Baseline[] {
  const pasts = validation.units!.map(({ truth }) => {
    const column = filledColumn(truth, { spans: [...spans] });
    return { past: filledBefore(column), firsts: spans.map(({ begin }) => column.after[begin]!) };
  });
  const held = { validation: validation.units!, ...(test ? { test: test.units! } : {}) };
  const all = Object.entries(held).map(([name, units]) => ({
    name,
    targets: units.map((own, place): HeldWindows => {
      const { past, firsts } = pasts[place]!;
      return { units: own, past, begins: Array.from(seriesAt(spans, own.starts), (series) => firsts[series]!) };
    }),
  }));
  const hasRows = (history: number): boolean =>
    all.every(({ targets }) =>
      targets.every(({ units, begins }) => units.starts.every((start, at) => start - begins[at]! >= history)),
    );
  return guesses(task)
    .filter(({ history }) => hasRows(history))
    .map(({ name, guess }) => ({
      name,
      metrics: Object.assign({}, ...all.map((each) => measured(guess, each, task.horizon))) as Baseline['metrics'],
    }));
}

/** Windows of one target. */
interface HeldWindows {
  units: ForecastUnits;
  past: Float64Array;
  /** The first row of each window's series that has a value. */
  begins: readonly number[];
}

function measured(
  guess: Guess,
  { name, targets }: { name: string; targets: readonly HeldWindows[] },
  horizon: number,
): Record<string, number> {
  const errors = targets.map(({ units, past, begins }) => {
    const own = new ForecastErrors(units);
    units.starts.forEach((start, index) => {
      const begin = begins[index]!;
      own.add(index, { values: Array.from({ length: horizon }, (_, ahead) => guess(past, { begin, start, ahead })) });
    });
    return own;
  });
  return Object.fromEntries(
    Object.entries(metricsOfTargets(errors)).map(([metric, value]) => [`${name}.${metric}`, value]),
  );
}
