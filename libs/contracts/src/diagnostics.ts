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

/** A forecast beside the truth, in the unit of the data. */
export const shownForecast = z.object({
  series: z.string().describe('The name of the series; empty for the only one.'),
  target: z.string().optional().describe('The column that is forecast, of several.'),
  past: z
    .object({ times: z.array(z.string()), values: z.array(figure) })
    .describe('The last rows before the forecast; null where the target is missing.'),
  times: z.array(z.string()).describe('The time of each row ahead.'),
  truth: z.array(figure).describe('The true value of each row ahead, null where it is not known.'),
  values: z.array(figure).describe('The forecast of each row ahead.'),
  quantiles: z
    .record(z.string(), z.array(figure))
    .describe('Quantiles of the forecast by their level; none for a network that gives no intervals.'),
});
export type ShownForecast = z.infer<typeof shownForecast>;

const share = z.number().nullable();

/** What became of each class. */
export const classReport = z.object({
  examples: z.int().describe('Number of examples.'),
  classes: z.array(
    z.object({
      name: z.string(),
      precision: share.describe('Of the answers that name it, the fraction that is right; null where none does.'),
      recall: share.describe('Of its examples, the fraction that was found; null where there are none.'),
      f1: z.number().describe('Harmonic mean of precision and recall; 0 for a class that was never right.'),
      count: z.int().describe('Its examples.'),
    }),
  ),
  confusion: z
    .array(z.array(z.int()))
    .nullable()
    .describe('Examples by true class (row) and answer (column); null for more than 100 classes.'),
  mostWrong: z
    .array(
      z.object({
        place: z.string().describe('Where it is in the data.'),
        right: z.string(),
        found: z.string(),
        probability: z.number().describe('That of the right class.'),
        text: z.string().optional().describe('How it begins.'),
      }),
    )
    .describe('The wrong answers that gave the right class the lowest probability, worst first; at most 20.'),
});
export type ClassReport = z.infer<typeof classReport>;

/** Tagged sequences, those with the most wrong tags first. */
export const shownTags = z.object({
  tags: z.array(z.string()).describe('All tags.'),
  examples: z.array(
    z.object({
      place: z.string().describe('Where it is in the data.'),
      symbols: z.array(z.string()).optional().describe('Name of what each step reads, if it has one.'),
      right: z.array(z.string()).describe('The right tag of each step.'),
      found: z.array(z.string()).describe('The tag that the network gives each step.'),
    }),
  ),
});
export type ShownTags = z.infer<typeof shownTags>;

/** Texts that a network wrote, those with the most edits per right token first. */
export const shownWriting = z.object({
  separator: z.string().describe('What stands between two tokens of a text.'),
  examined: z
    .int()
    .describe('Number of examples, from the first of the validation part, of which these are the most wrong.'),
  examples: z.array(
    z.object({
      place: z.string().describe('Where it is in the data.'),
      source: z.array(z.string()).optional().describe('The tokens of its input, if it has any.'),
      right: z.array(z.string()).describe('The tokens of the right text.'),
      found: z.array(z.string()).describe('The tokens that the network wrote.'),
      attention: z
        .array(z.array(z.number()))
        .optional()
        .describe('Of each token written, the weight of each step of the input; of a network that attends.'),
    }),
  ),
});
export type ShownWriting = z.infer<typeof shownWriting>;

const frameList = z.array(z.array(z.string()));

/** Sequences of frames that a network continued. */
export const shownFrames = z.object({
  pieces: z.array(
    z.object({
      place: z.string().describe('Where it is in the data.'),
      given: frameList.describe('The labels of each frame that the network read.'),
      written: frameList.describe(
        'Those that it continued with: each label of a frame drawn with its own probability, and read for the next frame.',
      ),
      right: frameList.describe('How the sequence really continues.'),
    }),
  ),
});
export type ShownFrames = z.infer<typeof shownFrames>;

/** States and attention weights at the end of training, with the kept weights. */
export const snapshots = z.object({
  forecasts: z
    .array(shownForecast)
    .optional()
    .describe('Forecasts of the validation part, spread over its series; of a forecasting trial.'),
  classes: classReport
    .optional()
    .describe(
      'What became of each class in the validation part, or of each tag, or of the root of each tree; of a trial whose task has classes.',
    ),
  tagged: shownTags.optional().describe('Sequences of the validation part; of a tagging trial.'),
  written: shownWriting.optional().describe('Texts written for the validation part; of a trial whose task writes.'),
  frames: shownFrames
    .optional()
    .describe('How sequences of the validation part were continued; of a trial of multilabel-frames.'),
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
