import type { ShownForecast, Snapshots } from '@unroll/contracts';
import type { Named } from '../nn/parameter';
import { answered } from '../tasks/answered';
import type { Exhibit } from '../tasks/task';

/** The most that is kept of a trial's forecasts. Unit: bytes of JSON. */
const mostBytes = 128 * 1024;

/** To 6 significant digits; null where it is not finite. */
const rounded = (values: readonly (number | null)[]): (number | null)[] =>
  values.map((value) => (value !== null && Number.isFinite(value) ? Number(value.toPrecision(6)) : null));

const small = (forecast: ShownForecast): ShownForecast => ({
  ...forecast,
  past: { times: forecast.past.times, values: rounded(forecast.past.values) },
  truth: rounded(forecast.truth),
  values: rounded(forecast.values),
  quantiles: Object.fromEntries(Object.entries(forecast.quantiles).map(([level, all]) => [level, rounded(all)])),
});

/** What people look at of one lane's network, as small as it can be kept. */
export async function takeExhibit(
  exhibit: Exhibit,
  parameters: Named,
): Promise<Pick<Snapshots, 'forecasts' | 'classes'>> {
  const { forecasts, ...others } = exhibit.show(await answered(exhibit.answering, parameters));
  if (!forecasts) return others;
  const kept = forecasts.map(small);
  while (Buffer.byteLength(JSON.stringify(kept)) > mostBytes) kept.pop();
  return { ...others, forecasts: kept };
}
