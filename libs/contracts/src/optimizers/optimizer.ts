import { z } from 'zod';
import { strict } from '../strict';

/** An optimizer and its options. To add one, add a file beside this one and an entry in index.ts; it runs in libs/training/src/optim. */
export interface OptimizerDefinition {
  readonly kind: string;
  /** What it does, in one line, with its source. */
  readonly description: string;
  /** Its options, `kind` among them. */
  readonly schema: z.ZodObject;
}

type Shape = Record<string, z.ZodType>;

export const defineOptimizer = <const Kind extends string, Options extends Shape>(
  kind: Kind,
  description: string,
  options: Options,
) => ({ kind, description, schema: strict({ kind: z.literal(kind).describe(description), ...options }) });

const factor = z.number().min(0).lt(1);

export const momentum = factor.default(0).describe('Fraction of the previous step that is kept.');
export const secondMoment = (name: 'alpha' | 'beta2') =>
  factor
    .default(name === 'alpha' ? 0.99 : 0.999)
    .describe('Decay rate of the moving average of the squared gradient, per update.');
export const weightDecay = (standard: number) =>
  z
    .number()
    .min(0)
    .default(standard)
    .describe('L2 penalty on the weights: part of the gradient, but decoupled from it in adamw.');
export const epsilon = (standard: number) =>
  z.number().gt(0).default(standard).describe('Added to the denominator, for numerical stability.');

/** The options of Adam. `decay`: the default weight decay. */
export const adamOptions = (decay: number) => ({
  beta1: factor.default(0.9).describe('Decay rate of the moving average of the gradient, per update.'),
  beta2: secondMoment('beta2'),
  epsilon: epsilon(1e-8),
  weightDecay: weightDecay(decay),
});
