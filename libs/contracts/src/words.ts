import { z } from 'zod';
import { limits } from './limits';
import { oneOf, strict } from './strict';

/** What a team writes down: its diary, and reviews of configurations. Times are ISO 8601 in UTC. */

const time = z.iso.datetime();
const id = z.string().describe('8 characters; any unique prefix is accepted as an id.');
const markdown = (least: number) =>
  z
    .string()
    .min(least)
    .max(limits.noteLength)
    .regex(/^[^\0\p{Cs}]*$/u, 'must be text');

export const diaryBody = strict({
  text: markdown(1).describe(
    'Markdown: what was tried, found or decided. Link a sweep as /sweeps/ID, a trial as /trials/ID.',
  ),
});
export type DiaryBody = z.infer<typeof diaryBody>;

export const diaryEntry = z.object({
  id,
  author: z.string(),
  text: z.string().describe('Markdown.'),
  createdAt: time,
  editedAt: time.nullable(),
});
export type DiaryEntry = z.infer<typeof diaryEntry>;

export const reviewBody = strict({
  verdict: oneOf(['approve', 'question']).describe(
    'approve: it may be used; question: something is to be answered first.',
  ),
  text: markdown(0).default('').describe('Markdown.'),
});
export type ReviewBody = z.infer<typeof reviewBody>;

export const review = z.object({
  id,
  author: z.string(),
  verdict: z.enum(['approve', 'question']),
  text: z.string().describe('Markdown.'),
  createdAt: time,
});
export type Review = z.infer<typeof review>;
