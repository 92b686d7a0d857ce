import { oneOf } from '../strict';
import { defineTask } from './task';
import { embedding, learningRate, vocabulary } from './options';

export const tagging = defineTask(
  'tagging',
  { tokens: oneOf(['character', 'word']).default('word').describe('What a token of a text is.'), vocabulary },
  {
    description: 'A class for each step of a sequence.',
    datasets: ['labelled'],
    reads: 'sequences',
    inputs: ['tokens', 'numbers'],
    answers: 'each step',
    isCausal: false,
    answersInInput: false,
    loss: 'cross-entropy',
    metrics: ['validation.accuracy', 'validation.balancedAccuracy', 'validation.f1'],
    baselines: ['most frequent class'],
    isAdaptable: false,
    isInspectable: true,
    isExportable: true,
    inputOptions: ['tokens'],
    headOptions: [],
    ownChoices: ['vocabulary'],
    lossOptions: [],
    firstSweep: {
      goal: 'Predict the class of each step of a sequence.',
      file: 'a line of it: {"tokens": [...], "tags": [...]}',
      dataset: '{name: copy-memory, steps: 10}',
      task: '{kind: tagging}',
      model: [embedding],
      training: ['batchSize: 32', 'updates: 600', learningRate],
    },
  },
);
