import { linkKinds, type LinkKind, type LinkScope } from '@unroll/contracts';
import { useApi } from '../support/api';
import { useDatabase } from '../support/database';
import { nothing, readOperations, statusOf } from '../support/operations';
import { letters } from '../support/sweeps';
import { createTeam, withKey, type Calling } from '../support/teams';
import { until } from '../support/until';

const dataSource = useDatabase();
const api = useApi(dataSource);

const patch = { method: 'PATCH', headers: { 'content-type': 'application/json' } };

describe('a link', () => {
  let owner: Calling;
  let own: { sweep: string; trial: string; board: string; report: string };
  let other: typeof own;
  const byLink = new Map<LinkKind, Calling>();
  const ids = new Map<LinkKind, string>();

  const json = async (response: Promise<Response>): Promise<any> => (await response).json();
  /** A sweep with a value, its trial, and the query of its board. */
  async function written(metric: string): Promise<typeof own> {
    const { id: sweep } = await json(owner.post('/v1/sweeps', { ...letters, objective: { metric } }));
    const trials = async (): Promise<any[]> => (await json(owner.call(`/v1/sweeps/${sweep}/trials`))).items;
    await until(async () => (await trials()).length === 4);
    const [{ id: trial }] = (await trials()) as [{ id: string }];
    await dataSource.query(`update trials set state = 'running', value = 1, metrics = $2 where id = $1`, [
      trial,
      JSON.stringify({ [metric]: 1 }),
    ]);
    await dataSource.query(`update trials set state = 'completed', finished_at = clock_timestamp() where id = $1`, [
      trial,
    ]);
    const { board } = await json(owner.call(`/v1/leaderboard?metric=${metric}`));
    const query = new URLSearchParams({ board: board.id, metric }).toString();
    const text = `![all](/sweeps/${sweep})\n\n![best](/board?${query})`;
    const report = (await json(owner.post('/v1/reports', { title: 'Found', text }))).id;
    return { sweep, trial, board: query, report };
  }

  beforeAll(async () => {
    owner = await createTeam(api, 'linked', 'Lea');
    own = await written('validation.bitsPerToken');
    other = await written('validation.loss');
    const board = Object.fromEntries(new URLSearchParams(own.board));
    const things = { sweep: { sweep: own.sweep }, trial: { trial: own.trial }, board, report: { report: own.report } };
    for (const [kind, of] of Object.entries(things)) {
      const made = await json(owner.post('/v1/links', of));
      expect(made).toMatchObject({
        kind,
        author: 'Lea',
        path: expect.stringMatching(/^\/.*#link=unroll_link_[\w-]{43}$/),
      });
      byLink.set(kind as LinkKind, withKey(api, made.token));
      ids.set(kind as LinkKind, made.id);
    }
  });

  const addressOf = (path: string, things: typeof own): string =>
    path
      .replace('/sweeps/{id}', `/sweeps/${things.sweep}`)
      .replace('/trials/{id}', `/trials/${things.trial}`)
      .replace('/reports/{id}', `/reports/${things.report}`)
      .replaceAll(/\{\w+\}/g, nothing);
  const opens = (kind: LinkKind, link: LinkScope | undefined): boolean =>
    link === 'any' ||
    link === kind ||
    (link === 'trial' && kind === 'sweep') ||
    (kind === 'report' && link !== undefined);

  it('opens what it is of, and every other route refuses it', async () => {
    const wrong: string[] = [];
    let opened = 0;
    for (const { method, path, access, link } of await readOperations(api)) {
      if (access === 'open') continue;
      const query = (things: typeof own): string => (link === 'board' ? `?${things.board}` : '');
      for (const kind of linkKinds) {
        const may = opens(kind, link);
        const { call } = byLink.get(kind)!;
        const status = await statusOf(call, method, addressOf(path, own) + query(own));
        if (may ? status >= 400 && status !== 422 : status !== 403) wrong.push(`${kind}: ${method} ${path} ${status}`);
        if (may) opened += 1;
        if (!may || link === 'any') continue;
        const elsewhere = await statusOf(call, method, addressOf(path, other) + query(other));
        if (elsewhere !== 403) wrong.push(`${kind}, of another: ${method} ${path} ${elsewhere}`);
      }
    }
    expect(wrong).toEqual([]);
    expect(opened).toBeGreaterThan(25);
  });

  it('says what it is of, and tells no other boards', async () => {
    expect(await json(byLink.get('trial')!.call('/v1/me'))).toMatchObject({
      ...{ team: 'linked', role: 'viewer', operator: false },
      link: { kind: 'trial', target: own.trial, metric: null },
    });
    const { boards } = await json(byLink.get('board')!.call(`/v1/leaderboard?${own.board}`));
    expect(boards.map(({ metric }: { metric: string }) => metric)).toEqual(['validation.bitsPerToken']);
  });

  it('is stored as a hash, listed, in the audit, and refused once it is revoked or has expired', async () => {
    const { items } = await json(owner.call('/v1/links'));
    expect(items).toHaveLength(4);
    const { items: entries } = await json(owner.call('/v1/audit?action=link'));
    expect(entries).toHaveLength(4);
    const rows = JSON.stringify([items, entries, await dataSource.query('select * from links')]);
    expect(rows).not.toContain('unroll_link_');
    expect(items.every(({ lastUsedAt }: { lastUsedAt: string | null }) => lastUsedAt !== null)).toBe(true);
    const [trial, board] = [byLink.get('trial')!, byLink.get('board')!];
    expect((await owner.call(`/v1/links/${ids.get('trial')}`, { method: 'DELETE' })).status).toBe(204);
    expect((await trial.call(`/v1/trials/${own.trial}`)).status).toBe(401);
    await dataSource.query(`update links set expires_at = clock_timestamp() - interval '1 s' where kind = 'board'`);
    expect((await board.call(`/v1/leaderboard?${own.board}`)).status).toBe(401);
    expect((await json(owner.call('/v1/links'))).items).toHaveLength(2);
  });

  it('to a report opens what its charts show now', async () => {
    const { call } = byLink.get('report')!;
    expect((await call(`/v1/sweeps/${own.sweep}`)).status).toBe(200);
    const change = { text: `![other](/trials/${other.trial})` };
    await json(owner.call(`/v1/reports/${own.report}`, { ...patch, body: JSON.stringify(change) }));
    const statuses = [
      `sweeps/${own.sweep}`,
      `leaderboard?${own.board}`,
      `trials/${other.trial}`,
      `sweeps/${other.sweep}`,
    ];
    expect(await Promise.all(statuses.map(async (path) => (await call(`/v1/${path}`)).status))).toEqual([
      403, 403, 200, 403,
    ]);
  });

  it.each([
    [{ metric: 'validation.loss' }, 'metric: must be given with board'],
    [{ sweep: 'last', trial: 'last' }, 'names one thing: give sweep, trial, board or report'],
    [{ board: 'x' }, 'metric: must be given with board'],
    [{ sweep: 'last', expiresIn: '3650d' }, 'expiresIn: must be at most 366d'],
  ])('refuses %j', async (body, message) => {
    const response = await owner.post('/v1/links', body);
    expect([400, 422]).toContain(response.status);
    expect(((await response.json()) as any).detail).toContain(message);
  });
});
