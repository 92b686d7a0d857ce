import { limits } from '@unroll/contracts';
import type { NextFunction, Request, Response } from 'express';
import { documentTypes } from './document';
import { problemDetails } from './problem';

/** Refuses a document by its Content-Length, without reading it: the parser would read all of it first. */
export function refuseLargeBodies(request: Request, response: Response, next: NextFunction): void {
  const length = Number(request.headers['content-length'] ?? 0);
  if (length <= limits.bodyBytes || !request.is(documentTypes)) return next();
  const problem = problemDetails(413, `the body is larger than ${limits.bodyBytes} bytes`);
  response.status(413).set('connection', 'close').type('application/problem+json').send(JSON.stringify(problem));
}
