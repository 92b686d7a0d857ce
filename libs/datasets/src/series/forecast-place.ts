import type { ForecastUnits } from '../prepared/data';
import type { Clock, Span } from '../prepared/rows';
import { spanAt } from './forecast-units';
import { laterTime, timeWriter } from './clock';

/** Where a forecast stands, in the words and the unit of the data. */
export interface ForecastPlace {
  /** The name of the series; empty for the only one. */
  series: string;
  /** The time of each row ahead: ISO 8601, a number, or the number of the row in its series, from 1, where rows have no times. */
  times: string[];
  /** The true values, null where they are not known. */
  truth: (number | null)[];
  /** The last rows before the forecast. */
  past: { times: string[]; values: (number | null)[] };
}

const known = (value: number | undefined): number | null => (value === undefined || Number.isNaN(value) ? null : value);

const writers = new WeakMap<Clock, (time: number) => string>();

/** `timeWriter` of a clock, which looks at all of its times, once for all forecasts. */
function writerOf(clock: Clock): (time: number) => string {
  const write = writers.get(clock) ?? timeWriter(clock);
  writers.set(clock, write);
  return write;
}

/** The last row of a series whose time is known; the row before it for none. */
function lastTime(times: Float64Array, { begin, end }: Pick<Span, 'begin' | 'end'>): number {
  let row = end - 1;
  while (row >= begin && Number.isNaN(times[row])) row -= 1;
  return row;
}

/** The place of the forecast of window `index`, with at most `past` rows before it. */
export function forecastPlace(
  { truth, starts, spans, clock }: ForecastUnits,
  index: number,
  { horizon, past }: { horizon: number; past: number },
): ForecastPlace {
  const start = starts[index]!;
  const { key, begin, end } = spanAt(spans, start);
  const write = clock && writerOf(clock);
  const timeOf = (row: number): string => {
    if (!clock || !write) return String(row - begin + 1);
    const time = row < end ? clock.times[row]! : laterTime(clock, clock.times[end - 1]!, row - end + 1);
    return Number.isNaN(time) ? `+${row - lastTime(clock.times, { begin, end })}` : write(time);
  };
  const rows = (from: number, to: number): number[] => Array.from({ length: to - from }, (_, at) => from + at);
  const [ahead, before] = [rows(start, start + horizon), rows(Math.max(begin, start - past), start)];
  const valueOf = (row: number): number | null => (row < end ? known(truth[row]) : null);
  return {
    series: key,
    times: ahead.map(timeOf),
    truth: ahead.map(valueOf),
    past: { times: before.map(timeOf), values: before.map(valueOf) },
  };
}
