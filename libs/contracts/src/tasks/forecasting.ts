import { z } from 'zod';
import { oneOf } from '../strict';
import { defineTask } from './task';
import { learningRate, numberLoss } from './options';

export const forecasting = defineTask(
  'forecasting',
  {
    target: z.string().min(1).max(200).optional().describe('The column to forecast. Default: the last numeric one.'),
    lookback: z.int().min(1).max(100_000).default(60).describe('Rows that a forecast is based on.'),
    horizon: z.int().min(1).max(1000).default(1).describe('Rows forecast at once.'),
    season: z.int().min(1).max(100_000).optional().describe('Rows per season, for the seasonal naive baseline.'),
    normalise: oneOf(['standard', 'min-max', 'none'])
      .default('standard')
      .describe('How columns are scaled; fitted to the training part only.'),
    ...numberLoss,
  },
  {
    description: 'The next values of a series.',
    datasets: ['series'],
    reads: 'sequences',
    inputs: ['numbers'],
    answers: 'once',
    isCausal: false,
    answersInInput: true,
    loss: 'error of a number',
    metrics: ['validation.mse', 'validation.mae'],
    baselines: ['persistence', 'seasonal naive'],
    isAdaptable: false,
    isInspectable: true,
    isExportable: true,
    inputOptions: ['target', 'lookback', 'normalise'],
    headOptions: ['horizon'],
    firstSweep: {
      goal: 'Forecast a series, compared with the last value and the value of a season ago.',
      file: 'the file: CSV with a header',
      dataset: 'airline-passengers',
      task: '{kind: forecasting, lookback: 24, horizon: 1, season: 12}',
      model: [],
      training: ['batchSize: 16', 'updates: 600', learningRate],
    },
  },
);
