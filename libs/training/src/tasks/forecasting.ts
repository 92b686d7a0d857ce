import {
  ForecastErrors,
  inUnits,
  rolesOf,
  selected,
  type Examples,
  type ForecastUnits,
  type Quantiles,
} from '@unroll/datasets';
import { deviationOf, freedomOf, normalLoss, pinballLoss, studentLoss } from '../losses/distributions';
import type { Tally } from '../metrics/tally';
import { shownForecasts, spreadWindows } from './shown-forecasts';
import { normalQuantile, studentQuantile } from '../metrics/quantiles';
import {
  elementLoss,
  numbersParameters,
  openNumbers,
  type AnsweredBatch,
  type NumberOutputs,
  type NumbersSpec,
} from './numbers';
import type { Answer, Task, TrialOf } from './task';

type Loss = TrialOf<'forecasting'>['task']['loss'];

/** The quantiles that are measured and shown of a distribution. */
const levels = [0.05, 0.25, 0.5, 0.75, 0.95];

/** What a network gives for a row ahead, and the quantiles that it stands for: none for a point forecast. */
interface ForecastOutputs extends NumberOutputs {
  levels: readonly number[];
  /** The quantile of a row ahead, in the unit of the network's output, from the numbers for it. */
  quantile: (numbers: readonly number[], level: number) => number;
}

function forecastOutputs(loss: Loss, huberDelta: number): ForecastOutputs {
  if (typeof loss === 'object' && 'quantiles' in loss) {
    const { quantiles } = loss;
    return {
      perTarget: quantiles.length,
      loss: pinballLoss(quantiles),
      levels: quantiles,
      // Sorted, since each is learned by itself (Chernozhukov et al. 2010).
      quantile: (numbers, level) => numbers.toSorted((a, b) => a - b)[quantiles.indexOf(level)]!,
    };
  }
  if (typeof loss === 'object' && 'distribution' in loss)
    return loss.distribution === 'normal'
      ? {
          ...{ perTarget: 2, loss: normalLoss, levels },
          quantile: ([mean, raw], level) => mean! + deviationOf(raw!) * normalQuantile(level),
        }
      : {
          ...{ perTarget: 3, loss: studentLoss, levels },
          quantile: ([location, scale, freedom], level) =>
            location! + deviationOf(scale!) * studentQuantile(level, freedomOf(freedom!)),
        };
  return { perTarget: 1, loss: elementLoss(loss, huberDelta), levels: [], quantile: ([value]) => value! };
}

/** A forecast of one window, in the unit of the data. */
interface Forecast {
  values: number[];
  quantiles: Quantiles | undefined;
}

/** Reads the forecast of window `index` from the outputs in row `row`, [batch, perTarget · horizon]. */
function readForecast(
  { perTarget, levels: shown, quantile }: ForecastOutputs,
  units: ForecastUnits,
  { values, row, width, index }: { values: Float32Array; row: number; width: number; index: number },
): Forecast {
  const own = values.subarray(row * perTarget * width, (row + 1) * perTarget * width);
  const numbers = Array.from({ length: width }, (_, ahead) =>
    Array.from({ length: perTarget }, (__, number) => own[number * width + ahead]!),
  );
  const at = (level: number): number[] =>
    inUnits(
      units,
      index,
      numbers.map((each) => quantile(each, level)),
    );
  if (shown.length === 0) return { values: at(0.5), quantiles: undefined };
  const quantiles = new Map(shown.map((level) => [level, at(level)]));
  return { values: quantiles.get(0.5)!, quantiles };
}

/** Adds up the mean loss and the errors of forecasts, from the loss of each batch and the outputs after it. */
function forecastTally(
  outputs: ForecastOutputs,
  { units, targets }: ForecastExamples,
  count: number,
): Tally<AnsweredBatch> {
  const errors = new ForecastErrors(units!);
  const { width } = targets;
  let loss = 0;
  return {
    add(values, { rows }) {
      loss += values[0]!;
      const read = values.subarray(1);
      rows.forEach((index, row) => {
        const forecast = readForecast(outputs, units!, { values: read, row, width, index });
        errors.add(index, forecast.values, forecast.quantiles);
      });
    },
    metrics: () => ({ loss: loss / count, ...errors.metrics() }),
  };
}

type ForecastExamples = Examples & { targets: { width: number } };

function toAnswer({ values, quantiles }: Forecast): Answer {
  if (!quantiles) return { values };
  return { values, quantiles: Object.fromEntries([...quantiles].map(([level, all]) => [String(level), [...all]])) };
}

/** Windows of which a trial keeps the forecasts. */
const mostShown = 24;

const exhibitForecasts: NumbersSpec['exhibit'] = (examples, answering) => {
  const { units } = examples.validation;
  const windows = Int32Array.from(spreadWindows(units!, mostShown));
  const own = { ...examples, validation: selected(examples.validation, windows) as typeof examples.validation };
  return {
    answering: answering(own),
    show(answers) {
      const all = answers.map((answer, index) => ({ index, answer: answer as Extract<Answer, { values: number[] }> }));
      return { forecasts: shownForecasts(own.validation.units!, all) };
    },
  };
};

function toNumbers({ model, training, task }: TrialOf<'forecasting'>): NumbersSpec {
  const outputs = forecastOutputs(task.loss, task.huberDelta);
  return {
    ...{ model, training, outputs },
    pooling: 'last',
    autoregression: ({ columns = [] }) => ({
      steps: task.autoregression,
      column: rolesOf(columns, task).target,
    }),
    answer:
      ({ validation }, values, { rows }) =>
      (row) =>
        toAnswer(
          readForecast(outputs, validation.units!, { values, row, width: validation.targets.width, index: rows[row]! }),
        ),
    tally: (_, held, count) => forecastTally(outputs, held, count),
    readsOutputs: true,
    exhibit: exhibitForecasts,
  };
}

/** The next values of a series, all at once from the last output over the rows that are read. */
export const forecasting: Task<'forecasting', 'numbers'> = {
  kind: 'forecasting',
  needs: 'numbers',
  head: { over: 'sequence', gives: 'numbers' },
  parameters: (spec, data) => numbersParameters(toNumbers(spec), data),
  open: (spec, data) => openNumbers(toNumbers(spec), data),
};
