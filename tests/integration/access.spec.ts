import { accesses, includesRole, limits, roles, type Access, type Role } from '@unroll/contracts';
import { forgetAudit } from '@unroll/database';
import { randomBytes } from 'node:crypto';
import { uploadDataset, useApi } from '../support/api';
import { useDatabase } from '../support/database';
import { readOperations, nothing, statusOf, type Operation } from '../support/operations';
import { readEvents } from '../support/events';
import { letters } from '../support/sweeps';
import { addMember, createTeam, withKey, type Calling } from '../support/teams';
import { until } from '../support/until';

const dataSource = useDatabase();
const api = useApi(dataSource);

const admits = (access: Access, role: Role | 'operator'): boolean =>
  access === 'open' || role === 'operator' || (access !== 'operator' && includesRole(role, access));

describe('another team', () => {
  let owner: Calling;
  let stranger: Calling;
  let things: Record<'sweep' | 'view' | 'entry' | 'report' | 'key' | 'link' | 'hook', string> & { trials: string[] };
  const dataset = 'secret-letters';

  beforeAll(async () => {
    stranger = await createTeam(api, 'strangers');
    owner = await createTeam(api, 'owners', 'Olga');
    const json = async (response: Promise<Response>): Promise<any> => (await response).json();
    await uploadDataset(owner, dataset, 'text', 'abc '.repeat(2000));
    const { id: sweep } = await json(owner.post('/v1/sweeps', { ...letters, name: 'secret-sweep', dataset }));
    const trialsOf = async (): Promise<string[]> =>
      (await json(owner.call(`/v1/sweeps/${sweep}/trials`))).items.map(({ id }: { id: string }) => id);
    await until(async () => (await trialsOf()).length === 4);
    const { id: view } = await json(owner.post('/v1/views', { name: 'secret-view', path: '/secret' }));
    const { id: entry } = await json(owner.post('/v1/diary', { text: 'a secret' }));
    const { id: report } = await json(owner.post('/v1/reports', { title: 'secret', text: `![a](/sweeps/${sweep})` }));
    const { items } = await json(owner.call('/v1/keys'));
    const { id: link } = await json(owner.post('/v1/links', { sweep }));
    const { id: hook } = await json(owner.post('/v1/webhooks', { url: 'https://example.org' }));
    things = { sweep, trials: await trialsOf(), view, entry, report, key: items[0].id, link, hook };
    await dataSource.query(
      `insert into registered_models (team_id, name, last_version) values ('owners', 'secret-model', 1)`,
    );
    await dataSource.query(
      `insert into model_versions (team_id, name, version, trial_id, note, author) values ('owners', 'secret-model', 1, $1, '', 'Olga')`,
      [things.trials[0]],
    );
    // So that there is a board.
    await dataSource.query(
      `update trials set state = 'running', value = 1, metrics = '{"validation.loss": 1}' where id = $1`,
      [things.trials[0]],
    );
  });

  const secrets = (): string[] => [...Object.values(things).flat(), dataset, 'Olga', 'secret'];

  it('finds nothing of a team by its ids and names', async () => {
    const found: string[] = [];
    const bodies: Record<string, unknown> = {
      'PATCH /v1/sweeps/{id}/details': { note: 'x' },
      'POST /v1/sweeps/{id}/confirm': { top: 1 },
      'PATCH /v1/trials/{id}/details': { note: 'x' },
      'PATCH /v1/trials/{id}/configuration/details': { note: 'x' },
      'POST /v1/trials/{id}/reviews': { verdict: 'approve' },
      'PATCH /v1/diary/{id}': { text: 'x' },
      'PATCH /v1/reports/{id}': { text: 'x' },
      'PATCH /v1/sweeps/{id}': { search: { trials: 5 } },
      'POST /v1/sweeps/{id}/extend': { trials: 1 },
      'POST /v1/sweeps/{id}/ask': { wait: 0 },
      'POST /v1/trials/{id}/report': { step: 1 },
      'POST /v1/trials/{id}/tell': { value: 1 },
      'POST /v1/trials/{id}/generate': { prompt: 'a' },
      'POST /v1/models/{name}/versions': { trial: things.trials[0] },
      'POST /v1/models/{name}/aliases': { alias: 'champion', version: 1 },
      'PATCH /v1/members/{name}': { role: 'viewer' },
      'PATCH /v1/members/{name}/share': { lanes: 4 },
    };
    const byQuery: Record<string, string> = {
      '/v1/curves': `trial=${things.trials[0]}`,
      '/v1/comparison': `first=${things.trials[0]}&second=${things.trials[1]}`,
      '/v1/leaderboard': `dataset=${dataset}`,
      '/v1/leaderboard/export': `dataset=${dataset}`,
    };
    for (const { method, path, access } of await readOperations(api)) {
      const query = byQuery[path];
      // A stranger is no operator: see the table of roles.
      if ((!path.includes('{') && query === undefined) || access === 'operator') continue;
      const [, kind] = path.split('/').slice(1) as [string, string];
      const named: Record<string, string> = {
        ...{ sweeps: things.sweep, trials: things.trials[0]!, datasets: dataset, views: things.view },
        ...{
          keys: things.key,
          members: 'Olga',
          diary: things.entry,
          reports: things.report,
          links: things.link,
          webhooks: things.hook,
        },
        models: 'secret-model',
      };
      const body = bodies[`${method} ${path}`];
      const response = await stranger.call(path.replace(/\{\w+\}/, named[kind]!) + (query ? `?${query}` : ''), {
        method,
        ...(body ? { body: JSON.stringify(body), headers: { 'content-type': 'application/json' } } : {}),
      });
      if (response.status !== 404) found.push(`${method} ${path} ${response.status}`);
      await response.body?.cancel();
    }
    expect(found).toEqual([]);
  });

  it('sees nothing of a team in any list', async () => {
    const seen: string[] = [];
    const lists = (await readOperations(api)).filter(
      ({ method, path, access }) =>
        method === 'GET' && access === 'viewer' && !path.includes('{') && !path.endsWith('/events'),
    );
    for (const { path } of lists) {
      const text = await (await stranger.call(path)).text();
      if (secrets().some((secret) => text.includes(secret))) seen.push(`${path}: ${text}`);
    }
    expect(lists.length).toBeGreaterThan(8);
    expect(seen).toEqual([]);
  });

  it("follows the changes and the deletion of its own sweeps live, and nothing of another team's", async () => {
    const [theirs, ours] = [await readEvents(owner, '/v1/events'), await readEvents(stranger, '/v1/events')];
    const made = async (team: Calling): Promise<string> =>
      ((await (await team.post('/v1/sweeps', letters)).json()) as any).id;
    const [id, own] = [await made(owner), await made(stranger)];
    for (const [team, sweep] of [
      [owner, id],
      [stranger, own],
    ] as const) {
      await team.call(`/v1/sweeps/${sweep}/cancel`, { method: 'POST' });
      await team.call(`/v1/sweeps/${sweep}`, { method: 'DELETE' });
    }
    await theirs.first(({ data }) => data.id === id && data.gone);
    await ours.first(({ data }) => data.id === own && data.gone);
    expect(JSON.stringify(theirs.events)).not.toContain(own);
    expect(JSON.stringify(ours.events)).not.toContain(id);
    await Promise.all([theirs.close(), ours.close()]);
  });

  it('cannot start from what a team has, and may use its names', async () => {
    const submit = (changes: object): Promise<Response> => stranger.post('/v1/sweeps', { ...letters, ...changes });
    for (const changes of [
      { dataset },
      { search: { algorithm: 'tpe', trials: 4, from: [things.sweep] } },
      { training: { learningRate: 1e-3, initFrom: { trial: things.trials[0] } } },
    ])
      expect((await submit(changes)).status).toBe(422);
    expect((await uploadDataset(stranger, dataset, 'text', 'xyz '.repeat(2000))).status).toBe(201);
    expect((await submit({ dataset })).status).toBe(201);
    expect((await stranger.call(`/v1/datasets/${dataset}`, { method: 'DELETE' })).status).toBe(409);
  });
});

describe('a key', () => {
  let admin: Calling;

  beforeAll(async () => {
    admin = await createTeam(api, 'keys', 'Ada');
  });

  const keysOf = async (who: Calling): Promise<any[]> => ((await (await who.call('/v1/keys')).json()) as any).items;

  it('is shown once, and only its hash is stored', async () => {
    const made = (await (await admin.post('/v1/keys', { name: 'shown once' })).json()) as any;
    expect(made.key).toMatch(/^unroll_[\w-]{43}$/);
    expect(made).toMatchObject({ name: 'shown once', member: 'Ada', role: 'admin', expiresAt: null });
    const rows = JSON.stringify(await dataSource.query('select * from api_keys')) + JSON.stringify(await keysOf(admin));
    expect(rows).toContain(made.start);
    expect(rows).not.toContain(made.key.slice(made.start.length));
  });

  it('works until it is revoked, and not a moment longer, and neither does its stream of events', async () => {
    const made = (await (await admin.post('/v1/keys', { name: 'revoked' })).json()) as any;
    const owner = withKey(api, made.key);
    const stream = await owner.call('/v1/events');
    expect((await admin.call(`/v1/keys/${made.id}`, { method: 'DELETE' })).status).toBe(204);
    expect((await owner.call('/v1/me')).status).toBe(401);
    await admin.post('/v1/sweeps', letters);
    const text = await stream.text();
    expect(text).not.toContain('event: sweep');
  });

  it('that has expired is refused, and no longer listed', async () => {
    const made = (await (await admin.post('/v1/keys', { name: 'short', expiresIn: '1h' })).json()) as any;
    const owner = withKey(api, made.key);
    expect((await owner.call('/v1/me')).status).toBe(200);
    await dataSource.query(`update api_keys set expires_at = clock_timestamp() - interval '1 s' where id = $1`, [
      made.id,
    ]);
    expect((await owner.call('/v1/me')).status).toBe(401);
    expect((await keysOf(admin)).map(({ name }) => name)).not.toContain('short');
  });

  it('that expires creates none that is valid for longer', async () => {
    const made = (await (await admin.post('/v1/keys', { name: 'short', expiresIn: '1h' })).json()) as any;
    const owner = withKey(api, made.key);
    const refused = await owner.post('/v1/keys', { name: 'long', expiresIn: '2h' });
    expect([refused.status, ((await refused.json()) as any).errors]).toEqual([
      422,
      [{ path: 'expiresIn', message: expect.stringMatching(/^is later than the key that you use expires/) }],
    ]);
    for (const body of [{ name: 'unsaid' }, { name: 'shorter', expiresIn: '1m' }]) {
      const answer = await owner.post('/v1/keys', body);
      const child = (await answer.json()) as any;
      expect([answer.status, Date.parse(child.expiresAt) <= Date.parse(made.expiresAt)]).toEqual([201, true]);
    }
  });

  it('gives no more rights than the member has, or than the key that created it', async () => {
    const viewer = await addMember(api, admin, 'Vera', 'viewer');
    expect((await viewer.post('/v1/keys', { name: 'mine' })).status).toBe(201);
    expect((await viewer.post('/v1/keys', { name: 'more', role: 'submitter' })).status).toBe(422);
    expect((await viewer.post('/v1/keys', { name: 'other', member: 'Ada' })).status).toBe(403);
    const low = (await (await admin.post('/v1/keys', { name: 'low', role: 'viewer' })).json()) as any;
    expect((await withKey(api, low.key).post('/v1/keys', { name: 'high', role: 'admin' })).status).toBe(422);
    expect(await keysOf(viewer)).toHaveLength(2);
  });

  it("loses rights at once when its member's role changes, and all of them when the member is removed", async () => {
    const sam = await addMember(api, admin, 'Sam', 'submitter');
    expect((await sam.post('/v1/sweeps', letters)).status).toBe(201);
    const change = { method: 'PATCH', body: '{"role": "viewer"}', headers: { 'content-type': 'application/json' } };
    expect((await admin.call('/v1/members/Sam', change)).status).toBe(200);
    expect((await sam.post('/v1/sweeps', letters)).status).toBe(403);
    expect((await admin.call('/v1/members/Sam', { method: 'DELETE' })).status).toBe(204);
    expect((await sam.call('/v1/me')).status).toBe(401);
    const { items } = (await (await admin.call('/v1/sweeps')).json()) as any;
    expect(items[0].owner).toBe('Sam');
  });
});

describe('a member', () => {
  it('may have as many keys as the limit, of which expired ones are none', async () => {
    const admin = await createTeam(api, 'many-keys');
    const create = (name: string): Promise<Response> => admin.post('/v1/keys', { name, expiresIn: '1h' });
    await create('model');
    await dataSource.query(
      `insert into api_keys (id, member_id, name, role, hash, start, expires_at)
       select 'many' || each, member_id, name, role, 'hash ' || each, start, expires_at
       from api_keys, generate_series(1, $1::integer) each where name = 'model'`,
      [limits.memberKeys - 2],
    );
    const refused = await create('one too many');
    expect([refused.status, ((await refused.json()) as any).detail]).toEqual([
      409,
      expect.stringContaining(`has ${limits.memberKeys} keys`),
    ]);
    await dataSource.query(`update api_keys set expires_at = clock_timestamp() - interval '1 s' where id like 'many%'`);
    expect((await create('one more')).status).toBe(201);
  });
});

describe('a team', () => {
  it('keeps an admin when two of them step down at the same time', async () => {
    const admin = await createTeam(api, 'at-once', 'Lena');
    await addMember(api, admin, 'Otto', 'admin');
    const change = { method: 'PATCH', body: '{"role": "viewer"}', headers: { 'content-type': 'application/json' } };
    for (let round = 0; round < 5; round++) {
      const both = ['Lena', 'Otto'].map((name) => admin.call(`/v1/members/${name}`, change));
      const [first, second] = (await Promise.all(both)).map(({ status }) => status).sort();
      expect(first).toBe(200);
      // Whose request comes after they have stepped down is no admin.
      expect([403, 409]).toContain(second);
      await dataSource.query(`update members set role = 'admin' where team_id = 'at-once'`);
    }
  });

  it('keeps an admin', async () => {
    const admin = await createTeam(api, 'lonely', 'Lena');
    const removal = await admin.call('/v1/members/Lena', { method: 'DELETE' });
    expect(removal.status).toBe(409);
    expect(((await removal.json()) as any).detail).toBe("Lena is the team's only admin: make another member one first");
    expect((await api.call('/v1/members/local', { method: 'DELETE' })).status).toBe(409);
  });

  it('is created by an operator only, once by each name', async () => {
    const admin = await createTeam(api, 'first-of-its-name');
    expect((await admin.post('/v1/teams', { id: 'another', admin: 'A' })).status).toBe(403);
    expect((await api.post('/v1/teams', { id: 'first-of-its-name', admin: 'B' })).status).toBe(409);
  });

  it.each([
    ['/v1/teams', { id: 'Upper', admin: 'A' }, 'id', 'must be 2 to 31 lower-case letters'],
    ['/v1/members', { name: 'two\nlines' }, 'name', 'must be one line of 1 to 60 characters'],
    ['/v1/members', { name: 'X', role: 'submiter' }, 'role', 'did you mean submitter?'],
    ['/v1/keys', { name: 'x', expires: '1d' }, 'expires', 'did you mean expiresIn?'],
    ['/v1/keys', { name: 'x', expiresIn: 'soon' }, 'expiresIn', 'must be a duration'],
  ])('refuses %s with %j', async (path, body, field, message) => {
    const response = await api.post(path, body);
    expect(response.status).toBe(422);
    expect(((await response.json()) as any).errors).toEqual([
      { path: field, message: expect.stringContaining(message) },
    ]);
  });
});

describe('the audit', () => {
  const entries = async (who: Calling, query = ''): Promise<any[]> =>
    ((await (await who.call(`/v1/audit${query}`)).json()) as any).items;

  it('says who did what to which sweep, with the change, newest first', async () => {
    const admin = await createTeam(api, 'audited', 'Anna');
    const sam = await addMember(api, admin, 'Sam', 'submitter');
    const { id } = (await (await sam.post('/v1/sweeps', letters)).json()) as any;
    await admin.post(`/v1/sweeps/${id.slice(0, 7)}/extend`, { trials: 2 });
    await admin.call(`/v1/sweeps/${id}/cancel`, { method: 'POST' });
    await admin.call(`/v1/sweeps/last`, { method: 'DELETE' });
    const common = { target: id, outcome: 'done' };
    expect(await entries(admin, '?action=sweep')).toEqual([
      { ...common, at: expect.any(String), member: 'Anna', key: 'first', action: 'sweep.delete', change: null },
      { ...common, at: expect.any(String), member: 'Anna', key: 'first', action: 'sweep.cancel', change: null },
      {
        ...common,
        at: expect.any(String),
        member: 'Anna',
        key: 'first',
        action: 'sweep.extend',
        change: { trials: 2 },
      },
      {
        ...{ ...common, at: expect.any(String), member: 'Sam', key: 'laptop', action: 'sweep.submit' },
        change: { name: 'letters', trials: 4 },
      },
    ]);
    expect(await entries(admin, '?member=Sam')).toHaveLength(1);
    expect(await entries(admin, `?target=${id}&action=sweep.cancel`)).toHaveLength(1);
    const [added, key] = [await entries(admin, '?action=member.add'), await entries(admin, '?action=key.create')];
    expect(added[0]).toMatchObject({ target: 'Sam', change: { name: 'Sam', role: 'submitter' } });
    expect(key[0]).toMatchObject({ change: { name: 'laptop', member: 'Sam' } });
    expect(JSON.stringify(await entries(admin))).not.toContain('unroll_');
  });

  it('has no entry of what was refused, of dry runs or of another team', async () => {
    const admin = await createTeam(api, 'quiet');
    await admin.post('/v1/sweeps', { ...letters, task: 'classification' });
    await admin.post('/v1/sweeps?dryRun=true', letters);
    await admin.call('/v1/sweeps/zzzz2222', { method: 'DELETE' });
    await admin.post('/v1/members', { name: '' });
    expect(await entries(admin)).toEqual([]);
  });

  it('does not keep a request from being refused with the field that is wrong', async () => {
    const response = await api.call('/v1/members', {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: '{"name": "a\\u0000b\\ud800"}',
    });
    expect([response.status, ((await response.json()) as any).errors]).toEqual([
      422,
      [{ path: 'name', message: expect.stringContaining('must be one line') }],
    ]);
    const name = randomBytes(4500).toString('base64url');
    const unknown = await api.call(`/v1/members/${name}`, { method: 'DELETE' });
    expect(unknown.status).toBe(404);
    expect((await unknown.text()).length).toBeLessThan(500);
  });

  it('forgets what is older than asked', async () => {
    const admin = await createTeam(api, 'forgetful');
    for (const name of ['old', 'new']) await admin.post('/v1/members', { name });
    await dataSource.query(`update audit set at = clock_timestamp() - interval '31 days' where target = 'old'`);
    await forgetAudit(dataSource.manager, 30);
    expect((await entries(admin)).map(({ target }) => target)).toEqual(['new']);
  });

  it('is paged, and refuses an unknown query parameter', async () => {
    const admin = await createTeam(api, 'pages');
    for (const name of ['a', 'b', 'c']) await admin.post('/v1/members', { name });
    const first = (await (await admin.call('/v1/audit?limit=2')).json()) as any;
    expect(first.items.map(({ target }: any) => target)).toEqual(['c', 'b']);
    const second = (await (await admin.call(`/v1/audit?limit=2&cursor=${first.nextCursor}`)).json()) as any;
    expect(second.items.map(({ target }: any) => target)).toEqual(['a']);
    expect(second.nextCursor).toBeNull();
    const refused = await admin.call('/v1/audit?members=a');
    expect(((await refused.json()) as any).errors).toEqual([
      { path: 'members', message: 'unknown key; did you mean member?' },
    ]);
  });
});

// Last: its wrong keys use up the patience of the API with this address.
describe('every operation', () => {
  let all: Operation[];
  const callers = new Map<Role | 'operator', Calling>([['operator', api]]);

  beforeAll(async () => {
    all = await readOperations(api);
    const admin = await createTeam(api, 'roles');
    callers.set('admin', admin);
    for (const role of ['viewer', 'submitter'] as const) callers.set(role, await addMember(api, admin, role, role));
  });

  it('says whom it admits; only health checks and signing in admit everyone, and a viewer changes nothing but their own keys', () => {
    expect(all.length).toBeGreaterThan(40);
    expect(all.filter(({ access }) => !accesses.includes(access))).toEqual([]);
    const byAccess = (wanted: Access) => all.filter(({ access }) => access === wanted);
    expect(byAccess('open').map(({ path }) => path)).toEqual(['/v1/sign-in/options', '/healthz', '/readyz']);
    const changes = byAccess('viewer').filter(({ method }) => method !== 'GET');
    expect(changes.map(({ method, path }) => `${method} ${path}`)).toEqual(['POST /v1/keys', 'DELETE /v1/keys/{id}']);
  });

  it('refuses a request without a key or with a wrong one, and each role that it does not admit', async () => {
    const wrong: string[] = [];
    for (const { method, path, access } of all) {
      const named = path.replaceAll(/\{\w+\}/g, nothing);
      const expectStatus = async (who: string, call: Calling['call'], refusal: number | undefined): Promise<void> => {
        const status = await statusOf(call, method, named);
        // After many wrong keys, an address is told to wait.
        const isRefused = status === 401 || status === 403 || status === 429;
        if (refusal === undefined ? isRefused : status !== refusal && !(refusal === 401 && status === 429))
          wrong.push(`${who}: ${method} ${path} ${status}`);
      };
      const refusal = access === 'open' ? undefined : 401;
      await expectStatus('nobody', (at, options) => fetch(api.url + at, options), refusal);
      await expectStatus('a stranger', withKey(api, 'unroll_of-someone-else').call, refusal);
      for (const role of [...roles, 'operator'] as const)
        await expectStatus(role, callers.get(role)!.call, admits(access, role) ? undefined : 403);
    }
    expect(wrong).toEqual([]);
  });
});
