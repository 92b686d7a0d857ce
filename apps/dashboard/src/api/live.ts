import type { LiveData, LiveEvent, Page, SweepView, WorkerView } from '@unroll/contracts';
import type { QueryClient } from '@tanstack/react-query';
import { openStream, type Connection, type Heard } from './event-stream';
import { forgetKey, storedKey } from './key';
import type { Told } from './shared-stream';
import { Stale } from './stale';

/**
 * Keeps cached queries up to date from one stream of server-sent events, which the tabs of a browser share.
 * @returns a function that closes the stream
 */
export function followChanges(client: QueryClient, say: (connection: Connection) => void): () => void {
  const stale = new Stale(client);
  const act: { [Name in LiveEvent]: (data: LiveData[Name]) => void } = {
    sweep: (sweep) => {
      if (!('gone' in sweep)) putSweep(client, sweep);
      stale.add(['sweeps'], ['sweep', sweep.id]);
    },
    trial: ({ id, sweepId }) => stale.add(['trial', id], ['sweep', sweepId], ['board']),
    worker: (worker) => putWorker(client, worker),
    // Also the first event of every stream: data fetched before it may be stale.
    reset: () => stale.add([]),
  };
  const close = listen((heard) => {
    if ('refused' in heard) forgetKey();
    else if ('connection' in heard) say(heard.connection);
    // eslint-disable-next-line eslint-core/no-restricted-syntax -- the event says of which type its data are
    else act[heard.event](JSON.parse(heard.data) as never);
  });
  return () => {
    stale.end();
    close();
  };
}

/** Listens to the stream of the browser or, where tabs cannot share one, to an own one. */
function listen(hear: (heard: Heard) => void): () => void {
  if (typeof SharedWorker === 'undefined') return openStream(storedKey, hear);
  const { port } = new SharedWorker(new URL('./shared-stream.ts', import.meta.url), { type: 'module', name: 'unroll' });
  const tell = (told: Told): void => port.postMessage(told);
  port.onmessage = ({ data }: MessageEvent<Heard>) => hear(data);
  tell({ key: storedKey() ?? '' });
  const leave = (): void => tell({ leave: true });
  addEventListener('pagehide', leave);
  // A page that comes back from the browser's cache listens again.
  const again = ({ persisted }: PageTransitionEvent): void => {
    if (persisted) tell({ key: storedKey() ?? '' });
  };
  addEventListener('pageshow', again);
  return () => {
    removeEventListener('pagehide', leave);
    removeEventListener('pageshow', again);
    leave();
    port.close();
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
