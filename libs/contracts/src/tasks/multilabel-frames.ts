import { defineTask } from './task';
import { learningRate } from './options';

export const multilabelFrames = defineTask(
  'multilabel-frames',
  {},
  {
    description: 'The next frame of a sequence of frames, each with any number of labels.',
    datasets: ['frames'],
    reads: 'sequences',
    inputs: ['numbers'],
    answers: 'each step',
    isCausal: true,
    answersInInput: true,
    loss: 'binary cross-entropy',
    metrics: ['validation.negativeLogLikelihood'],
    baselines: ['independent notes'],
    isAdaptable: false,
    isInspectable: true,
    isExportable: true,
    inputOptions: [],
    headOptions: [],
    ownChoices: [],
    lossOptions: [],
    firstSweep: {
      goal: 'Predict the next chord of a piece, or any frame with several labels.',
      file: 'the file: [[[60, 64], [62], ...], ...]',
      dataset: { sample: 'pieces.json' },
      task: '{kind: multilabel-frames}',
      model: ['recurrentDropout: {uniform: [0, 0.5]}'],
      training: ['batchSize: 16', 'epochs: 20', learningRate],
    },
  },
);
