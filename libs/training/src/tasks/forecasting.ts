import {
  ForecastErrors,
  inUnits,
  metricsOfTargets,
  rolesOf,
  selected,
  type Examples,
  type ForecastUnits,
} from '@unroll/datasets';
import { drawnWith } from '../metrics/random-numbers';
import type { Tally } from '../metrics/tally';
import { forecastOutputs, type ForecastOutputs } from './forecast-outputs';
import { numbersAnswers, numbersParameters, openNumbers, type AnsweredBatch, type NumbersSpec } from './numbers';
import { shownForecasts, spreadWindows } from './shown-forecasts';
import type { ForecastAnswer, Task, TargetForecast, TrialOf } from './task';

type ForecastExamples = Examples & { targets: { width: number } };

/** The outputs for one window, [perTarget · targets · horizon]. */
interface WindowOutputs {
  values: Float32Array;
  row: number;
  width: number;
  index: number;
}

/** The numbers for each row ahead of one target, [horizon][perTarget], in a window's outputs. */
function numbersOf(
  { perTarget }: ForecastOutputs,
  { values, row, width }: WindowOutputs,
  { place, targets }: { place: number; targets: number },
): number[][] {
  const own = values.subarray(row * perTarget * width, (row + 1) * perTarget * width);
  const horizon = width / targets;
  return Array.from({ length: horizon }, (_, ahead) =>
    Array.from({ length: perTarget }, (__, number) => own[number * width + place * horizon + ahead]!),
  );
}

/** The forecast of one target, in the unit of the data. */
function readForecast(
  { levels, quantiles, draws }: ForecastOutputs,
  units: ForecastUnits,
  numbers: readonly (readonly number[])[],
  index: number,
): TargetForecast {
  const scale = units.scale[index]!;
  const at = levels.length === 0 ? [0.5] : levels;
  const quantilesAt = (asked: readonly number[]): number[][] => {
    const byRow = numbers.map((each) => quantiles(each, asked, scale));
    return asked.map((_, level) =>
      inUnits(
        units,
        index,
        byRow.map((each) => each[level]!),
      ),
    );
  };
  const all = quantilesAt(at);
  return {
    values: all[at.indexOf(0.5)]!,
    ...(levels.length > 0 ? { quantiles: Object.fromEntries(at.map((level, place) => [level, all[place]!])) } : {}),
    ...(draws
      ? {
          quantilesAt,
          draw: () =>
            inUnits(
              units,
              index,
              numbers.map((each) => draws(each, 1, scale)[0]!),
            ),
        }
      : {}),
  };
}

/** Values drawn in one measurement, about, and of each value that is forecast: the fewer, the more there are. */
const drawn = { all: 1_000_000, least: 10, most: 100 };
/** Measurements are the same whatever the seed of the training. */
const measuringSeed = 0;

/** How many samples of each value a measurement of this many values draws. */
export const samplesOf = (values: number): number =>
  Math.min(drawn.most, Math.max(drawn.least, Math.floor(drawn.all / values)));

/** Draws for one target of a window, always the same. */
export const drawnFor = <Result>(
  place: { window: number; target: number; targets: number },
  draw: () => Result,
): Result => drawnWith(measuringSeed, place.window * place.targets + place.target, draw);

/** Adds up the mean loss and the errors of forecasts, from the loss of each batch and the outputs after it. */
function forecastTally(
  outputs: ForecastOutputs,
  { units: all = [], targets: { width }, count: windows }: ForecastExamples,
  count: number,
): Tally<AnsweredBatch> {
  const errors = all.map((units) => new ForecastErrors(units));
  const { draws } = outputs;
  const samples = samplesOf(windows * width);
  let loss = 0;
  const sampled = (units: ForecastUnits, place: number, numbers: number[][], index: number): number[][] => {
    const scale = units.scale[index]!;
    const rows = drawnFor({ window: index, target: place, targets: all.length }, () =>
      numbers.map((each) => draws!(each, samples, scale)),
    );
    return Array.from({ length: samples }, (_, sample) =>
      inUnits(
        units,
        index,
        rows.map((row) => row[sample]!),
      ),
    );
  };
  return {
    add(values, { rows }) {
      loss += values[0]!;
      const read = values.subarray(1);
      rows.forEach((index, row) =>
        all.forEach((units, place) => {
          const numbers = numbersOf(outputs, { values: read, row, width, index }, { place, targets: all.length });
          const forecast = readForecast(outputs, units, numbers, index);
          errors[place]!.add(index, forecast, draws && sampled(units, place, numbers, index));
        }),
      );
    },
    metrics: () => ({ loss: loss / count, ...metricsOfTargets(errors) }),
  };
}

/** Windows of which a trial keeps the forecasts. */
const mostShown = 24;

const exhibitForecasts: NumbersSpec['exhibit'] = (examples, answering) => {
  const { units = [] } = examples.validation;
  const windows = Int32Array.from(spreadWindows(units[0]!, Math.max(1, Math.floor(mostShown / units.length))));
  const own = { ...examples, validation: selected(examples.validation, windows) as typeof examples.validation };
  return {
    answering: answering(own),
    show(answers) {
      const all = answers.map((answer, index) => ({ index, answer: answer as ForecastAnswer }));
      return { forecasts: shownForecasts(own.validation.units!, all) };
    },
  };
};

function toNumbers({ model, training, task }: TrialOf<'forecasting'>): NumbersSpec {
  const outputs = forecastOutputs(task.loss, task.huberDelta);
  return {
    ...{ model, training, outputs },
    pooling: 'last',
    autoregression: ({ columns = [] }) => ({ steps: task.autoregression, columns: rolesOf(columns, task).targets }),
    answer:
      ({ validation: { units = [], targets } }, values, { rows }) =>
      (row) => ({
        forecasts: units.map((own, place) => {
          const window = { values, row, width: targets.width, index: rows[row]! };
          return readForecast(outputs, own, numbersOf(outputs, window, { place, targets: units.length }), window.index);
        }),
      }),
    tally: (_, held, count) => forecastTally(outputs, held, count),
    readsOutputs: true,
    exhibit: exhibitForecasts,
  };
}

/** The next values of one or several columns of a series, all at once from the last output over the rows that are read. */
export const forecasting: Task<'forecasting', 'numbers'> = {
  kind: 'forecasting',
  needs: 'numbers',
  head: { over: 'sequence', gives: 'numbers' },
  answers: (spec, data) => numbersAnswers(toNumbers(spec), data),
  parameters: (spec, data) => numbersParameters(toNumbers(spec), data),
  open: (spec, data) => openNumbers(toNumbers(spec), data),
};
