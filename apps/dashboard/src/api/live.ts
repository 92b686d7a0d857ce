import type { LiveData, LiveEvent, Page, SweepView, WorkerView } from '@unroll/contracts';
import type { QueryClient } from '@tanstack/react-query';
import { EventSource } from 'eventsource';
import { queryText } from './client';
import { forgetKey, storedKey } from './key';
import { Stale } from './stale';

export type Connection = 'connecting' | 'live' | 'broken';

/** Milliseconds before reopening a stream that the API rejected; a broken one reconnects by itself. */
const retryDelay = 3_000;

/**
 * Keeps cached queries up to date from one stream of server-sent events, which resumes after the last event received.
 * @returns a function that closes the stream
 */
export function followChanges(client: QueryClient, say: (connection: Connection) => void): () => void {
  const stale = new Stale(client);
  let last: string | undefined;
  let source: EventSource;
  let timer: ReturnType<typeof setTimeout> | undefined;

  const open = (): void => {
    source = new EventSource(`/v1/events${queryText({ after: last })}`, {
      fetch: (input, init) =>
        fetch(input, { ...init, headers: { ...init.headers, authorization: `Bearer ${storedKey() ?? ''}` } }),
    });
    source.addEventListener('open', () => say('live'));
    source.addEventListener('error', ({ code }) => {
      if (code === 401) return forgetKey();
      say('broken');
      if (source.readyState === source.CLOSED) timer = setTimeout(open, retryDelay);
    });
    const on = <Name extends LiveEvent>(name: Name, act: (data: LiveData[Name]) => void): void =>
      source.addEventListener(name, ({ data, lastEventId }) => {
        last = lastEventId || last;
        act(JSON.parse(String(data)) as LiveData[Name]);
      });
    on('sweep', (sweep) => {
      if (!('gone' in sweep)) putSweep(client, sweep);
      stale.add(['sweeps'], ['sweep', sweep.id]);
    });
    on('trial', ({ id, sweepId }) => stale.add(['trial', id], ['sweep', sweepId], ['board']));
    on('worker', (worker) => putWorker(client, worker));
    // Also the first event of every stream: data fetched before it may be stale.
    on('reset', () => stale.add([]));
  };
  open();
  return () => {
    clearTimeout(timer);
    stale.end();
    source.close();
  };
}

/** Replaces a sweep in every cached query that contains it. */
export function putSweep(client: QueryClient, sweep: SweepView): void {
  client.setQueryData(['sweep', sweep.id, 'view'], sweep);
  client.setQueriesData<Page<SweepView>>({ queryKey: ['sweeps'] }, (page) =>
    page ? { ...page, items: page.items.map((item) => (item.id === sweep.id ? sweep : item)) } : page,
  );
}

function putWorker(client: QueryClient, worker: LiveData['worker']): void {
  client.setQueryData<Page<WorkerView>>(['workers'], (page) => {
    if (!page) return page;
    const others = page.items.filter(({ id }) => id !== worker.id);
    if ('gone' in worker) return { ...page, items: others };
    const index = page.items.findIndex(({ id }) => id === worker.id);
    return { ...page, items: index < 0 ? [...others, worker] : page.items.with(index, worker) };
  });
}
