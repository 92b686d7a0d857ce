import { z } from 'zod';
import { defineTask } from './task';
import { learningRate, tokens, vocabulary } from './options';

export const transcription = defineTask(
  'transcription',
  {
    tokens: tokens('character'),
    vocabulary,
    beamWidth: z
      .int()
      .min(1)
      .max(100)
      .default(1)
      .describe('Beam width when the test part is measured; 1, as at reports, takes the most likely path.'),
  },
  {
    description: 'The text of a recording, by connectionist temporal classification (Graves et al. 2006).',
    datasets: ['audio'],
    reads: 'sequences',
    inputs: ['numbers'],
    answers: 'each step',
    isCausal: false,
    answersInInput: false,
    loss: 'connectionist temporal classification',
    metrics: ['validation.editDistance', 'validation.accuracy'],
    baselines: [],
    isAdaptable: false,
    isInspectable: false,
    isExportable: false,
    noBatchNorm: 'its running statistics are not kept',
    inputOptions: ['tokens'],
    headOptions: [],
    ownChoices: ['beamWidth'],
    lossOptions: [],
    rules: ({ dataset }) => [
      [
        dataset.longer === 'cut',
        'dataset.longer',
        'a recording that is cut no longer matches its text; raise dataset.maximumSteps',
      ],
    ],
    firstSweep: {
      goal: 'Transcribe a recording.',
      file: 'next to the WAV files, transcripts.tsv: the file, a tab, its text',
      dataset: { sample: 'recordings', options: 'split: {group: 2}', note: 'holds out speakers, as in a_ann_0.wav' },
      task: '{kind: transcription, tokens: character}',
      model: ['bidirectional: true', 'recurrentDropout: {uniform: [0, 0.5]}'],
      training: ['batchSize: 16', 'epochs: 30', learningRate],
    },
  },
);
