import type { RequestHandler } from 'express';
import { refuse } from '../http/large-bodies';
import type { Authentication } from './authentication';
import { setCaller } from './caller';

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
