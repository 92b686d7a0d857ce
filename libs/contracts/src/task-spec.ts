import { z } from 'zod';
import { lossExpressionError } from './loss-expression';
import { oneOf, shorthand, strict } from './strict';

const tokens = oneOf(['character', 'word']).default('character').describe('What one step of a text reads.');
const vocabulary = z
  .int()
  .min(2)
  .max(65_536)
  .default(10_000)
  .describe('Most frequent words that are kept; the others are one word, <unknown>.');
const pooling = oneOf(['last', 'mean', 'attention'])
  .default('last')
  .describe('What the answer is read from: the last state, the mean over all steps, or a learned weighting of them.');
const customLoss = strict({
  expression: z
    .string()
    .superRefine((text, context) => {
      const message = lossExpressionError(text);
      if (message !== undefined) context.addIssue({ code: 'custom', message });
    })
    .describe('Of each value, in terms of prediction and target: "abs(prediction - target)^1.5".'),
});
const numberLoss = z
  .union([oneOf(['mse', 'mae', 'huber']), customLoss])
  .default('mse')
  .describe("Squared error, absolute error, Huber's mixture of both, or {expression} of one's own.");
const huberDelta = z
  .number()
  .gt(0)
  .default(1)
  .describe('Error beyond which huber grows linearly, in normalised units.');

const beamWidth = z
  .int()
  .min(1)
  .max(32)
  .default(1)
  .describe('Sequences followed side by side where one is written; 1 is greedy decoding.');
const lengthPenalty = z
  .number()
  .min(0)
  .max(10)
  .default(0.6)
  .describe('How far a beam makes up for length: alpha of Wu et al. 2016; 0 ranks by probability alone.');

/** The kinds of task, in the order in which they are listed. */
export const task = z.discriminatedUnion('kind', [
  strict({ kind: z.literal('language-model').describe('Predict the next token of a text.'), tokens, vocabulary }),
  strict({ kind: z.literal('classification').describe('A class for a sequence.'), tokens, vocabulary, pooling }),
  strict({
    kind: z.literal('regression').describe('A number for a sequence.'),
    tokens,
    vocabulary,
    pooling,
    loss: numberLoss,
    huberDelta,
  }),
  strict({
    kind: z.literal('tagging').describe('A class for each step.'),
    tokens: oneOf(['character', 'word']).default('word').describe('What one step of a text reads.'),
    vocabulary,
  }),
  strict({
    kind: z
      .literal('multilabel-frames')
      .describe('The next frame of a sequence of frames, each several labels at once.'),
  }),
  strict({
    kind: z.literal('forecasting').describe('The next values of a series.'),
    target: z
      .string()
      .min(1)
      .max(200)
      .optional()
      .describe('The column to forecast. Default: the last one with numbers.'),
    lookback: z.int().min(1).max(100_000).default(60).describe('Rows that a forecast is made from.'),
    horizon: z.int().min(1).max(1000).default(1).describe('Rows that are forecast at once.'),
    season: z
      .int()
      .min(1)
      .max(100_000)
      .optional()
      .describe('Rows of a season, for the seasonal-naive forecast beside ours.'),
    normalise: oneOf(['standard', 'min-max', 'none'])
      .default('standard')
      .describe('How columns are scaled, fitted on the training part alone.'),
    loss: numberLoss,
    huberDelta,
  }),
  strict({
    kind: z.literal('sequence-to-sequence').describe('A sequence, written from another one.'),
    tokens,
    vocabulary,
    attention: oneOf(['none', 'dot', 'general', 'additive'])
      .default('general')
      .describe(
        "What the decoder sees of the encoder's steps: nothing but its last state; or a weighting by dot, general (Luong et al. 2015) or additive (Bahdanau et al. 2015) scores.",
      ),
    beamWidth,
    lengthPenalty,
  }),
  strict({
    kind: z.literal('sequence-from-vector').describe('A sequence, written from a vector.'),
    tokens,
    vocabulary,
    beamWidth,
    lengthPenalty,
  }),
  strict({
    kind: z
      .literal('transcription')
      .describe('What is said in a recording, by connectionist temporal classification (Graves et al. 2006).'),
    tokens,
    vocabulary,
    beamWidth: z
      .int()
      .min(1)
      .max(100)
      .default(1)
      .describe(
        'Readings followed side by side where the test part is measured; 1, as at reports, is the likeliest path.',
      ),
  }),
  strict({
    kind: z
      .literal('tree-classification')
      .describe('A class for a tree of words, by a child-sum tree-LSTM (Tai et al. 2015).'),
    vocabulary,
    nodes: oneOf(['all', 'root'])
      .default('all')
      .describe("Whose classes are learned: every node's, or the root's alone."),
  }),
]);
export type TaskSpec = z.infer<typeof task>;
export type TaskKind = TaskSpec['kind'];

export const taskKinds = task.options.map((option) => option.shape.kind.value) as [TaskKind, ...TaskKind[]];

export const taskShorthand = shorthand('kind', taskKinds, task, 'What is learned.');
