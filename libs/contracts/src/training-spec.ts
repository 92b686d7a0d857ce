import { z } from 'zod';
import { distributionKeys } from './distribution';
import { fileFingerprint } from './file-fingerprint';
import { limits } from './limits';
import { optimizer, optimizerKinds } from './optimizers';
import { oneOf, shorthand, strict } from './strict';

const positiveInteger = (maximum: number): z.ZodInt => z.int().min(1).max(maximum);
const factor = z.number().min(0).lt(1);
const ratio = z.number().min(0).max(1);

const windowLength = positiveInteger(100_000);
const bptt = z.union([
  windowLength,
  oneOf(['full']),
  strict({
    k1: windowLength.describe('Steps between updates. Unit: tokens.'),
    k2: windowLength.describe('Steps of backpropagation, a multiple of k1. Unit: tokens.'),
  }).refine(({ k1, k2 }) => k2 % k1 === 0, { path: ['k2'], error: 'must be a multiple of k1' }),
]);

/** Length of a training that says neither `updates` nor `epochs`. */
export const standardUpdates = 1000;
export const standardReportEvery = 100;

const warmUp = z
  .int()
  .min(0)
  .max(100_000_000)
  .default(0)
  .describe('Updates over which the rate grows from 0. Unit: updates.');
const updateCount = (what: string) => positiveInteger(100_000_000).describe(`${what} Unit: updates.`);

const schedule = z.discriminatedUnion('kind', [
  strict({ kind: z.literal('constant'), warmUp }),
  strict({
    kind: z.literal('step'),
    every: updateCount('Interval between drops.'),
    factor: z.number().gt(0).lt(1).default(0.1).describe('Factor applied to the rate at a drop.'),
    warmUp,
  }),
  strict({
    kind: z.literal('cosine'),
    over: updateCount('Length of the decay. Default: all updates.').optional(),
    end: factor.default(0).describe('Fraction of the rate that remains at the end (Loshchilov & Hutter 2017).'),
    warmUp,
  }),
  strict({
    kind: z.literal('one-cycle'),
    peak: factor
      .gt(0)
      .default(0.3)
      .describe('Fraction of all updates after which the rate is highest (Smith & Topin 2019).'),
    startFactor: z.number().gt(0).max(1).default(0.04).describe('Fraction of the rate at the start.'),
    endFactor: z.number().gt(0).max(1).default(4e-6).describe('Fraction of the rate at the end.'),
  }),
  strict({
    kind: z.literal('plateau'),
    patience: z.int().min(0).max(1000).default(5).describe('Reports without a lower validation loss before a drop.'),
    factor: z.number().gt(0).lt(1).default(0.5).describe('Factor applied to the rate at a drop.'),
    warmUp,
  }),
]);
/** All but `auto` are what an engine can have; `auto` leaves it to the engine. */
export const precisions = ['float32', 'bfloat16', 'float16', 'auto'] as const;
export type Precision = Exclude<(typeof precisions)[number], 'auto'>;

export const scheduleKinds = ['constant', 'step', 'cosine', 'one-cycle', 'plateau'] as const;

const augmentation = strict({
  tokenDropout: factor.default(0).describe('Fraction of tokens replaced by random ones.'),
  jitter: z
    .number()
    .min(0)
    .max(100)
    .default(0)
    .describe('Standard deviation of noise added to numbers, in normalised units.'),
  timeMasking: factor.default(0).describe('Fraction of a sequence that is set to 0, in one span (Park et al. 2019).'),
});

const teacherForcing = strict({
  kind: oneOf(['linear', 'exponential', 'inverse-sigmoid'])
    .default('linear')
    .describe('How the ratio falls (Bengio et al. 2015, section 2.4).'),
  from: ratio.default(1).describe('Ratio at the first update.'),
  to: ratio.default(0).describe('Ratio at the end.'),
  over: updateCount('Length of the decay. Default: all updates.').optional(),
});

/** The model whose weights training starts from. */
const initFrom = strict({
  trial: z
    .string()
    .min(1)
    .max(limits.trialName)
    .optional()
    .describe('A completed trial, whose model is used: its id, best, or SWEEP:best.'),
  model: z
    .string()
    .min(1)
    .optional()
    .describe(
      'A file instead, only for unroll train: a model, or recurrent layers of PyTorch (.pt, .safetensors) or Keras (.keras, .h5).',
    ),
  modules: z
    .array(z.string().min(1).max(200))
    .min(1)
    .max(100)
    .optional()
    .describe(
      'The recurrent modules of a PyTorch, Keras or ONNX file to take, from the lowest layer up. Default: the only ones.',
    ),
  embedding: z
    .string()
    .min(1)
    .optional()
    .describe(
      'Word vectors instead: a file as GloVe and word2vec write it, also gzip, or the name of one registered as data of the kind vectors. ' +
        'Words without one are drawn.',
    ),
  fingerprint: fileFingerprint
    .optional()
    .describe('The fingerprint that these word vectors must have; a sweep writes it into its trials.'),
  replaceHead: z
    .boolean()
    .default(false)
    .describe('Start with a new output layer, for other classes or numbers than those learned.'),
})
  .refine((given) => [given.trial, given.model, given.embedding].filter((each) => each !== undefined).length === 1, {
    error: 'give trial, model for a file, or embedding for word vectors',
  })
  .refine(({ replaceHead, embedding }) => !replaceHead || embedding === undefined, {
    path: ['replaceHead'],
    error: 'has no effect with embedding: the output layer is new anyway',
  })
  .refine(({ fingerprint, embedding }) => fingerprint === undefined || embedding !== undefined, {
    path: ['fingerprint'],
    error: 'has no effect without embedding, whose file it identifies; leave it out',
  })
  .refine(({ modules, model }) => modules === undefined || model !== undefined, {
    path: ['modules'],
    error: 'has no effect on a trial: it names modules of a PyTorch, Keras or ONNX file',
  });

/** Weights of classes, by name. A class may have any name but those by which a distribution is recognised. */
const classWeights = z
  .record(z.string(), z.number().min(0).max(1e9))
  .refine((weights) => Object.keys(weights).length > 0, { error: 'names no class; give {NAME: WEIGHT}, or balanced' })
  .superRefine((weights, context) => {
    const name = distributionKeys.find((key) => Object.hasOwn(weights, key));
    if (name === undefined) return;
    const message = `cannot tell a class called ${name} from the distribution of that name; rename it in the data`;
    context.addIssue({ code: 'custom', message });
  });

const adaptation = strict({
  kind: oneOf(['coral']).default('coral').describe('coral: align the covariances of features (Sun & Saenko 2016).'),
  weight: z.number().min(0).max(1e9).default(1).describe('Weight of the penalty that is added to the loss.'),
});

export const training = strict({
  initFrom: initFrom
    .optional()
    .describe("Fine-tuning: start from another model's weights and read the data as it did. Default: random weights."),
  freeze: z
    .array(z.string().min(1).max(200))
    .max(1000)
    .default([])
    .describe('Weights that are not trained: names of weights, or groups such as embedding, recurrent, head.'),
  adaptation: adaptation
    .optional()
    .describe(
      'Domain adaptation: learn features that are similar on training and validation inputs; validation targets stay unseen.',
    ),
  bptt: bptt
    .optional()
    .describe('Truncated backpropagation: the window, full, or {k1, k2}. Default: 64 for a language model, else full.'),
  stateful: z
    .boolean()
    .optional()
    .describe('Carry the hidden state from window to window along a stream. Default: true for a language model.'),
  batchSize: positiveInteger(65_536).default(32).describe('Sequences or streams in a batch.'),
  updates: positiveInteger(100_000_000)
    .optional()
    .describe(`Optimizer steps. Default: ${standardUpdates}, unless epochs is given.`),
  epochs: positiveInteger(1_000_000).optional().describe('Passes over the data, instead of updates.'),
  reportEvery: positiveInteger(100_000_000)
    .default(standardReportEvery)
    .describe('Updates between reports; validation runs at each.'),
  optimizer: shorthand('kind', optimizerKinds, optimizer, 'How an update is computed. Default: adam.').default(
    optimizer.parse({ kind: 'adam' }),
  ),
  learningRate: z.number().gt(0).max(1000).default(1e-3).describe('Step size of the optimizer.'),
  schedule: shorthand('kind', scheduleKinds, schedule, 'How the learning rate changes. Default: constant.').default({
    kind: 'constant',
    warmUp: 0,
  }),
  clipNorm: z
    .number()
    .gt(0)
    .nullable()
    .default(1)
    .describe('Maximum norm of the gradient over all weights; null for no limit.'),
  clipValue: z
    .number()
    .gt(0)
    .nullable()
    .default(null)
    .describe('Maximum magnitude of each value of the gradient; null for no limit.'),
  l1: z.number().min(0).max(1000).default(0).describe('Weight of the sum of all absolute weights, added to the loss.'),
  l2: z
    .number()
    .min(0)
    .max(1000)
    .default(0)
    .describe('Weight of half the sum of all squared weights, added to the loss.'),
  gradientNoise: z
    .number()
    .min(0)
    .max(1000)
    .default(0)
    .describe(
      'Standard deviation of noise on the gradient, whose variance falls as (1 + update)^-0.55 (Neelakantan et al. 2015).',
    ),
  labelSmoothing: factor
    .default(0)
    .describe('Fraction of the target that is spread over all classes (Szegedy et al. 2016).'),
  classWeights: z
    .union([oneOf(['none', 'balanced'], 'weights by name: {spam: 5}'), classWeights])
    .default('none')
    .describe(
      'What each class counts in the training loss: balanced, as much as another, however rare it is; or weights by name, 1 for those ' +
        'that are left out: {spam: 5}. Of frames, what each label counts where it is present. Validation stays unweighted.',
    ),
  teacherForcing: z
    .union([ratio, teacherForcing])
    .default(1)
    .describe(
      'Fraction of steps at which a decoder reads the correct token instead of its own: below 1 it is scheduled sampling. ' +
        'A number, or a schedule.',
    ),
  augmentation: augmentation.prefault({}).describe('Random changes of the training data that keep its meaning.'),
  earlyStopping: strict({
    patience: positiveInteger(100_000).describe('Reports without a lower validation loss before the trial ends.'),
    minimumChange: z.number().min(0).default(0).describe('Smallest change that counts as an improvement.'),
  })
    .nullable()
    .default(null)
    .describe('End a trial that no longer improves; null for never.'),
  keep: oneOf(['best', 'last'])
    .default('best')
    .describe('Which weights are kept: those of the report with the lowest validation loss, or the last.'),
  diagnostics: z
    .boolean()
    .default(true)
    .describe(
      'Inspect the network at each report: gradient by distance in time, memory horizon, gates, gradient norms.',
    ),
  precision: oneOf(precisions)
    .default('float32')
    .describe(
      'What the operands of matrix products are rounded to: weights, sums and the optimizer stay float32. bfloat16: on the engine ' +
        'native; float16, with a scaled loss: on webgpu. auto: bfloat16 where the processor is faster with it, else float32.',
    ),
  recompute: z
    .boolean()
    .default(false)
    .describe(
      'Keep the states of a few steps only, those between segments of 4·√T of T steps or between windows, and compute gates again for ' +
        'the gradient. Measured for an LSTM of 256 units, an update takes 1.4 to 2 times as long, and memory falls by about two fifths at ' +
        '2,048 steps, but not at 512 or fewer.',
    ),
  seed: z
    .int()
    .min(0)
    .max(2 ** 32 - 1)
    .default(0)
    .describe('Seed of the initial weights and of all randomness in training.'),
  divergence: strict({
    norm: z
      .number()
      .gt(0)
      .default(1e6)
      .describe('Gradient norm, after clipValue and before clipNorm, above which a trial has diverged.'),
  })
    .default({ norm: 1e6 })
    .describe('When a trial counts as diverged; a value that is not finite always counts.'),
});
export type ScheduleSpec = z.infer<typeof schedule>;
export type TeacherForcingSpec = number | z.infer<typeof teacherForcing>;

/** Whether a decoder reads the correct token at every step of every update, so that all of its steps can be computed at once. */
export const isForced = (spec: TeacherForcingSpec): boolean =>
  typeof spec === 'number' ? spec === 1 : spec.from === 1 && spec.to === 1;
