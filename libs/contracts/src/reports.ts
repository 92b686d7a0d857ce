import { z } from 'zod';
import { limits } from './limits';
import { chartOf, reportParts } from './report-charts';
import { pageQuery } from './rest';
import { strict } from './strict';

/** Reports of a team: Markdown with charts that are drawn live. Times are ISO 8601 in UTC. */

const time = z.iso.datetime();
const id = z.string().describe('8 characters; any unique prefix is accepted as an id.');

const title = z
  .string()
  .trim()
  .regex(/^[^\p{Cc}\p{Cs}]{1,100}$/u, 'must be one line of 1 to 100 characters');

const text = z
  .string()
  .max(limits.reportLength)
  .regex(/^[^\0\p{Cs}]*$/u, 'must be text')
  .superRefine((markdown, context) => {
    const charts = reportParts(markdown).filter((part) => part.kind === 'chart');
    for (const { line, address } of charts.slice(0, limits.reportCharts))
      if (!chartOf(address))
        context.addIssue({
          code: 'custom',
          message: `line ${line}: ${address.slice(0, 80)} has no chart: give the address of a sweep, a trial or a leaderboard`,
        });
    if (charts.length > limits.reportCharts)
      context.addIssue({
        code: 'custom',
        message: `has ${charts.length} charts, at most ${limits.reportCharts} are possible`,
      });
  })
  .describe(
    'Markdown. A line that consists of `![caption](/sweeps/ID?tab=curves)` is a chart, drawn when it is read: the address of a ' +
      'page of the dashboard that shows a sweep (tabs leaderboard, curves, parallel, parameters and search), a trial or a leaderboard.',
  );

export const reportBody = strict({ title, text: text.default('') });
export type ReportBody = z.infer<typeof reportBody>;

export const reportChange = strict({
  title: title.optional(),
  text: text.optional(),
  archived: z.boolean().optional().describe('An archived report leaves the list, and can be brought back.'),
  version: z
    .number()
    .int()
    .min(1)
    .optional()
    .describe('The version that was read: if someone has saved another one since, the change is refused.'),
}).refine(({ version: _, ...changes }) => Object.values(changes).some((value) => value !== undefined), {
  error: 'changes nothing: give title, text or archived',
});
export type ReportChange = z.infer<typeof reportChange>;

export const reportSummary = z.object({
  id,
  title: z.string(),
  author: z.string().describe('Name of the member who began it.'),
  createdAt: time,
  editor: z.string().nullable().describe('Name of the member who changed it last; null if nobody has.'),
  editedAt: time.nullable(),
  version: z.number().int().describe('Counts the changes, from 1.'),
  archived: z.boolean(),
});
export type ReportSummary = z.infer<typeof reportSummary>;

export const teamReport = reportSummary.extend({ text: z.string().describe('Markdown.') });
export type TeamReport = z.infer<typeof teamReport>;

export const reportsQuery = strict({
  ...pageQuery.shape,
  archived: z.stringbool().default(false).describe('The archived ones instead of the others.'),
});
export type ReportsQuery = z.infer<typeof reportsQuery>;
