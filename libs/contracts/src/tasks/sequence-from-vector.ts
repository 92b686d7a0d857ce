import { defineTask } from './task';
import { beamSearch, embedding, learningRate, tokens, vocabulary } from './options';

export const sequenceFromVector = defineTask(
  'sequence-from-vector',
  { tokens: tokens('character'), vocabulary, ...beamSearch },
  {
    description: 'A sequence, generated from a vector.',
    datasets: ['labelled'],
    reads: 'sequences',
    inputs: ['numbers'],
    answers: 'written',
    // Its only network is the decoder.
    isCausal: true,
    answersInInput: false,
    loss: 'cross-entropy',
    metrics: ['validation.editDistance', 'validation.bleu', 'validation.accuracy'],
    baselines: [],
    isAdaptable: false,
    isInspectable: false,
    isExportable: false,
    noBatchNorm: 'its decoder reads one step at a time, and one step has no statistics over time',
    inputOptions: ['tokens'],
    headOptions: [],
    ownChoices: ['beamWidth', 'lengthPenalty'],
    lossOptions: [],
    rules: ({ model }) => [
      [model.learnedInitialState, 'model.learnedInitialState', 'the vector gives the first state; leave it out'],
    ],
    firstSweep: {
      goal: 'Generate a sequence from a vector.',
      file: 'a line of it: {"vector": [...], "text": "..."}',
      dataset: { sample: 'weather.jsonl' },
      task: '{kind: sequence-from-vector, tokens: word}',
      model: [embedding],
      training: ['batchSize: 32', 'epochs: 20', learningRate],
    },
  },
);
