import { createParser } from 'eventsource-parser';
import type { Connection } from './connection.ts';
import { Refused } from './errors.ts';
import { pause } from './pause.ts';
import type { SweepView, TrialEvent, WorkerView } from './schemas.ts';

interface Gone {
  id: string;
  gone: true;
}

/**
 * What has changed: the state as it is now, not the change. `reset` means that more has changed than the server remembers: read everything
 * again, then listen on. `id`: from where to listen on, as `after`. Only the last event of a batch has an id of its own; the others have
 * that of the batch before, and come again.
 */
export type LiveEvent =
  | { event: 'sweep'; id: string; data: SweepView | Gone }
  | { event: 'trial'; id: string; data: TrialEvent }
  | { event: 'worker'; id: string; data: WorkerView | Gone }
  | { event: 'reset'; id: string; data: Record<string, never> };

/** Milliseconds until a stream that broke is opened again. */
const reopenAfter = 1000;

/**
 * Events as they come, until `signal` is aborted. A stream that breaks is opened again after the last event that came.
 * @throws Refused where the API refuses the request
 */
export async function* listen(
  connection: Connection,
  path: string,
  { signal, after }: { signal?: AbortSignal | undefined; after?: string | undefined },
): AsyncGenerator<LiveEvent, void, undefined> {
  let last = after;
  while (!signal?.aborted) {
    try {
      for await (const event of stream(connection, path, last, signal)) {
        last = event.id;
        yield event;
      }
    } catch (error) {
      if (signal?.aborted) return;
      // A server that is too busy says so with 503.
      if (error instanceof Refused && error.status < 500) throw error;
    }
    await pause(reopenAfter, signal).catch(() => undefined);
  }
}

async function* stream(
  connection: Connection,
  path: string,
  last: string | undefined,
  signal: AbortSignal | undefined,
): AsyncGenerator<LiveEvent, void, undefined> {
  const headers: Record<string, string> = last === undefined ? {} : { 'last-event-id': last };
  const { body } = await connection.open('GET', path, { headers, signal });
  const decoder = new TextDecoder();
  let arrived: LiveEvent[] = [];
  // As in a browser's EventSource, an event without an id leaves the last one as it is; the parser tells only what each event says.
  let known = last;
  const parser = createParser({
    onEvent({ id = known, event, data }) {
      known = id;
      arrived.push({ id, event, data: JSON.parse(data) as unknown } as LiveEvent);
    },
  });
  for await (const bytes of body ?? []) {
    parser.feed(decoder.decode(bytes as Uint8Array, { stream: true }));
    const events = arrived;
    arrived = [];
    yield* events;
  }
}
