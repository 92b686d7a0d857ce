import { z } from 'zod';
import { trialStates } from './states';
import { strict } from './strict';
import type { SweepView, WorkerView } from './rest';

/**
 * What the live channel says, as server-sent events: `id` is a change number, `event` one of these, `data` JSON. Each tells how a thing is
 * now, not what happened to it: whoever missed some is up to date with the next. `reset` says that more has changed than is
 * remembered: read everything anew, then go on listening.
 */
export const liveEvents = ['sweep', 'trial', 'worker', 'reset'] as const;
export type LiveEvent = (typeof liveEvents)[number];

const changeNumber = /^\d{1,19}\.\d{1,19}$/;

export const eventsQuery = strict({
  after: z
    .string()
    .regex(changeNumber, 'must be the id of an event')
    .optional()
    .describe('The id of the last event that was seen. Default: begin now. The header Last-Event-ID says the same.'),
});
export type EventsQuery = z.infer<typeof eventsQuery>;

export const liveTrial = z.object({
  id: z.string(),
  sweepId: z.string(),
  configuration: z.int(),
  seed: z.int(),
  state: z.enum(trialStates),
  value: z.number().nullable(),
  updates: z.int(),
  seconds: z.number().nullable(),
});
export type LiveTrial = z.infer<typeof liveTrial>;

/** What `data` holds, by event. Of a worker that has left, its id alone, with `gone`. */
export interface LiveData {
  sweep: SweepView | { id: string; gone: true };
  trial: LiveTrial;
  worker: WorkerView | { id: string; gone: true };
  reset: Record<string, never>;
}
