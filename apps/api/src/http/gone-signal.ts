import type { Response } from 'express';

/** Aborts when whoever sent a request has gone before its answer was complete: what it would have been given must not be lost. */
export function goneSignal(response: Response): AbortSignal {
  const gone = new AbortController();
  if (response.closed) gone.abort();
  response.on('close', () => {
    if (!response.writableFinished) gone.abort();
  });
  return gone.signal;
}
