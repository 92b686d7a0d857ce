import { openEvents } from './client';

/** Milliseconds until a stream that broke is opened again. */
const retry = 1000;

/** Listens to the events of a sweep, to know when it is worth looking again. What they say is read by looking. */
export class Events {
  private readonly leave = new AbortController();
  private last: string | undefined;
  private news = true;

  constructor(private readonly sweepId: string) {
    void this.listen();
  }

  /** Whether something has changed since the last time that this was asked. */
  take(): boolean {
    const { news } = this;
    this.news = false;
    return news;
  }

  close(): void {
    this.leave.abort();
  }

  private async listen(): Promise<void> {
    const { signal } = this.leave;
    while (!signal.aborted) {
      try {
        const path = `/v1/sweeps/${encodeURIComponent(this.sweepId)}/events`;
        for await (const text of openEvents(path, this.last, signal)) this.read(text);
      } catch {
        // The next look says what is wrong, if it is.
      }
      this.news = true;
      await new Promise((resolve) => setTimeout(resolve, signal.aborted ? 0 : retry));
    }
  }

  private read(text: string): void {
    this.last = /^id: (\S+)$/m.exec(text)?.[1] ?? this.last;
    if (/^event: /m.test(text)) this.news = true;
  }
}
