import type { ModelHeader, ShownForecast } from '@unroll/contracts';
import type { DataSource, Encoded } from '@unroll/datasets';
import { forecastFurther, hasDistribution, shownForecasts, type Answer, type Model } from '@unroll/training';
import { CommandFailed } from '../errors/command-failed';
import { writeForecastChart } from '../input/chart-file';
import { targetNames } from '../input/network';
import { forecastCsv, forecastTable } from '../show/answers';
import { note, say, sayData } from '../show/text';

/** How forecasts are shown. */
export interface ForecastOutput {
  shape: 'table' | 'json' | 'csv';
  chart?: string | undefined;
  series?: string[] | undefined;
}

const isForecast = (answer: Answer): answer is Extract<Answer, { forecasts: unknown }> => 'forecasts' in answer;

/** What was forecast, in the order of the series; undefined for another task. */
export function forecastsOf(data: Encoded['data'], answers: readonly Answer[]): ShownForecast[] | undefined {
  const units = data.kind === 'examples' ? data.validation.units : undefined;
  const found = answers.flatMap((answer, index) => (isForecast(answer) ? [{ index, answer }] : []));
  return units && shownForecasts(units, found);
}

/** A forecast as a line of JSON. */
const forecastJson = ({ series, target, times, values, quantiles }: ShownForecast, input: string | undefined): string =>
  JSON.stringify({ input, ...(series === '' ? {} : { series }), target, times, values, quantiles });

/** Prints forecasts, and draws them if asked. `places`: of each in the input. */
export async function showForecasts(
  forecasts: readonly ShownForecast[],
  header: ModelHeader,
  { shape, chart, series, places }: ForecastOutput & { places?: readonly string[] },
): Promise<void> {
  const targets = targetNames(header);
  if (shape === 'json')
    forecasts.forEach((each, index) => sayData(forecastJson(each, places?.[Math.floor(index / targets.length)])));
  else if (shape === 'csv') sayData(forecastCsv(forecasts, targets));
  else say(forecastTable(forecasts, targets));
  if (chart !== undefined) await writeForecastChart(chart, forecasts, series);
}

/** How a forecast of another number of rows is made. */
export interface Further {
  horizon?: number | undefined;
  samples?: number | undefined;
  seed?: number | undefined;
}

const standardSamples = 100;

/** @throws CommandFailed for options that do not go with a model or each other */
export function requireFurther(model: Model, { horizon, samples, seed }: Further): void {
  const { task } = model.header.spec;
  const refuse = (option: string, why: string): never => {
    throw new CommandFailed(`--${option}: ${why}; leave it out`, 2);
  };
  if (horizon !== undefined && task.kind !== 'forecasting')
    refuse('horizon', `is for forecasts, and this is a ${task.kind} model`);
  for (const [option, value] of Object.entries({ samples, seed })) {
    if (value === undefined) continue;
    if (!hasDistribution(model))
      refuse(option, 'is for a forecast whose task.loss is a {distribution}, which this is not');
    if (horizon === undefined || task.kind !== 'forecasting' || horizon <= task.horizon)
      refuse(option, 'is for a --horizon beyond that of the training, whose forecast is drawn from');
  }
}

/** Forecasts of another number of rows than a network gives at once. The engine is open. */
export async function predictFurther(
  models: readonly Model[],
  source: DataSource,
  horizon: number,
  { samples = standardSamples, seed = 0 }: Further,
): Promise<ShownForecast[]> {
  const all = await forecastFurther(models, source, horizon, { samples, seed });
  const [{ header }] = models as [Model];
  const { task } = header.spec;
  if (task.kind === 'forecasting' && horizon > task.horizon)
    note(
      hasDistribution({ header })
        ? `Rows after the first ${task.horizon} are forecast from ${samples} paths that are drawn from the forecasts before them.`
        : `Rows after the first ${task.horizon} are forecast from the forecasts before them, without intervals.`,
    );
  return all;
}
