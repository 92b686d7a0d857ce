import type { ShownForecast } from '@unroll/contracts';
import type { Exhibited } from '../tasks/task';

/** The most that is kept of a trial's forecasts, of its tagged and continued sequences and of its texts. Unit: bytes of JSON. */
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

/** As many of the first items as fit. */
function fitting<Item>(items: readonly Item[]): Item[] {
  const kept = [...items];
  while (Buffer.byteLength(JSON.stringify(kept)) > mostBytes) kept.pop();
  return kept;
}

/** What people look at of one lane's network, as small as it can be kept. */
export const smallExhibit = ({ forecasts, tagged, written, frames, ...others }: Exhibited): Exhibited => ({
  ...others,
  ...(forecasts ? { forecasts: fitting(forecasts.map(small)) } : {}),
  ...(tagged ? { tagged: { ...tagged, examples: fitting(tagged.examples) } } : {}),
  ...(frames ? { frames: { pieces: fitting(frames.pieces) } } : {}),
  ...(written ? { written: { ...written, examples: fitting(written.examples) } } : {}),
});
