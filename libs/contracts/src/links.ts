import { z } from 'zod';
import { duration } from './duration';
import { limits } from './limits';
import { strict } from './strict';

/** Links that only read: of a sweep with its trials, of a trial, a board, or a report with what its charts show. Times: ISO 8601 in UTC. */

export const linkKinds = ['sweep', 'trial', 'board', 'report'] as const;
export type LinkKind = (typeof linkKinds)[number];

/** Of what a route shows: what a link must be of to open it; `any`: every link. */
export const linkScopes = [...linkKinds, 'any'] as const;
export type LinkScope = (typeof linkScopes)[number];

const time = z.iso.datetime();
const name = z.string().max(limits.trialName);
const longest = 366 * 86_400;

export const linkBody = strict({
  sweep: name.optional().describe('Id of a sweep: the link shows it and its trials.'),
  trial: name.optional().describe('Id of a trial.'),
  board: z.string().max(100).optional().describe('Id of a board, as GET /v1/boards has it.'),
  metric: z.string().max(100).optional().describe('Of a board: the objective.'),
  report: name.optional().describe('Id of a report: the link shows it, and what its charts show.'),
  expiresIn: duration
    .refine((seconds) => seconds <= longest, 'must be at most 366d')
    .optional()
    .describe('How long it is valid, such as 30d, which is the default; at most as long as the key that makes it.'),
})
  .refine(
    ({ sweep, trial, board, report }) =>
      [sweep, trial, board, report].filter((each) => each !== undefined).length === 1,
    { error: 'names one thing: give sweep, trial, board or report' },
  )
  .refine(({ board, metric }) => (board === undefined) === (metric === undefined), {
    error: 'must be given with board, and only with it',
    path: ['metric'],
  });
export type LinkBody = z.infer<typeof linkBody>;

export const linkView = z.object({
  id: z.string(),
  kind: z.enum(linkKinds),
  target: z.string().describe('Id of what it shows.'),
  metric: z.string().nullable().describe('Of a board; null for other things.'),
  author: z.string().describe('Name of the member who made it.'),
  createdAt: time,
  expiresAt: time,
  lastUsedAt: time.nullable().describe('To the minute.'),
});
export type LinkView = z.infer<typeof linkView>;

export const createdLink = linkView.extend({
  token: z.string().describe('Opens the routes of what it shows, as a key does. It is shown only now.'),
  path: z.string().describe('The page that it opens, with the token after #. It is shown only now.'),
});
export type CreatedLink = z.infer<typeof createdLink>;

/** What a request by a link may read. */
export const linkScope = z.object({ kind: z.enum(linkKinds), target: z.string(), metric: z.string().nullable() });
export type LinkTarget = z.infer<typeof linkScope>;
