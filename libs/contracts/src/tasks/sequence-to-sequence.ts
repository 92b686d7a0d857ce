import { cells } from '../cells';
import { oneOf } from '../strict';
import { defineTask } from './task';
import { beamSearch, embedding, learningRate, tokens, vocabulary } from './options';

export const sequenceToSequence = defineTask(
  'sequence-to-sequence',
  {
    tokens: tokens('character'),
    vocabulary,
    attention: oneOf(['none', 'dot', 'general', 'additive'])
      .default('general')
      .describe(
        "What the decoder reads of the encoder's steps: only the last state (none), or a weighting by dot, general " +
          '(Luong et al. 2015) or additive (Bahdanau et al. 2015) scores.',
      ),
    ...beamSearch,
  },
  {
    description: 'A sequence, generated from another one.',
    datasets: ['pairs'],
    reads: 'sequences',
    inputs: ['tokens'],
    answers: 'written',
    isCausal: false,
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
    ownChoices: ['attention', 'beamWidth', 'lengthPenalty'],
    lossOptions: [],
    rules: ({ task, model }) => [
      [
        task.attention === 'dot' && model.bidirectional,
        'task.attention',
        'dot needs an encoder as wide as the decoder, and a bidirectional one is twice as wide; give general or additive',
      ],
      [
        task.attention === 'none' && !cells[model.cell].states.includes('h'),
        'task.attention',
        `the states of ${model.cell} do not contain what its top layer gives, and nothing else would reach the decoder; give general`,
      ],
    ],
    firstSweep: {
      goal: 'Generate a sequence from another one: here, letters in reverse.',
      file: 'a line of it: the source, a tab, the target',
      dataset: 'reversal',
      task: '{kind: sequence-to-sequence, tokens: character, attention: general, beamWidth: 1}',
      model: [embedding],
      training: [
        'batchSize: 32',
        'updates: 800',
        learningRate,
        'teacherForcing: 1                   # or scheduled sampling: {kind: linear, from: 1, to: 0.5}',
      ],
    },
  },
);
