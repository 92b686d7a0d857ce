import { limits } from '@unroll/contracts';
import type { NextFunction, Request, RequestHandler, Response } from 'express';
import type { Authentication } from '../access/authentication';
import { setCaller } from '../access/caller';
import { documentTypes } from './document';
import { problemDetails } from './problem';

/** Milliseconds in which the rest of a small body arrives, and in which a client reads an answer. */
const arrival = 20;
const patience = 1000;

/**
 * Closes the connection after an answer that was given before the whole body had arrived. Node would read the rest, however much that is,
 * to use the connection again; and with the header `connection: close` it would reset the connection before the client has read the answer.
 */
export function closeAfterEarlyAnswers(request: Request, response: Response, next: NextFunction): void {
  const { socket } = request;
  const close = (): void => {
    if (request.complete || socket.destroyed) return;
    socket.pause();
    setTimeout(() => socket.destroy(), patience).unref();
  };
  response.once('finish', () => void setTimeout(close, arrival).unref());
  next();
}

function refuse(response: Response, status: number, detail: string): void {
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

/** Refuses a body from a client without the key, which the parser would read first. No open route reads a body. */
export const refuseStrangersBodies =
  (authentication: Authentication): RequestHandler =>
  async (request, response, next) => {
    const hasBody =
      request.headers['transfer-encoding'] !== undefined || Number(request.headers['content-length'] ?? 0) > 0;
    if (!hasBody) return next();
    const { caller, refusal } = await authentication.admit(request);
    if (caller) {
      setCaller(request, caller);
      return next();
    }
    const { connection: _, ...headers } = refusal.headers;
    response.set(headers);
    refuse(response, refusal.status, refusal.detail);
  };
