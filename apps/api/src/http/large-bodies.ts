import { limits, problemDetails } from '@unroll/contracts';
import type { NextFunction, Request, Response } from 'express';
import { documentTypes } from './document';

/** Milliseconds in which the rest of a body arrives that is on its way; without more of it; and in which a client reads an answer. */
const arrival = 5000;
const pause = 1000;
const patience = 1000;
/** Milliseconds between two looks at what has arrived. */
const look = 20;
/** Bytes that a client may have sent before it sees an answer: more than the buffers of a connection hold on both sides. */
const underWay = 16 * 2 ** 20;

/**
 * Closes the connection after an answer that was given before the whole body had arrived, unless the rest is on its way: a client that has
 * sent it already takes the connection for its next request, which must not be reset. Node would read the rest, however much that is, to
 * use the connection again; and with the header `connection: close` it would reset the connection before the client has read the answer.
 */
export function closeAfterEarlyAnswers(request: Request, response: Response, next: NextFunction): void {
  const { socket } = request;
  const settle = (): void => {
    if (request.complete || socket.destroyed) return;
    request.resume();
    const most = socket.bytesRead + underWay;
    const until = performance.now() + arrival;
    let [read, at] = [socket.bytesRead, performance.now()];
    const looking = setInterval(() => {
      const now = performance.now();
      if (socket.bytesRead > read) [read, at] = [socket.bytesRead, now];
      const isOver = request.complete || socket.destroyed;
      if (!isOver && read <= most && now < Math.min(until, at + pause)) return;
      clearInterval(looking);
      if (isOver) return;
      socket.pause();
      setTimeout(() => socket.destroy(), patience).unref();
    }, look).unref();
  };
  response.once('finish', settle);
  next();
}

/** Answers with problem details, outside of Nest. */
export function refuse(response: Response, status: number, detail: string): void {
  const problem = JSON.stringify(problemDetails(status, detail));
  response.status(status).type('application/problem+json').send(problem);
}

/**
 * Refuses a document that is too large: by its Content-Length, without reading it, or else once too much of it has come. The parser would
 * read all of it first.
 */
export function refuseLargeBodies(request: Request, response: Response, next: NextFunction): void {
  if (!request.is(documentTypes)) return next();
  const detail = `the body is larger than ${limits.bodyBytes} bytes`;
  const length = request.headers['content-length'];
  if (Number(length ?? 0) > limits.bodyBytes) return refuse(response, 413, detail);
  let received = 0;
  const count = (chunk: Buffer): void => {
    received += chunk.length;
    if (received <= limits.bodyBytes) return;
    request.off('data', count);
    if (!response.headersSent) refuse(response, 413, detail);
  };
  if (length === undefined) request.on('data', count);
  next();
}
