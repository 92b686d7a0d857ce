import type { ShownForecast } from '@unroll/contracts';
import { forecastPlace, type ForecastUnits } from '@unroll/datasets';
import type { ForecastAnswer } from './task';

/** Rows before a forecast that are shown for each row ahead, and at least. */
const pastPerRow = 3;
const leastPast = 24;

/**
 * Forecasts as people look at them: with their times, the rows before them, and the truth as far as it is known. Those of several targets
 * of a window follow each other.
 */
export function shownForecasts(
  units: readonly ForecastUnits[],
  forecasts: readonly { index: number; answer: ForecastAnswer }[],
): ShownForecast[] {
  return forecasts.flatMap(({ index, answer }) =>
    answer.forecasts.map(({ values, quantiles = {} }, place) => {
      const horizon = values.length;
      const past = Math.max(leastPast, pastPerRow * horizon);
      const own = units[place]!;
      const target = units.length > 1 ? { target: own.target } : {};
      return { ...forecastPlace(own, index, { horizon, past }), ...target, values, quantiles };
    }),
  );
}

/** At most `most` windows, spread over the series: the last of each, and where there are few series, others before it. */
export function spreadWindows({ starts, spans }: ForecastUnits, most: number): number[] {
  const last = new Map<number, number[]>();
  let series = 0;
  starts.forEach((start, index) => {
    while (start > spans[series]!.end) series += 1;
    const own = last.get(series);
    if (own) own.push(index);
    else last.set(series, [index]);
  });
  const all = [...last.values()];
  if (all.length >= most) return spread(all, most).map((own) => own.at(-1)!);
  return all.flatMap((own) => spread(own, Math.floor(most / all.length)));
}

/** `count` of the values, evenly spaced, with the last. */
function spread<Value>(values: readonly Value[], count: number): Value[] {
  if (values.length <= count) return [...values];
  return Array.from({ length: count }, (_, at) => values[Math.floor(((at + 1) * values.length) / count) - 1]!);
}
