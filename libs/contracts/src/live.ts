import { z } from 'zod';
import { measure } from './measure';
import { trialStates } from './states';
import { strict } from './strict';
import { sweepView, workerView, type SweepView, type WorkerView } from './rest';

/**
 * The server-sent events of the live channel: `id` is a change number, `event` one of these, `data` JSON. An event contains the current
 * state, not the change, so a client that missed some is up to date after the next. `reset` means that more has changed than the server
 * remembers: read everything again, then continue to listen.
 */
export const liveEvents = ['sweep', 'trial', 'worker', 'reset'] as const;
export type LiveEvent = (typeof liveEvents)[number];

/** Two integers of 64 bits. */
const isChangeNumber = (id: string): boolean =>
  /^\d{1,19}\.\d{1,19}$/.test(id) && id.split('.').every((part) => BigInt(part) < 2n ** 63n);

export const eventsQuery = strict({
  after: z
    .string()
    .refine(isChangeNumber, 'must be the id of an event')
    .optional()
    .describe('Id of the last event received. Default: start now. The header Last-Event-ID has the same effect.'),
});
export type EventsQuery = z.infer<typeof eventsQuery>;

export const liveTrial = z.object({
  id: z.string(),
  sweepId: z.string(),
  configuration: z.int(),
  seed: z.int(),
  state: z.enum(trialStates),
  value: measure.nullable(),
  updates: z.int(),
  seconds: z.number().nullable(),
});
export type LiveTrial = z.infer<typeof liveTrial>;

/** `data` by event. For a deleted sweep or a worker that has left: only its id, with `gone`. */
export interface LiveData {
  sweep: SweepView | { id: string; gone: true };
  trial: LiveTrial;
  worker: WorkerView | { id: string; gone: true };
  reset: Record<string, never>;
}

const gone = z.object({ id: z.string(), gone: z.literal(true) });

/** An event as documented: what its three fields are. */
export const anyEvent = z
  .object({
    id: z.string().describe('A change number, for Last-Event-ID.'),
    event: z.enum(liveEvents),
    data: z
      .union([sweepView, liveTrial, workerView, gone, z.object({})])
      .describe('As JSON: the sweep, trial or worker as it is now, or its id and gone; empty for reset.'),
  })
  .describe(
    'An event has the current state, not the change: a client that missed some is up to date after the next. reset means that more has ' +
      'changed than the server remembers: read everything again, then listen on.',
  );
