import type { LiveEvent } from '@unroll/contracts';
import { EventSource } from 'eventsource';
import { queryText } from './query-text';

export type Connection = 'connecting' | 'live' | 'broken';

/** What a stream of events tells: an event, as text; the state of its connection; or that the key is no longer valid. */
export type Heard = { event: LiveEvent; data: string } | { connection: Connection } | { refused: true };

/** Milliseconds before reopening a stream that the API rejected; a broken one reconnects by itself. */
const retryDelay = 3_000;

const names = ['sweep', 'trial', 'worker', 'reset'] as const satisfies readonly LiveEvent[];

/**
 * Opens the stream of server-sent events, which resumes after the last event received.
 * @returns a function that closes it
 */
export function openStream(key: () => string | null, hear: (heard: Heard) => void): () => void {
  let last: string | undefined;
  let source: EventSource;
  let timer: ReturnType<typeof setTimeout> | undefined;
  const open = (): void => {
    // In a worker, the package does not know what a path is relative to.
    source = new EventSource(new URL(`/v1/events${queryText({ after: last })}`, location.origin), {
      fetch: (input, init) =>
        fetch(input, { ...init, headers: { ...init.headers, authorization: `Bearer ${key() ?? ''}` } }),
    });
    source.addEventListener('open', () => hear({ connection: 'live' }));
    source.addEventListener('error', ({ code }) => {
      if (code === 401) return hear({ refused: true });
      hear({ connection: 'broken' });
      if (source.readyState === source.CLOSED) timer = setTimeout(open, retryDelay);
    });
    for (const event of names)
      source.addEventListener(event, ({ data, lastEventId }) => {
        last = lastEventId || last;
        hear({ event, data: String(data) });
      });
  };
  open();
  return () => {
    clearTimeout(timer);
    source.close();
  };
}
