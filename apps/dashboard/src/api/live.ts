import type { LiveData, LiveEvent, Page, SweepView, WorkerView } from '@unroll/contracts';
import type { QueryClient } from '@tanstack/react-query';
import { EventSource } from 'eventsource';
import { storedKey } from './key';

export type Connection = 'connecting' | 'live' | 'broken';

/** Milliseconds that changes are gathered before what they concern is asked for again: a sweep changes many times a second. */
const gathered = 1_000;

/**
 * Keeps what was asked for as it is now, by one stream of server-sent events. A stream that breaks goes on where it ended (the
 * browser sends the number of the last event). @returns what ends it
 */
export function followChanges(client: QueryClient, say: (connection: Connection) => void): () => void {
  const stale = new Set<string>();
  let timer: ReturnType<typeof setTimeout> | undefined;
  const refresh = (): void => {
    timer = undefined;
    for (const key of stale) void client.invalidateQueries({ queryKey: JSON.parse(key) as unknown[] });
    stale.clear();
  };
  const soon = (...keys: unknown[][]): void => {
    for (const key of keys) stale.add(JSON.stringify(key));
    timer ??= setTimeout(refresh, gathered);
  };

  const source = new EventSource('/v1/events', {
    fetch: (input, init) =>
      fetch(input, { ...init, headers: { ...init.headers, authorization: `Bearer ${storedKey() ?? ''}` } }),
  });
  source.addEventListener('open', () => say('live'));
  source.addEventListener('error', () => say('broken'));
  const on = <Name extends LiveEvent>(name: Name, act: (data: LiveData[Name]) => void): void =>
    source.addEventListener(name, ({ data }) => act(JSON.parse(String(data)) as LiveData[Name]));
  on('sweep', (sweep) => {
    if ('gone' in sweep) return soon(['sweeps'], ['sweep', sweep.id]);
    putSweep(client, sweep);
    soon(['sweeps'], ['sweep', sweep.id]);
  });
  on('trial', ({ id, sweepId }) => soon(['trial', id], ['sweep', sweepId], ['board'], ['compare', id]));
  on('worker', (worker) => putWorker(client, worker));
  on('reset', () => void client.invalidateQueries());
  return () => {
    clearTimeout(timer);
    source.close();
  };
}

/** A sweep as it is now, wherever it stands. */
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
