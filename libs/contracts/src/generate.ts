import { z } from 'zod';
import { limits } from './limits';
import { strict } from './strict';
import { type TaskKind } from './tasks';

/** The tasks whose models answer a prompt: a text goes in, and a text comes out. */
export const promptedTasks = ['language-model', 'sequence-to-sequence'] as const satisfies readonly TaskKind[];
export type PromptedTask = (typeof promptedTasks)[number];
export const isPrompted = (kind: TaskKind): kind is PromptedTask =>
  (promptedTasks as readonly TaskKind[]).includes(kind);

/** What a language model writes, unless it is told otherwise. */
export const standardDrawing = { length: 200, temperature: 0.7, seed: 0 } as const;

/** Options of drawing, which a beam does not do. No defaults: of a beam, one that is given is refused. */
export const drawing = {
  temperature: z
    .number()
    .positive()
    .max(100)
    .optional()
    .describe(`Of drawing: lower is more conservative, higher more varied. Default: ${standardDrawing.temperature}.`),
  topK: z.int().min(1).max(100_000).optional().describe('Draw from the k most likely tokens only.'),
  topP: z
    .number()
    .positive()
    .max(1)
    .optional()
    .describe('Draw from the fewest likely tokens that have this probability together.'),
  seed: z
    .int()
    .min(0)
    .max(2 ** 32 - 1)
    .optional()
    .describe(
      `Of drawing. Default: ${standardDrawing.seed}. The same seed gives the same text, which is that of unroll generate.`,
    ),
};

/** Hypotheses of a search for the likeliest text. */
export const beam = z.int().min(1).max(64);

const drawingKeys = Object.keys(drawing) as (keyof typeof drawing)[];

export const generateBody = strict({
  prompt: z
    .string()
    .max(limits.promptLength)
    .describe('The text to continue, which may be empty; of sequence-to-sequence, the source: one line.'),
  length: z
    .int()
    .min(1)
    .max(limits.generatedTokens)
    .optional()
    .describe(
      `Most tokens to write. Default: ${standardDrawing.length}; of sequence-to-sequence, those of the longest target of the training.`,
    ),
  ...drawing,
  beam: beam
    .optional()
    .describe(
      'Hypotheses of a search for the likeliest text. Default: none for a language model, which draws; of sequence-to-sequence, task.beamWidth.',
    ),
}).superRefine((body, context) => {
  if (body.beam === undefined) return;
  for (const key of drawingKeys)
    if (body[key] !== undefined)
      context.addIssue({
        code: 'custom',
        path: [key],
        message: 'a beam searches and draws nothing: give only one of them',
      });
});
export type GenerateBody = z.infer<typeof generateBody>;

/** What a model of a task cannot be asked. */
export function promptRefusals(kind: TaskKind, body: GenerateBody): { path: string; message: string }[] {
  if (kind !== 'sequence-to-sequence') return [];
  const drawn = drawingKeys
    .filter((key) => body[key] !== undefined)
    .map((path) => ({ path, message: `a ${kind} model searches with a beam and draws nothing: leave it out` }));
  const isLine = body.prompt.trim() !== '' && !/[\r\n\t]/.test(body.prompt);
  return isLine ? drawn : [...drawn, { path: 'prompt', message: 'must be one line of text, without tabs' }];
}

/** The server-sent events of an answer: pieces of text as they are written, then `done`, or `failed` with why. */
export interface GenerateData {
  text: { text: string };
  done: Record<string, never>;
  failed: { message: string };
}
export type GenerateEvent = keyof GenerateData;
export const generateEvents = ['text', 'done', 'failed'] as const satisfies readonly GenerateEvent[];

/** An event as documented. */
export const generateAnswer = z
  .object({
    event: z.enum(generateEvents),
    data: z
      .union([z.object({ text: z.string() }), z.object({ message: z.string() }), z.object({})])
      .describe('As JSON: the next piece of the text; empty for done; why there is no more text for failed.'),
  })
  .describe('Pieces of the text as they are written, then one event done or failed, after which the stream ends.');
