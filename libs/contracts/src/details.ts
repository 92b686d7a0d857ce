import { z } from 'zod';
import { limits } from './limits';
import { priorities } from './priority';
import { oneOf, strict } from './strict';

/** What people write about a sweep or a trial, beside what was measured. */

const tag = z
  .string()
  .trim()
  .regex(/^[^\p{Cc}\p{Cs},]{1,40}$/u, 'must be one line of 1 to 40 characters without a comma');

const words = {
  note: z
    .string()
    .max(limits.noteLength)
    .regex(/^[^\0\p{Cs}]*$/u, 'must be text')
    .optional()
    .describe('Markdown; replaces the note. An empty text removes it.'),
  tags: z
    .array(tag)
    .max(limits.tags)
    .transform((tags) => [...new Set(tags)].sort())
    .optional()
    .describe('Replaces all tags.'),
};

const isChange = (details: object): boolean => Object.values(details).some((value) => value !== undefined);
const nothing = { error: 'changes nothing: give at least one key' };

export const trialDetails = strict(words).refine(isChange, nothing);
export type TrialDetails = z.infer<typeof trialDetails>;

export const sweepDetails = strict({
  ...words,
  name: z
    .string()
    .trim()
    .regex(/^[^\p{Cc}\p{Cs}]{1,100}$/u, 'must be one line of 1 to 100 characters')
    .optional(),
  priority: oneOf(priorities).optional().describe('Among the sweeps of its owner: for trials that start from now on.'),
  archived: z
    .boolean()
    .optional()
    .describe('An archived sweep is left out of the list of sweeps; nothing else changes, and it can be brought back.'),
}).refine(isChange, nothing);
export type SweepDetails = z.infer<typeof sweepDetails>;
