import type { GenerateBody, GenerateData, GenerateEvent } from '@unroll/contracts';
import { EventSource } from 'eventsource';
import { send } from './client';

/** What is heard of an answer: a piece of its text, or its end; `error`: why there is no more. */
export type Heard = { text: string } | { end: true; error?: unknown };

/**
 * Has the model of a trial write a text, and hears it as it is written.
 * @returns a function that stops it
 */
export function generate(trialId: string, body: GenerateBody, hear: (heard: Heard) => void): () => void {
  let refusal: unknown;
  const path = `/v1/trials/${trialId}/generate`;
  const source = new EventSource(new URL(path, location.origin), {
    fetch: (_, { headers, signal }) =>
      send(path, {
        method: 'POST',
        body: JSON.stringify(body),
        headers: { ...headers, 'content-type': 'application/json' },
        signal: signal as AbortSignal,
      }).catch((error: unknown) => {
        refusal = error;
        throw error;
      }),
  });
  const on = <Event extends GenerateEvent>(event: Event, take: (data: GenerateData[Event]) => void): void =>
    source.addEventListener(event, ({ data }) => take(JSON.parse(String(data)) as GenerateData[Event]));
  const end = (error?: unknown): void => {
    // It would connect again, and ask the same once more.
    source.close();
    hear({ end: true, ...(error === undefined ? {} : { error }) });
  };
  on('text', ({ text }) => hear({ text }));
  on('done', () => end());
  on('failed', ({ message }) => end(message));
  source.addEventListener('error', () =>
    end(refusal ?? 'the connection broke before the answer was complete: ask again'),
  );
  return () => source.close();
}
