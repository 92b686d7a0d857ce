import { limits } from '@unroll/contracts';
import type { NextFunction, Request, Response } from 'express';
import { documentTypes } from './document';
import { problemOf } from './problem';

/** Refuses a document that announces itself as too large, without reading it: the parser would drain it first. */
export function refuseLargeBodies(request: Request, response: Response, next: NextFunction): void {
  const announced = Number(request.headers['content-length'] ?? 0);
  if (announced <= limits.bodyBytes || !request.is(documentTypes)) return next();
  const problem = problemOf(413, `the body is larger than ${limits.bodyBytes} bytes`);
  response.status(413).set('connection', 'close').type('application/problem+json').send(JSON.stringify(problem));
}
