import { defineTask } from './task';
import { learningRate, numberLoss, pooling, tokens, vocabulary } from './options';

export const regression = defineTask(
  'regression',
  { tokens: tokens('character'), vocabulary, pooling, ...numberLoss },
  {
    description: 'A number for each sequence.',
    datasets: ['labelled'],
    reads: 'sequences',
    inputs: ['tokens', 'numbers'],
    answers: 'once',
    isCausal: false,
    answersInInput: false,
    loss: 'error of a number',
    metrics: ['validation.mse', 'validation.mae'],
    baselines: ['always the mean'],
    isAdaptable: true,
    isInspectable: true,
    isExportable: true,
    inputOptions: ['tokens'],
    headOptions: ['pooling'],
    ownChoices: ['tokens', 'vocabulary', 'pooling'],
    lossOptions: ['loss', 'huberDelta'],
    firstSweep: {
      goal: 'Predict a number for a sequence.',
      file: 'a line of it: {"values": [...], "target": 1.5}',
      dataset: '{name: adding-problem, steps: 30}',
      task: '{kind: regression, loss: mse}                # or mae, huber, {expression: "abs(prediction - target)"}',
      model: [],
      training: ['batchSize: 32', 'updates: 600', learningRate],
    },
  },
);
