import { z } from 'zod';

const figure = z.number().nullable();

/** What a report records about the inside of a network. Values that are not finite are null. */
export const diagnostics = z.object({
  gradientNorms: z
    .record(z.string(), figure)
    .describe('Gradient norm by parameter group at the update of the report, before clipping.'),
  memoryHorizon: z
    .int()
    .nullable()
    .describe(
      'Largest distance at which more than 1 % of the gradient remains. Unit: steps. Null if no gradient flows.',
    ),
  farthest: z.int().describe('Largest distance measured. Unit: steps.'),
  saturation: figure.describe('Fraction of gates below 0.1 or above 0.9; null for a cell without gates.'),
  distances: z.array(z.int()).describe('Distances from the last step at which the gradient is given. Unit: steps.'),
  gradient: z
    .array(z.array(figure))
    .describe('For each layer, from the first, the gradient of its state at each distance, relative to distance 0.'),
});
export type Diagnostics = z.infer<typeof diagnostics>;

/** States and attention weights at the end of training, with the kept weights. */
export const snapshots = z.object({
  units: z.int().describe('Number of units of the top layer; only the first ones are shown.'),
  sequences: z.array(
    z.object({
      from: z.int().describe('The first step shown, counted from 0.'),
      symbols: z.array(z.string()).optional().describe('Name of what each step reads, if it has one.'),
      states: z.array(z.array(figure)).describe('h of the top layer: a list of units for each step.'),
      attention: z.array(figure).optional().describe('Weight of each step in attention pooling.'),
    }),
  ),
});
export type Snapshots = z.infer<typeof snapshots>;
