import { call } from './client';

/** Sends a JSON body and parses the response. @throws ApiError */
export const sendJson = <Answer>(method: 'POST' | 'PATCH' | 'PUT', path: string, body: object): Promise<Answer> =>
  call<Answer>(path, { method, body: JSON.stringify(body), headers: { 'content-type': 'application/json' } });
