import type { TestApi } from './api';
import { until } from './until';

export interface SeenEvent {
  event: string;
  id: string | undefined;
  data: any;
  /** Milliseconds on the clock of this process. */
  at: number;
}

export interface Reader {
  events: SeenEvent[];
  comments: string[];
  /** Resolves when the stream has ended, on either side. */
  ended: Promise<void>;
  /** Resolves with the first event that matches. */
  first(fits: (event: SeenEvent) => boolean): Promise<SeenEvent>;
  lastId(): string | undefined;
  close(): Promise<void>;
}

/** Reads server-sent events as they arrive. */
export async function readEvents(
  api: Pick<TestApi, 'call'>,
  path: string,
  headers: Record<string, string> = {},
): Promise<Reader> {
  const leave = new AbortController();
  const response = await api.call(path, { signal: leave.signal, headers });
  if (response.status !== 200) throw new Error(`${response.status}: ${await response.text()}`);
  const [events, comments]: [SeenEvent[], string[]] = [[], []];
  const take = (part: string): void => {
    const fields = new Map(part.split('\n').map((line) => [line.split(': ', 1)[0]!, line.replace(/^[^:]*: /, '')]));
    if (part.startsWith(':')) comments.push(part);
    else
      events.push({
        event: fields.get('event')!,
        id: fields.get('id'),
        data: JSON.parse(fields.get('data')!),
        at: performance.now(),
      });
  };
  const ended = (async () => {
    let text = '';
    const decoder = new TextDecoder();
    for await (const bytes of response.body!) {
      text += decoder.decode(bytes as Uint8Array, { stream: true });
      const parts = text.split('\n\n');
      text = parts.pop()!;
      for (const part of parts) take(part);
    }
  })().catch(() => undefined);
  return {
    events,
    comments,
    ended,
    first: async (fits) => {
      await until(() => events.some(fits));
      return events.find(fits)!;
    },
    lastId: () => events.findLast(({ id }) => id !== undefined)?.id,
    close: async () => {
      leave.abort();
      await ended;
    },
  };
}
