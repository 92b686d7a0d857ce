import type { CreatedKey, CreatedTeam, Role } from '@unroll/contracts';
import type { TestApi } from './api';

/** Calls the API with a key of one's own. */
export type Calling = Pick<TestApi, 'call' | 'post'>;

/** The API as the owner of a key calls it. */
export function withKey(api: TestApi, key: string): Calling {
  const call: Calling['call'] = (path, options = {}) =>
    api.call(path, { ...options, headers: { ...(options.headers as object), authorization: `Bearer ${key}` } });
  const post: Calling['post'] = (path, body, headers = {}) =>
    call(path, {
      method: 'POST',
      body: JSON.stringify(body),
      headers: { 'content-type': 'application/json', ...headers },
    });
  return { call, post };
}

async function created<Answer>(response: Response): Promise<Answer> {
  if (response.status !== 201) throw new Error(`${response.status}: ${await response.text()}`);
  return response.json() as Promise<Answer>;
}

/** Creates a team; returns the API as its first admin calls it. */
export async function createTeam(api: TestApi, id: string, admin = `${id}'s admin`): Promise<Calling> {
  const { key } = await created<CreatedTeam>(await api.post('/v1/teams', { id, admin }));
  return withKey(api, key.key);
}

/** Adds a member to the team of `admin`; returns the API as they call it. */
export async function addMember(api: TestApi, admin: Calling, name: string, role: Role): Promise<Calling> {
  await created(await admin.post('/v1/members', { name, role }));
  return withKey(api, (await created<CreatedKey>(await admin.post('/v1/keys', { name: 'laptop', member: name }))).key);
}
