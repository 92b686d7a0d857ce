import type { Baseline } from '@unroll/contracts';
import type { ExampleData, ForecastUnits } from '../prepared/data';
import { fitSmoothing, smoothedForecasts, type Smoothing } from './exponential-smoothing';
import { filledColumn } from './filled';
import { ForecastErrors, metricsOfTargets } from './forecast-errors';
import { seasonBefore } from './forecast-units';
import { filledBefore, seriesAt, type Forecasting } from './panel';
import type { Span } from '../prepared/rows';

/** Windows of one target in one part. */
interface HeldWindows {
  units: ForecastUnits;
  /** The target, a missing value replaced by the last one before it. */
  past: Float64Array;
  /** The series of each window, and the first row of that which has a value. */
  series: Int32Array;
  begins: readonly number[];
}

/** The forecast of window `index`; asked for once of each, in their order. */
type Method = (index: number) => readonly number[];

/** The forecast of the row `ahead` rows after `start`, of a series whose first value is in row `begin`. */
type Guess = (series: Float64Array, at: { begin: number; start: number; ahead: number }) => number;

interface Simple {
  name: string;
  /** Rows that it looks back at. */
  history: number;
  guess: Guess;
}

/** Methods that need no fit (Hyndman & Athanasopoulos 2021, section 5.2). */
const guesses = ({ season }: Forecasting): Simple[] => [
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

/** The series of a table, and how many rows of each the network could learn from: those before the first that is held out. */
export interface Learned {
  spans: readonly Span[];
  ends: readonly number[];
}

/** Rows that are smoothed in a fit, of all series together, and at least of each. */
const mostRows = 100_000;
const leastRows = 48;
/** Seasons of each series that a fit needs at least. */
const leastSeasons = 4;

/**
 * What exponential smoothing forecasts from each window, fitted to the last rows of each series that the network could learn from;
 * undefined for a series of too few values, or so many series that a fit would take long.
 */
function smoothing(
  { units, series }: HeldWindows,
  { spans, ends }: Learned,
  { season = 1, horizon }: Forecasting,
): Method | undefined {
  const least = Math.max(leastRows, leastSeasons * season);
  if (least * spans.length > mostRows) return undefined;
  const rows = Math.max(least, Math.floor(mostRows / spans.length));
  const fits: SmoothedSeries[] = [];
  for (let index = 0; index < series.length;) {
    const own = series[index]!;
    const first = index;
    while (series[index] === own) index += 1;
    const [{ begin, end }, held] = [spans[own]!, ends[own]!];
    const from = Math.max(begin, held - rows);
    const found = fitSmoothing(units.truth.subarray(from, held), season);
    if (!found) return undefined;
    const starts = units.starts.slice(first, index).map((start) => start - from);
    fits.push({ found, values: units.truth.subarray(from, end), starts });
  }
  const forecasts = eachForecast(fits, horizon);
  return () => forecasts.next().value!;
}

/** A series, what was fitted to it, and the rows that its windows forecast first. */
interface SmoothedSeries {
  values: Float64Array;
  found: Smoothing;
  starts: Int32Array;
}

function* eachForecast(series: readonly SmoothedSeries[], horizon: number): Generator<number[], undefined> {
  for (const { values, found, starts } of series) yield* smoothedForecasts(values, found, starts, horizon);
}

/**
 * Their metrics on the held-out parts, over the targets that are not missing, of those that every window has enough rows for. A missing
 * value is replaced by the last one before it.
 */
export function forecastBaselines(
  { validation, test }: Pick<ExampleData, 'validation' | 'test'>,
  learned: Learned,
  task: Forecasting,
): Baseline[] {
  const { spans } = learned;
  const pasts = validation.units!.map(({ truth }) => {
    const column = filledColumn(truth, { spans: [...spans] });
    return { past: filledBefore(column), firsts: spans.map(({ begin }) => column.after[begin]!) };
  });
  const held = { validation: validation.units!, ...(test ? { test: test.units! } : {}) };
  const parts = Object.entries(held).map(([name, units]) => ({
    name,
    targets: units.map((own, place): HeldWindows => {
      const { past, firsts } = pasts[place]!;
      const series = seriesAt(spans, own.starts);
      return { units: own, past, series, begins: Array.from(series, (each) => firsts[each]!) };
    }),
  }));
  const simple = guesses(task).map(({ name, history, guess }) => ({
    name,
    method: ({ units, past, begins }: HeldWindows): Method | undefined => {
      if (!units.starts.every((start, at) => start - begins[at]! >= history)) return undefined;
      return (index) => {
        const at = { begin: begins[index]!, start: units.starts[index]! };
        return Array.from({ length: task.horizon }, (_, ahead) => guess(past, { ...at, ahead }));
      };
    },
  }));
  const fitted = {
    name: 'exponential smoothing',
    method: (windows: HeldWindows): Method | undefined => smoothing(windows, learned, task),
  };
  return [...simple, fitted].flatMap(({ name, method }) => {
    const all = parts.map((part) => ({ ...part, methods: part.targets.map(method) }));
    if (all.some(({ methods }) => methods.includes(undefined))) return [];
    return { name, metrics: Object.assign({}, ...all.map(measured)) as Baseline['metrics'] };
  });
}

function measured({
  name,
  targets,
  methods,
}: {
  name: string;
  targets: readonly HeldWindows[];
  methods: readonly (Method | undefined)[];
}): Record<string, number> {
  const errors = targets.map(({ units }, place) => {
    const own = new ForecastErrors(units);
    units.starts.forEach((_, index) => own.add(index, { values: methods[place]!(index) }));
    return own;
  });
  return Object.fromEntries(
    Object.entries(metricsOfTargets(errors)).map(([metric, value]) => [`${name}.${metric}`, value]),
  );
}
