import { z } from 'zod';
import { oneOf, shorthand, strict } from './strict';

const positiveInteger = (maximum: number): z.ZodInt => z.int().min(1).max(maximum);
const factor = z.number().min(0).lt(1);

/** A name that is safe as an identifier everywhere: in a path, a URL, a shell. */
export const datasetName = z
  .string()
  .regex(
    /^[a-z0-9][a-z0-9._-]{0,62}$/,
    'a name has lower-case letters, digits, dots, dashes and underscores, at most 63',
  );

const split = strict({
  validation: factor.gt(0).default(0.1).describe('Part held out for validation: the last of a text. Unit: fraction.'),
});

const registeredDataset = strict({
  name: datasetName.describe('A registered data set, or a built-in one.'),
  split: split.default({ validation: 0.1 }).describe('What is held out.'),
});

/** A data set that lies in a file: for `unroll train` alone, where no service knows names. */
export const fileDataset = strict({
  path: z.string().min(1).describe('The file, relative to the file that names it, or to where the command runs.'),
  kind: oneOf(['text']).describe('What the file holds.'),
  split: split.default({ validation: 0.1 }).describe('What is held out.'),
});

const languageModel = strict({
  kind: z.literal('language-model').describe('Predict the next token of a text.'),
  tokens: oneOf(['character']).default('character').describe('What one step reads.'),
});

const model = strict({
  cell: oneOf(['rnn', 'lstm', 'gru']).default('lstm').describe("The recurrent cell, with PyTorch's equations."),
  nonlinearity: oneOf(['tanh', 'relu'])
    .default('tanh')
    .describe('Activation of the cell rnn; the others have their own.'),
  hiddenSize: positiveInteger(8192).default(128).describe('Units of a recurrent layer.'),
  layers: positiveInteger(16).default(1).describe('Recurrent layers, each reading the one below.'),
  bidirectional: z.boolean().default(false).describe('Also read from the end. Refused where it would see its target.'),
  embeddingSize: positiveInteger(8192).default(64).describe('Numbers that a token becomes.'),
});

const weightDecay = (standard: number): z.ZodDefault<z.ZodNumber> =>
  z
    .number()
    .min(0)
    .default(standard)
    .describe('L2 pull on the weights: coupled to the gradient, but decoupled in adamw.');
const epsilon = (standard: number): z.ZodDefault<z.ZodNumber> =>
  z.number().gt(0).default(standard).describe('Added to the denominator, for stability.');
const adamShape = (decay: number) => ({
  beta1: factor.default(0.9).describe("Decay of the gradient's mean, a step."),
  beta2: factor.default(0.999).describe("Decay of the squared gradient's mean, a step."),
  epsilon: epsilon(1e-8),
  weightDecay: weightDecay(decay),
});

export const optimizer = z.discriminatedUnion('kind', [
  strict({ kind: z.literal('adam'), ...adamShape(0) }),
  strict({ kind: z.literal('adamw'), ...adamShape(0.01) }),
  strict({
    kind: z.literal('rmsprop'),
    alpha: factor.default(0.99).describe("Decay of the squared gradient's mean, a step."),
    momentum: factor.default(0).describe('Part of the last change that is kept.'),
    epsilon: epsilon(1e-8),
    weightDecay: weightDecay(0),
  }),
  strict({
    kind: z.literal('sgd'),
    momentum: factor.default(0).describe('Part of the last change that is kept.'),
    nesterov: z.boolean().default(false).describe('Look ahead by the momentum.'),
    weightDecay: weightDecay(0),
  }),
  strict({ kind: z.literal('adagrad'), epsilon: epsilon(1e-10), weightDecay: weightDecay(0) }),
]);
export const optimizerKinds = ['adam', 'adamw', 'rmsprop', 'sgd', 'adagrad'] as const;

const windowLength = positiveInteger(100_000);
const bptt = z.union([
  windowLength,
  strict({
    k1: windowLength.describe('Steps between updates. Unit: tokens.'),
    k2: windowLength.describe('Steps that the gradient goes back, a multiple of k1. Unit: tokens.'),
  }).refine(({ k1, k2 }) => k2 % k1 === 0, { path: ['k2'], error: 'must be a multiple of k1' }),
]);

const training = strict({
  bptt: bptt.default(64).describe('Truncated backpropagation: the window, or {k1, k2}. Unit: tokens.'),
  stateful: z.boolean().default(true).describe('Carry the hidden state from window to window along a stream.'),
  batchSize: positiveInteger(65_536).default(32).describe('Streams read side by side.'),
  updates: positiveInteger(100_000_000).default(1000).describe('Optimizer steps.'),
  reportEvery: positiveInteger(100_000_000).default(100).describe('Updates between reports; validation runs at each.'),
  optimizer: shorthand('kind', optimizerKinds, optimizer, 'The rule of the update. Default: adam.').default({
    kind: 'adam',
    beta1: 0.9,
    beta2: 0.999,
    epsilon: 1e-8,
    weightDecay: 0,
  }),
  learningRate: z.number().gt(0).max(1000).default(1e-3).describe('Step size of the optimizer.'),
  clipNorm: z
    .number()
    .gt(0)
    .nullable()
    .default(1)
    .describe('Largest norm of the gradient over all weights; null for none.'),
  seed: z
    .int()
    .min(0)
    .max(2 ** 32 - 1)
    .default(0)
    .describe('Seed of the weights and of all that is random in training.'),
  divergence: strict({
    norm: z.number().gt(0).default(1e6).describe('Gradient norm, before clipping, above which a trial has diverged.'),
  })
    .default({ norm: 1e6 })
    .describe('When a trial counts as diverged; a value that is not finite always does.'),
});

const task = shorthand('kind', ['language-model'], languageModel, 'What is learned.');

/** The parts of a specification that a sweep searches over. The keys stand in this order wherever they are shown. */
export const trialShape = {
  dataset: shorthand('name', undefined, registeredDataset, 'What is learned from.'),
  task,
  model: model.prefault({}).describe('The network.'),
  training: training.prefault({}).describe('How it is trained.'),
};

interface CrossChecked {
  task: { kind: string };
  model: { cell: string; bidirectional: boolean; nonlinearity: string };
}

/** What no single key can tell: combinations that make no sense. */
function crossCheck(
  { task: { kind }, model: { bidirectional, cell, nonlinearity } }: CrossChecked,
  context: z.RefinementCtx,
): void {
  if (bidirectional && kind === 'language-model')
    context.addIssue({
      code: 'custom',
      path: ['model', 'bidirectional'],
      message: 'a language model cannot be bidirectional: it would see its target; leave it out',
    });
  if (nonlinearity !== 'tanh' && cell !== 'rnn')
    context.addIssue({
      code: 'custom',
      path: ['model', 'nonlinearity'],
      message: `only the cell rnn has a choice of nonlinearity, not ${cell}; leave it out`,
    });
}

/** One trial: every value fixed, every default filled in. */
export const trialSpec = strict(trialShape).superRefine(crossCheck);
export type TrialSpec = z.infer<typeof trialSpec>;

/** What `unroll train` reads: a trial whose data may lie in a file. What belongs to a sweep is ignored there, with a word. */
export const trainFile = strict({
  ...trialShape,
  dataset: z.union([trialShape.dataset, fileDataset]),
  $schema: z.unknown().optional(),
  name: z.unknown().optional(),
  objective: z.unknown().optional(),
  search: z.unknown().optional(),
  budget: z.unknown().optional(),
}).superRefine(crossCheck);
export type TrainFile = z.infer<typeof trainFile>;
export type ModelSpec = TrialSpec['model'];
export type TrainingSpec = TrialSpec['training'];
export type TaskSpec = TrialSpec['task'];
export type OptimizerSpec = z.infer<typeof optimizer>;
