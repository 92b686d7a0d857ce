import { openEvents } from './client';

/** Milliseconds before a broken stream is reopened. */
const retry = 1000;

/** Listens to a sweep's events to know when to poll again. Their content is ignored: the poll reads the state. */
export class Events {
  private readonly abort = new AbortController();
  private last: string | undefined;
  private changed = true;

  constructor(private readonly sweepId: string) {
    void this.listen();
  }

  /** Whether anything has changed since the previous call. */
  take(): boolean {
    const { changed } = this;
    this.changed = false;
    return changed;
  }

  close(): void {
    this.abort.abort();
  }

  private async listen(): Promise<void> {
    const { signal } = this.abort;
    while (!signal.aborted) {
      try {
        const path = `/v1/sweeps/${encodeURIComponent(this.sweepId)}/events`;
        for await (const text of openEvents(path, this.last, signal)) this.read(text);
      } catch {
        // If something is wrong, the next poll reports it.
      }
      this.changed = true;
      await new Promise((resolve) => setTimeout(resolve, signal.aborted ? 0 : retry));
    }
  }

  private read(text: string): void {
    this.last = /^id: (\S+)$/m.exec(text)?.[1] ?? this.last;
    if (/^event: /m.test(text)) this.changed = true;
  }
}
