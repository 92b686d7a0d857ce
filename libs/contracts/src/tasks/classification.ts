import { defineTask } from './task';
import { embedding, learningRate, pooling, tokens, vocabulary } from './options';

export const classification = defineTask(
  'classification',
  { tokens: tokens('character'), vocabulary, pooling },
  {
    description: 'A class for each sequence.',
    datasets: ['labelled', 'audio'],
    reads: 'sequences',
    inputs: ['tokens', 'numbers'],
    answers: 'once',
    isCausal: false,
    answersInInput: false,
    loss: 'cross-entropy',
    metrics: ['validation.accuracy', 'validation.balancedAccuracy', 'validation.f1'],
    baselines: ['most frequent class'],
    isAdaptable: true,
    isInspectable: true,
    isExportable: true,
    inputOptions: ['tokens'],
    headOptions: ['pooling'],
    ownChoices: ['tokens', 'vocabulary', 'pooling'],
    lossOptions: [],
    firstSweep: {
      goal: 'Predict the class of a sequence.',
      file: 'a line of it: {"text": "...", "label": "..."}',
      dataset: '{name: temporal-order, steps: 30}',
      task: '{kind: classification, pooling: last}        # or mean, attention',
      model: [embedding],
      training: ['batchSize: 32', 'updates: 600', learningRate],
    },
  },
);
