import { z } from 'zod';
import { lossExpressionError } from '../loss-expression';
import { fileFingerprint } from '../file-fingerprint';
import { oneOf, shorthand, strict } from '../strict';

/** Options that several tasks share. */

export const tokens = (standard: 'character' | 'word' | 'subword') =>
  oneOf(['character', 'word', 'subword'])
    .default(standard)
    .describe('What a token of a text is. Subwords are learned from the training part by byte-pair encoding.');

export const defaultVocabulary = 10_000;

export const vocabulary = z
  .int()
  .min(2)
  .max(65_536)
  .default(defaultVocabulary)
  .describe(
    'Size of a vocabulary: of words, most frequent first, where all others become <unknown>; or of subwords, which are the 256 bytes and ' +
      'pairs of them, so that every text has its tokens.',
  );

/** An existing tokenizer, by its file or its registered name. */
export const tokenizer = shorthand(
  'name',
  undefined,
  strict({
    name: z.string().min(1).describe('Its file, or the name of one registered as data of the kind tokenizer.'),
    fingerprint: fileFingerprint
      .optional()
      .describe('The fingerprint that it must have; a sweep writes it into its trials.'),
  }),
  "Subwords of an existing tokenizer.json of Hugging Face's tokenizers (byte-level BPE), instead of ones that are learned.",
);

export const pooling = oneOf(['last', 'mean', 'attention'])
  .default('last')
  .describe(
    'What the prediction is based on: the last state, the mean over all steps, or a learned weighting of them.',
  );

const customLoss = strict({
  expression: z
    .string()
    .superRefine((text, context) => {
      const message = lossExpressionError(text);
      if (message !== undefined) context.addIssue({ code: 'custom', message });
    })
    .describe('Loss of one value, in terms of prediction and target: "abs(prediction - target)^1.5".'),
});

const quantileLoss = strict({
  quantiles: z
    .array(z.number().gt(0).lt(1))
    .min(1)
    .max(19)
    .refine((all) => all.every((each, index) => index === 0 || each > all[index - 1]!), 'must be in ascending order')
    .refine((all) => all.includes(0.5), 'must contain 0.5, the median, which is the forecast')
    .default([0.05, 0.5, 0.95])
    .describe('Quantiles of each forecast, learned by the pinball loss: 0.05 and 0.95 bound an interval of 90 %.'),
});

const likelihood = strict({
  distribution: oneOf(['normal', 'student-t', 'negative-binomial']).describe(
    'Each forecast is a distribution, learned by maximum likelihood. student-t has heavier tails; negative-binomial is for counts, 0, 1, 2 ' +
      'and so on.',
  ),
});

const plainLosses = ['mse', 'mae', 'huber'] as const;
export const standardHuberDelta = 1;
const huberDelta = z
  .number()
  .gt(0)
  .default(standardHuberDelta)
  .describe('Error above which the Huber loss grows linearly, in normalised units.');

/** The loss of a task with numeric targets. */
export const numberLoss = {
  loss: z
    .union([oneOf(plainLosses), customLoss])
    .default('mse')
    .describe('Squared error, absolute error, the Huber loss, or an {expression} of your own.'),
  huberDelta,
};

/** The loss of a task whose answers may be distributions. */
export const forecastLoss = {
  loss: z
    .union([oneOf(plainLosses), customLoss, quantileLoss, likelihood])
    .default('mse')
    .describe(
      'Squared error, absolute error, the Huber loss, or an {expression} of your own; or {quantiles} or a {distribution}, which give intervals.',
    ),
  huberDelta,
};

/** How a decoder searches for its output. */
export const beamSearch = {
  beamWidth: z.int().min(1).max(32).default(1).describe('Beam width of the decoder; 1 is greedy decoding.'),
  lengthPenalty: z
    .number()
    .min(0)
    .max(10)
    .default(0.6)
    .describe('Length penalty of beam search: alpha of Wu et al. 2016; 0 ranks by probability alone.'),
};

/** Lines that several first sweeps share. */
export const embedding = 'embeddingSize: 32';
export const learningRate = 'learningRate: {logUniform: [1e-3, 1e-2]}';
