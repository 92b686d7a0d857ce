import type { Connection, Heard } from './event-stream';
import { openStream } from './event-stream';

/*
 * A worker that all tabs of a browser share, with the one stream of events: a browser opens six connections to an address over HTTP/1.1, so
 * six tabs with a stream each would leave none for anything else. It ends with the last tab.
 */

/** What a tab tells the worker: its key, with which it begins to listen; or that it no longer listens. */
export type Told = { key: string } | { leave: true };

interface Scope {
  onconnect: (event: MessageEvent) => void;
}

const tabs = new Set<MessagePort>();
let key: string | null = null;
let connection: Connection = 'connecting';
let close: (() => void) | undefined;

function tell(heard: Heard): void {
  if ('connection' in heard) connection = heard.connection;
  for (const tab of tabs) tab.postMessage(heard);
}

function listen(tab: MessagePort, given: string): void {
  tabs.add(tab);
  if (close && given === key) {
    // What it fetched before may be stale, as at the beginning of a stream.
    tab.postMessage({ connection } satisfies Heard);
    tab.postMessage({ event: 'reset', data: '{}' } satisfies Heard);
    return;
  }
  close?.();
  key = given;
  close = openStream(() => key, tell);
}

function leave(tab: MessagePort): void {
  tabs.delete(tab);
  if (tabs.size > 0) return;
  close?.();
  close = undefined;
}

// eslint-disable-next-line eslint-core/no-restricted-syntax -- this file runs in a shared worker, and the types are those of a page
(globalThis as unknown as Scope).onconnect = ({ ports: [tab] }) => {
  tab!.onmessage = ({ data }: MessageEvent<Told>) => ('key' in data ? listen(tab!, data.key) : leave(tab!));
};
