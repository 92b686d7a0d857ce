import { z } from 'zod';
import { drawing, standardDrawing } from './generate';
import { strict } from './strict';

/** Shapes of the HTTP interface of `unroll serve`. */

/** The largest requests that a served model accepts. */
export const servingLimits = {
  /** Bytes of a body. */
  bodyBytes: 10_000_000,
  /** Inputs of one request. */
  inputs: 1_000,
  /** Characters of a prompt, or of the text of a step. */
  promptLength: 100_000,
  /** Tokens that one request writes. */
  tokens: 100_000,
  /** Sessions that are open at once, and seconds after which an idle one ends. */
  sessions: 1_000,
  sessionSeconds: 600,
  /** Requests that wait for the network. */
  waiting: 1_000,
  /** Most likely tokens that a step names. */
  likely: 10,
} as const;

export const predictBody = strict({
  inputs: z
    .array(z.unknown())
    .min(1)
    .max(servingLimits.inputs)
    .describe(
      'What to answer to, in the form of a row of the training data without its target: an object, or a text; of a series a list of ' +
        'rows, of frames a list of frames, of a recording a WAV file in base64.',
    ),
});
export type PredictBody = z.infer<typeof predictBody>;

const writing = {
  length: z
    .int()
    .min(1)
    .max(servingLimits.tokens)
    .default(standardDrawing.length)
    .describe('Number of tokens to write.'),
  ...drawing,
  temperature: drawing.temperature.default(standardDrawing.temperature),
  seed: drawing.seed.default(standardDrawing.seed),
};
const text = z.string().max(servingLimits.promptLength);

export const generateBody = strict({
  prompt: text.describe('Text to continue; may be empty.'),
  ...writing,
  stream: z.boolean().default(false).describe('Whether the tokens are sent one by one, as server-sent events.'),
});

export const stepBody = strict({
  text: text.default('').describe('What the network reads before it writes.'),
  generate: strict(writing).optional().describe('What it writes after that; nothing by default.'),
});
export type StepBody = z.infer<typeof stepBody>;

/** How a text is drawn. */
export type Writing = NonNullable<StepBody['generate']>;

/** What a session answers to a step. */
export interface StepAnswer {
  /** What was written; empty where nothing was asked for. */
  text: string;
  /** The most likely next tokens, most likely first. */
  next: { token: string; probability: number }[];
}

/** What a served model is. */
export interface ServedModel {
  /** As it was asked for. */
  name: string;
  task: string;
  cell: string;
  parameters: number;
  /** What an input looks like. */
  inputs: { kind: string; describe: string; vocabulary?: number; width?: number; columns?: readonly string[] };
  /** What an answer holds. */
  outputs: { kind: string; classes?: readonly string[]; targets?: readonly string[]; horizon?: number };
  /** Whether it continues texts, and so has sessions. */
  generates: boolean;
  trainedOn: { dataset: string; fingerprint: string; trial: string | null; update: number };
  metrics: Record<string, number>;
  engine: string;
  /** That work on one pass. */
  threads: number;
  /**
   * `arithmetic`: of products for one input, or a text; those of a batch are in float32. `error`: the largest difference that quantising
   * the weights makes to an output, relative to 1 or to it; null if it is not known.
   */
  precision: { weights: 'float32' | 'int8'; arithmetic: 'float32' | 'int8'; error: number | null };
  limits: { batch: number; delayMilliseconds: number; inputs: number; sessions: number; sessionSeconds: number };
}
