import type { ModelHeader, ShownForecast } from '@unroll/contracts';
import { recursive, type DataSource, type Encoded } from '@unroll/datasets';
import { Network, shownForecasts, type Answer, type Model } from '@unroll/training';
import { CommandFailed } from '../errors/command-failed';
import { writeForecastChart } from '../input/chart-file';
import { targetName } from '../input/network';
import { forecastCsv, forecastTable } from '../show/answers';
import { note, say, sayData } from '../show/text';

/** How forecasts are shown. */
export interface ForecastOutput {
  shape: 'table' | 'json' | 'csv';
  chart?: string | undefined;
  series?: string[] | undefined;
}

const isForecast = (answer: Answer): answer is Extract<Answer, { values: number[] }> => 'values' in answer;

/** What was forecast, in the order of the series; undefined for another task. */
export function forecastsOf(data: Encoded['data'], answers: readonly Answer[]): ShownForecast[] | undefined {
  const units = data.kind === 'examples' ? data.validation.units : undefined;
  const found = answers.flatMap((answer, index) => (isForecast(answer) ? [{ index, answer }] : []));
  return units && shownForecasts(units, found);
}

/** A forecast as a line of JSON. */
const forecastJson = ({ series, times, values, quantiles }: ShownForecast, input: string | undefined): string =>
  JSON.stringify({ input, ...(series === '' ? {} : { series }), times, values, quantiles });

/** Prints forecasts, and draws them if asked. `places`: of each in the input. */
export async function showForecasts(
  forecasts: readonly ShownForecast[],
  header: ModelHeader,
  { shape, chart, series, places }: ForecastOutput & { places?: readonly string[] },
): Promise<void> {
  if (shape === 'json') forecasts.forEach((each, index) => sayData(forecastJson(each, places?.[index])));
  else if (shape === 'csv') sayData(forecastCsv(forecasts, targetName(header)));
  else say(forecastTable(forecasts, targetName(header)));
  if (chart !== undefined) await writeForecastChart(chart, forecasts, series);
}

/** A forecast with the next rows after it, whose intervals are not known, since they are based on the median of those before. */
const joined = (before: ShownForecast, { times, truth, values, quantiles }: ShownForecast): ShownForecast => ({
  ...before,
  times: [...before.times, ...times],
  truth: [...before.truth, ...truth],
  values: [...before.values, ...values],
  quantiles: Object.fromEntries(
    Object.keys(quantiles).map((level) => [level, [...before.quantiles[level]!, ...times.map(() => null)]]),
  ),
});

const cut = ({ times, truth, values, quantiles, ...rest }: ShownForecast, rows: number): ShownForecast => ({
  ...rest,
  times: times.slice(0, rows),
  truth: truth.slice(0, rows),
  values: values.slice(0, rows),
  quantiles: Object.fromEntries(Object.entries(quantiles).map(([level, all]) => [level, all.slice(0, rows)])),
});

/**
 * Forecasts of another number of rows than a network gives at once: from its own forecasts, as often as it takes. The engine is open.
 * @throws CommandFailed for a model that does not forecast
 */
export async function predictFurther(model: Model, source: DataSource, horizon: number): Promise<ShownForecast[]> {
  const { spec, reading } = model.header;
  const { task, dataset } = spec;
  if (task.kind !== 'forecasting')
    throw new CommandFailed(`--horizon: is for forecasts, and this is a ${task.kind} model; leave it out`, 2);
  const next = recursive(source, { dataset, task, reading }, horizon);
  let all: ShownForecast[] | undefined;
  while (!all || all[0]!.values.length < horizon) {
    const data = next(all?.map(({ values }) => values as number[]));
    const network = new Network(model, data);
    const found = forecastsOf(data, await network.answers())!;
    network.dispose();
    all = all ? all.map((before, index) => joined(before, found[index]!)) : found;
  }
  if (horizon > task.horizon)
    note(`Rows after the first ${task.horizon} are forecast from the forecasts before them, without intervals.`);
  return all.map((each) => cut(each, horizon));
}
