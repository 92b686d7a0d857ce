import { z } from 'zod';

const figure = z.number().nullable();

/** What a report says of a network's inside. Figures that are not finite are null. */
export const diagnostics = z.object({
  gradientNorms: z
    .record(z.string(), figure)
    .describe('Norm of the gradient by group of parameters, of the update of the report, before clipping.'),
  memoryHorizon: z
    .int()
    .nullable()
    .describe(
      'Largest distance at which more than 1 % of the gradient is left. Unit: steps. Null where nothing flows.',
    ),
  farthest: z.int().describe('Largest distance that was looked at. Unit: steps.'),
  saturation: figure.describe('Share of gates below 0.1 or above 0.9; null for a cell without gates.'),
  distances: z.array(z.int()).describe('Distances from the last step at which the gradient is given. Unit: steps.'),
  gradient: z
    .array(z.array(figure))
    .describe('For each layer, from the first, the gradient of its state at each distance, relative to distance 0.'),
});
export type Diagnostics = z.infer<typeof diagnostics>;

/** What was seen at the end, with the weights that are kept. */
export const snapshots = z.object({
  units: z.int().describe('Units of the top layer; the first of them are shown.'),
  sequences: z.array(
    z.object({
      from: z.int().describe('The first step that is shown, from 0.'),
      symbols: z.array(z.string()).optional().describe('What each step reads, where that has a name.'),
      states: z.array(z.array(figure)).describe('h of the top layer, a list of units for each step.'),
      attention: z.array(figure).optional().describe('How a pooling by attention weighs each step.'),
    }),
  ),
});
export type Snapshots = z.infer<typeof snapshots>;
