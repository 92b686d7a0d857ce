import { z } from 'zod';
import { cellNames, cellsWith } from './cells';
import { oneOf, strict } from './strict';

const positiveInteger = (maximum: number): z.ZodInt => z.int().min(1).max(maximum);
const rate = z.number().min(0).lt(1);

const matrix = oneOf(['default', 'xavier', 'he', 'orthogonal', 'identity']).default('default');

const initialisation = strict({
  input: matrix.describe(
    "Input weights: PyTorch's default, Glorot & Bengio 2010, He et al. 2015, orthogonal, or identity.",
  ),
  recurrent: matrix.describe('Recurrent weights; identity gives the IRNN of Le et al. 2015.'),
  forgetBias: z
    .number()
    .min(-10)
    .max(10)
    .optional()
    .describe('Initial bias of a forget gate (Jozefowicz et al. 2015).'),
});

export const model = strict({
  cell: oneOf(cellNames)
    .default('lstm')
    .describe("What each step computes. rnn, lstm and gru use PyTorch's equations."),
  nonlinearity: oneOf(['tanh', 'relu'])
    .default('tanh')
    .describe(`Activation of ${cellsWith('nonlinearity')}; that of other cells is fixed.`),
  hiddenSize: positiveInteger(8192).default(128).describe('Units per layer.'),
  layers: positiveInteger(16).default(1).describe('Layers, each of which reads the one below.'),
  layerSizes: z
    .array(positiveInteger(8192))
    .min(1)
    .max(16)
    .optional()
    .describe('Units of each layer, from the first, instead of hiddenSize and layers.'),
  bidirectional: z
    .boolean()
    .default(false)
    .describe('Also read from the end. Refused if the network would see its target.'),
  embeddingSize: positiveInteger(8192).default(64).describe("Length of a token's embedding vector."),
  tieWeights: z
    .boolean()
    .default(false)
    .describe(
      'Take the embedding for the output layer too (Press & Wolf 2017); embeddingSize must be the size of the top layer.',
    ),
  residual: z
    .boolean()
    .default(false)
    .describe("Add a layer's input to its output if both have the same width (He et al. 2016)."),
  dropout: rate
    .default(0)
    .describe(
      'Fraction of the input from the layer below that is dropped in training; no effect with a single recurrent layer, as in PyTorch.',
    ),
  recurrentDropout: rate
    .default(0)
    .describe(
      'Fraction of the state that is dropped in training, the same units at every step of a sequence (Gal & Ghahramani 2016).',
    ),
  weightDrop: rate
    .default(0)
    .describe(
      'Fraction of the recurrent weights that is dropped in training, the same ones at every step of an update (Merity et al. 2018).',
    ),
  zoneout: rate
    .default(0)
    .describe(
      'Fraction of the states that a step leaves as they are in training; otherwise all take the mean (Krueger et al. 2017).',
    ),
  batchNorm: z
    .boolean()
    .default(false)
    .describe("Normalise each layer's input over batch and time, padding excluded (Laurent et al. 2016)."),
  learnedInitialState: z.boolean().default(false).describe('Learn the initial state instead of starting from zeros.'),
  parallelScan: z
    .boolean()
    .default(false)
    .describe(
      `Compute ${cellsWith('parallelScan')} with a parallel scan over time, on engines without a kernel for it (wasm, cpu, tensorflow).`,
    ),
  heads: positiveInteger(64)
    .default(4)
    .describe(`Heads of ${cellsWith('heads')}; hiddenSize must be a multiple of it.`),
  initialisation: initialisation.prefault({}).describe('How weights are initialised.'),
});
export type ModelSpec = z.infer<typeof model>;
