import { z } from 'zod';
import { limits } from './limits';
import { priorities } from './priority';
import { strict } from './strict';

/** Who may use how much of the fleet, and who does. */

const positive = (most: number) => z.number().gt(0).max(most);

/** A quota that is null is lifted; one that is left out stays as it is. */
export const shareBody = strict({
  weight: positive(1000)
    .optional()
    .describe('Its part of the fleet beside the others: one with weight 2 gets twice as much as one with weight 1.'),
  lanes: z.int().min(1).max(1_000_000).nullable().optional().describe('Most trials that run at a time.'),
  gpuHours: positive(1e7).nullable().optional().describe('Most trainer hours in a calendar month (UTC).'),
  storageGb: positive(1e6).nullable().optional().describe('Most gigabytes of registered data sets.'),
}).refine((body) => Object.values(body).some((value) => value !== undefined), {
  error: 'changes nothing: give weight, lanes, gpuHours or storageGb',
});
export type ShareBody = z.infer<typeof shareBody>;

export const shareView = z.object({
  name: z.string().describe('Of the team or the member.'),
  weight: z.number(),
  quotas: z
    .object({ lanes: z.int().nullable(), gpuHours: z.number().nullable(), storageGb: z.number().nullable() })
    .describe('null: no limit.'),
  use: z.object({
    lanes: z.int().describe('Trials that run.'),
    trainers: z.int().describe('Trainers that run them.'),
    recent: z.number().describe('Mean number of trainers of late; what is one half-life old counts half.'),
    gpuHours: z.number().describe('Trainer hours in this calendar month (UTC).'),
    storageGb: z.number().describe('Gigabytes of registered data sets.'),
  }),
});
export type ShareView = z.infer<typeof shareView>;

export const waitReasons = [
  'concurrentTrials',
  'teamLanes',
  'memberLanes',
  'teamHours',
  'memberHours',
  'noWorker',
  'labels',
  'memory',
  'othersFirst',
  'busy',
  'next',
] as const;

export const waiting = z.object({
  trials: z.int().describe('Trials that could start, but wait.'),
  reason: z
    .enum(waitReasons)
    .nullable()
    .describe('next: the next free trainer takes them; null: no trial waits, or the sweep does not run.'),
  text: z.string().nullable().describe('The reason, in one line.'),
});
export type WaitingView = z.infer<typeof waiting>;

export const shares = z.object({
  halfLifeDays: z.number().describe('After which use of the fleet counts half.'),
  team: shareView,
  members: z.array(shareView).describe('Those who have submitted something, or have a quota.'),
  others: z
    .object({ teams: z.int(), weight: z.number(), trainers: z.int() })
    .describe('The other teams with running sweeps, taken together.'),
  teams: z.array(shareView).nullable().describe('All teams; null for everyone but an admin of the team local.'),
  waiting: z
    .array(
      waiting.extend({
        sweepId: z.string(),
        name: z.string(),
        owner: z.string(),
        priority: z.enum(priorities),
      }),
    )
    .describe('Running sweeps of the team with trials that wait, oldest first.'),
});
export type Shares = z.infer<typeof shares>;

/** Most waiting sweeps in one answer. */
export const mostWaiting = limits.page;
