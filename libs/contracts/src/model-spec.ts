import { z } from 'zod';
import { oneOf, strict } from './strict';

const positiveInteger = (maximum: number): z.ZodInt => z.int().min(1).max(maximum);
const rate = z.number().min(0).lt(1);

/** Every cell, by the name that a sweep uses. */
export const cellNames = [
  'rnn',
  'lstm',
  'gru',
  'layer-norm-lstm',
  'peephole-lstm',
  'min-gru',
  'min-lstm',
  'ind-rnn',
  'feed-forward',
  'transformer',
] as const;

const matrix = (standard: 'default' | 'orthogonal') =>
  oneOf(['default', 'xavier', 'he', 'orthogonal', 'identity']).default(
    standard === 'default' ? 'default' : 'orthogonal',
  );

const initialisation = strict({
  input: matrix('default').describe(
    "Weights from below: PyTorch's default, Glorot & Bengio 2010, He et al. 2015, orthogonal.",
  ),
  recurrent: matrix('default').describe('Weights between steps; identity is the IRNN of Le et al. 2015.'),
  forgetBias: z
    .number()
    .min(-10)
    .max(10)
    .optional()
    .describe('Where the bias of a forget gate starts (Jozefowicz et al. 2015).'),
});

export const model = strict({
  cell: oneOf(cellNames).default('lstm').describe("What a step computes; rnn, lstm and gru with PyTorch's equations."),
  nonlinearity: oneOf(['tanh', 'relu'])
    .default('tanh')
    .describe('Activation of the cells rnn and feed-forward; the others have their own.'),
  hiddenSize: positiveInteger(8192).default(128).describe('Units of a layer.'),
  layers: positiveInteger(16).default(1).describe('Layers, each reading the one below.'),
  bidirectional: z.boolean().default(false).describe('Also read from the end. Refused where it would see its target.'),
  embeddingSize: positiveInteger(8192).default(64).describe('Numbers that a token becomes.'),
  residual: z
    .boolean()
    .default(false)
    .describe('Add what a layer reads to what it gives, where both are as wide (He et al. 2016).'),
  dropout: rate.default(0).describe('Part of what a layer reads from the one below that is dropped in training.'),
  recurrentDropout: rate
    .default(0)
    .describe(
      'Part of the state that is dropped in training, the same at each step of a sequence (Gal & Ghahramani 2016).',
    ),
  batchNorm: z
    .boolean()
    .default(false)
    .describe('Normalise what each layer reads over batch and time, steps that count alone (Laurent et al. 2016).'),
  learnedInitialState: z.boolean().default(false).describe('Learn the state before the first step, rather than zeros.'),
  parallelScan: z.boolean().default(false).describe('Compute min-gru and min-lstm by a parallel scan over time.'),
  heads: positiveInteger(64)
    .default(4)
    .describe('Attention heads of the cell transformer; hiddenSize is a multiple of it.'),
  initialisation: initialisation.prefault({}).describe('Where weights start.'),
});
export type ModelSpec = z.infer<typeof model>;
