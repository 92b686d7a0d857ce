import type { LiveData, LiveEvent } from '@unroll/contracts';
import type { Response } from 'express';
import { once } from 'node:events';

/** Milliseconds between two signs of life. */
const heartbeat = 15_000;

/** One reader of server-sent events (WHATWG HTML, section 9.2), until he or the server ends it. */
export class LiveStream {
  readonly closed = new AbortController();
  private readonly beat: NodeJS.Timeout;
  private woken = true;
  private wakeUp: () => void = () => undefined;

  constructor(private readonly response: Response) {
    response.writeHead(200, {
      'content-type': 'text/event-stream; charset=utf-8',
      'cache-control': 'no-cache, no-transform',
      // Proxies must not wait for more.
      'x-accel-buffering': 'no',
    });
    response.flushHeaders();
    response.on('close', () => this.closed.abort());
    this.beat = setInterval(() => response.write(': still here\n\n'), heartbeat);
    this.closed.signal.addEventListener('abort', () => {
      clearInterval(this.beat);
      this.wake();
    });
  }

  /** There may be something to read. */
  wake(): void {
    this.woken = true;
    this.wakeUp();
  }

  /** Resolves when it was woken since the last time, or is closed. */
  async awake(): Promise<void> {
    if (!this.woken && !this.isClosed) await new Promise<void>((resolve) => (this.wakeUp = resolve));
    this.woken = false;
  }

  get isClosed(): boolean {
    return this.closed.signal.aborted;
  }

  /** Sends one event, and waits where the reader is slow. An event without `id` leaves the reader's place as it was. */
  async send<Event extends LiveEvent>(event: Event, data: LiveData[Event], id?: string): Promise<void> {
    if (this.isClosed) return;
    const place = id === undefined ? '' : `id: ${id}\n`;
    const went = this.response.write(`event: ${event}\n${place}data: ${JSON.stringify(data)}\n\n`);
    if (!went) await once(this.response, 'drain', { signal: this.closed.signal }).catch(() => undefined);
  }

  end(): void {
    this.closed.abort();
    this.response.end();
  }
}
