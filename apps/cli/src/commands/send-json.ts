import { call } from '../api/client';

/** Sends a JSON body to the API. @throws CommandFailed with the problem's detail */
export const sendJson = <Answer>(method: 'POST' | 'PATCH', path: string, body: object): Promise<Answer> =>
  call<Answer>(path, { method, body: JSON.stringify(body), headers: { 'content-type': 'application/json' } });
