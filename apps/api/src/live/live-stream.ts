import type { LiveData, LiveEvent } from '@unroll/contracts';
import type { Response } from 'express';
import { once } from 'node:events';

/** Milliseconds between two comments that keep the connection alive. */
const heartbeat = 15_000;

/** Milliseconds that a reader has to take what was sent: it connects again, and gets the rest. */
const patience = 60_000;

/** An event as text. One without `id` leaves the reader's last event id unchanged. */
export function serverSentEvent(event: string, data: object, id?: string): string {
  const idLine = id === undefined ? '' : `id: ${id}\n`;
  return `event: ${event}\n${idLine}data: ${JSON.stringify(data)}\n\n`;
}

/** An event of the live channel as text. */
export const eventText = <Event extends LiveEvent>(event: Event, data: LiveData[Event], id?: string): string =>
  serverSentEvent(event, data, id);

/** A stream of server-sent events (WHATWG HTML, section 9.2) to one reader, open until the reader or the server closes it. */
export class LiveStream {
  readonly closed = new AbortController();
  private readonly beat: NodeJS.Timeout;
  private woken = true;
  private wakeUp: () => void = () => undefined;

  constructor(private readonly response: Response) {
    response.writeHead(200, {
      'content-type': 'text/event-stream; charset=utf-8',
      'cache-control': 'no-cache, no-transform',
      // Proxies must not buffer.
      'x-accel-buffering': 'no',
    });
    response.flushHeaders();
    response.on('close', () => this.closed.abort());
    this.beat = setInterval(() => response.write(': keep-alive\n\n'), heartbeat);
    this.closed.signal.addEventListener('abort', () => {
      clearInterval(this.beat);
      this.wake();
    });
  }

  /** There may be changes to send. */
  wake(): void {
    this.woken = true;
    this.wakeUp();
  }

  /** Resolves once woken since the last call, or closed. */
  async awake(): Promise<void> {
    if (!this.woken && !this.isClosed) await new Promise<void>((resolve) => (this.wakeUp = resolve));
    this.woken = false;
  }

  /** Whether `awake` would resolve at once. */
  get isAwake(): boolean {
    return this.woken;
  }

  get isClosed(): boolean {
    return this.closed.signal.aborted;
  }

  /** Sends events as `eventText` writes them, and waits for a slow reader. One that does not read at all for a minute is cut off. */
  async send(events: string | Buffer): Promise<void> {
    if (this.isClosed || this.response.write(events)) return;
    const late = setTimeout(() => this.response.destroy(), patience);
    await once(this.response, 'drain', { signal: this.closed.signal }).catch(() => undefined);
    clearTimeout(late);
  }

  end(): void {
    this.closed.abort();
    this.response.end();
  }
}
