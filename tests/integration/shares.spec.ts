import type { LaneNeeds } from '@unroll/contracts';
import {
  advisoryLocks,
  claimTrials,
  commitWork,
  fleetFigures,
  foldUsage,
  joinGroup,
  noteNeeds,
  Sweep,
  type Account,
  type Claim,
} from '@unroll/database';
import { uploadDataset, useApi } from '../support/api';
import { attemptWork, claimant, completed } from '../support/attempts';
import { useDatabase } from '../support/database';
import { letters, smallSweep, writeSweep } from '../support/sweeps';
import { addMember, createTeam, type Calling } from '../support/teams';
import { until } from '../support/until';

const week = 604_800;

/** Everything that ran at a time is long over, and nothing was used of late. */
const forget = `update shares set running = 0, recent = 0, spent = 0, weight = case priority when 'high' then 4 when 'low' then 0.25 else 1 end,
  lanes = null, gpu_hours = null`;

describe('the next trainer', () => {
  const dataSource = useDatabase({ clear: true });

  afterEach(() => dataSource.query(`${forget}; delete from usage_log; delete from usage_months`));

  /** A sweep of so many trials on an account; returns its id. */
  async function sweepOf(account: Partial<Account>, trials = 20, concurrent: number | null = null): Promise<string> {
    const id = await writeSweep(dataSource, smallSweep({ search: { trials } }), concurrent);
    const own = { teamId: 'local', owner: 'local', priority: 'normal' as const, ...account };
    await dataSource.getRepository(Sweep).update({ id }, own);
    await dataSource.query('select add_shares($1, $2, $3)', [own.teamId, own.owner, own.priority]);
    return id;
  }

  const claim = async (lanes = 1, busy?: Account): Promise<Claim> =>
    (await claimTrials(dataSource, { ...claimant, lanes }, undefined, busy))!;

  const finish = (...claims: Claim[]): Promise<unknown> =>
    commitWork(
      dataSource,
      claims.flatMap(({ trials }) => trials.map((trial) => attemptWork(trial, { value: 1, end: completed }))),
    );

  /** How many of so many trainers that nobody has left get each account, by one of its parts. */
  async function shared(trainers: number, part: keyof Account): Promise<Record<string, number>> {
    const counts: Record<string, number> = {};
    for (let trainer = 0; trainer < trainers; trainer += 1) {
      const { account } = await claim();
      counts[account[part]] = (counts[account[part]] ?? 0) + 1;
    }
    return counts;
  }

  it('goes to teams by their weights, whatever their numbers of sweeps and of members', async () => {
    await sweepOf({ teamId: 'large', owner: 'Ada' });
    await sweepOf({ teamId: 'large', owner: 'Bob' });
    await sweepOf({ teamId: 'large', owner: 'Bob' });
    await sweepOf({ teamId: 'small', owner: 'Eve' });
    await dataSource.query(`update shares set weight = 3 where team_id = 'small' and member = ''`);
    expect(await shared(12, 'teamId')).toEqual({ large: 3, small: 9 });
  });

  it('goes to the members of a team by their weights, and to their sweeps by priority: each has a share', async () => {
    for (const priority of ['low', 'normal', 'high'] as const) await sweepOf({ owner: 'Ada', priority });
    await sweepOf({ owner: 'Bob' });
    expect(await shared(10, 'owner')).toEqual({ Ada: 5, Bob: 5 });
    await dataSource.query(`delete from sweeps where owner = 'Bob'`);
    await dataSource.query(forget);
    expect(await shared(21, 'priority')).toEqual({ low: 1, normal: 4, high: 16 });
  });

  it('goes to the oldest sweep of an account, to the next where that has all that may run', async () => {
    const old = await sweepOf({}, 8, 2);
    const young = await sweepOf({}, 8);
    const ids = [await claim(), await claim(), await claim()].map(({ sweepId }) => sweepId);
    expect(ids).toEqual([old, old, young]);
  });

  it('goes to whoever used less of late, and use is forgotten by half in a half-life', async () => {
    await sweepOf({ teamId: 'eager', owner: 'Ada' });
    const first = await claim();
    await dataSource.query(`update shares set as_of = as_of - interval '7 days'`);
    await foldUsage(dataSource.manager, week);
    const recent = async (): Promise<number> =>
      (await dataSource.query(`select recent from shares where team_id = 'eager' and member = ''`))[0].recent;
    expect(await recent()).toBeCloseTo(0.5, 3);
    await finish(first);
    await foldUsage(dataSource.manager, week);
    await sweepOf({ teamId: 'patient', owner: 'Bob' });
    expect((await claim()).account.teamId).toBe('patient');
    await dataSource.query(`update shares set as_of = as_of - interval '7 days'`);
    await foldUsage(dataSource.manager, week);
    expect(await recent()).toBeCloseTo(0.25, 3);
  });

  it('is not held against the account that gives it back', async () => {
    await sweepOf({ teamId: 'one', owner: 'Ada' });
    await sweepOf({ teamId: 'two', owner: 'Bob' });
    const [one, two] = [await claim(), await claim()];
    expect([one.account.teamId, two.account.teamId]).toEqual(['one', 'two']);
    expect((await claim(1, two.account)).account.teamId).toBe('two');
    expect((await claim(1, one.account)).account.teamId).toBe('one');
  });

  it('is given up by a group that has had its turn, not before', async () => {
    await sweepOf({ teamId: 'one', owner: 'Ada' });
    const group = await claim(2);
    expect(await joinGroup(dataSource, claimant, group, 1, undefined, true)).toHaveLength(1);
    await sweepOf({ teamId: 'two', owner: 'Bob' });
    expect(await joinGroup(dataSource, claimant, group, 1, undefined, false)).toHaveLength(1);
    await dataSource.query(`update shares set recent = 1 where team_id = 'one'`);
    expect(await joinGroup(dataSource, claimant, group, 1, undefined, true)).toEqual([]);
  });

  it('never passes a quota of lanes, however many workers claim and join at once', async () => {
    await sweepOf({ teamId: 'one', owner: 'Ada' }, 40);
    await sweepOf({ teamId: 'one', owner: 'Bob' }, 40);
    await dataSource.query(
      `update shares set lanes = case member when '' then 9 else 7 end where team_id = 'one' and priority = ''`,
    );
    const found = await Promise.all(Array.from({ length: 12 }, () => claim(3)));
    const groups = found.filter((each) => each);
    await Promise.all(groups.map((group) => joinGroup(dataSource, claimant, group, 4)));
    const counts = await dataSource.query(
      `select owner, count(*)::integer as running from attempts where state = 'running' group by rollup (owner) order by owner nulls first`,
    );
    expect(counts[0]).toEqual({ owner: null, running: 9 });
    for (const { running } of counts.slice(1)) expect(running).toBeLessThanOrEqual(7);
  });

  it('is asked for by what may start, of which the figures of the fleet tell, and by nothing beyond a limit', async () => {
    const figures = async () => {
      const { claimable, running, oldestWait } = await fleetFigures(dataSource, 30, advisoryLocks.lead);
      return [claimable, running, oldestWait > 0];
    };
    await sweepOf({}, 20, 3);
    expect(await figures()).toEqual([3, 0, true]);
    const limited = await claim();
    expect(await figures()).toEqual([2, 1, true]);
    await claim(2);
    expect(await figures()).toEqual([0, 3, false]);
    await sweepOf({ owner: 'Ada' }, 8);
    expect(await figures()).toEqual([8, 3, true]);
    await dataSource.query(`update shares set lanes = 3 where team_id = 'local' and member = ''`);
    expect(await figures()).toEqual([0, 3, false]);
    await finish(limited);
    expect(await figures()).toEqual([9, 2, true]);
    await dataSource.query(`update shares set gpu_hours = 1, spent = 3600 where member = 'Ada' and priority = ''`);
    expect(await figures()).toEqual([1, 2, true]);
  });

  it('goes to nobody whose hours of the month are used up, and hours are counted to the second', async () => {
    await sweepOf({ teamId: 'one', owner: 'Ada' });
    const group = await claim(4);
    await dataSource.query(
      `update attempts set started_at = greatest(date_trunc('month', clock_timestamp() at time zone 'UTC') at time zone 'UTC',
         clock_timestamp() - interval '2 hours') where group_id = $1`,
      [group.groupId],
    );
    const [{ hours }] = await dataSource.query(
      `select extract(epoch from clock_timestamp() - min(started_at))::double precision / 3600 as hours from attempts`,
    );
    const spent = async (): Promise<number> => {
      await foldUsage(dataSource.manager, week);
      const rows = await dataSource.query(
        `select spent from shares where team_id = 'one' and priority = '' order by member`,
      );
      expect(rows[1].spent).toBeCloseTo(rows[0].spent, 6);
      return rows[0].spent / 3600;
    };
    // Four lanes of one trainer.
    expect(await spent()).toBeCloseTo(hours, 1);
    await finish(group);
    expect(await spent()).toBeCloseTo(hours, 1);
    await dataSource.query(
      `update shares set gpu_hours = $1 where team_id = 'one' and member = 'Ada' and priority = ''`,
      [hours / 2],
    );
    expect(await claim()).toBeUndefined();
    await dataSource.query(`update shares set gpu_hours = $1 where gpu_hours is not null`, [hours * 2]);
    expect(await claim()).toBeDefined();
  });

  it('is charged to both months by an attempt that ran through midnight of the first', async () => {
    await dataSource.query(
      `insert into usage_log (team_id, member, began, ended, lanes) values ('one', 'Ada', '2026-01-31T23:00Z', '2026-02-01T02:00Z', 2)`,
    );
    await foldUsage(dataSource.manager, week);
    expect(await dataSource.query(`select month::text, seconds from usage_months order by month`)).toEqual([
      { month: '2026-01-01', seconds: 1800 },
      { month: '2026-02-01', seconds: 3600 },
    ]);
  });
});

describe('shares by REST', () => {
  const dataSource = useDatabase();
  const api = useApi(dataSource);
  let admin: Calling;
  let ada: Calling;

  const json = async (response: Promise<Response>): Promise<any> => (await response).json();
  const patch = (by: Calling, path: string, body: unknown): Promise<Response> =>
    by.call(path, { method: 'PATCH', body: JSON.stringify(body), headers: { 'content-type': 'application/json' } });

  beforeAll(async () => {
    admin = await createTeam(api, 'speech', 'Grace');
    ada = await addMember(api, admin, 'Ada', 'submitter');
  });

  it('are changed by an operator for a team, by an admin for a member, with an entry in the audit', async () => {
    const team = await patch(api, '/v1/teams/speech/share', { weight: 2, lanes: 64, gpuHours: 500, storageGb: 50 });
    expect(await team.json()).toMatchObject({
      name: 'speech',
      weight: 2,
      quotas: { lanes: 64, gpuHours: 500, storageGb: 50 },
    });
    expect((await patch(admin, '/v1/members/Ada/share', { lanes: 8 })).status).toBe(200);
    const shares = await json(ada.call('/v1/shares'));
    expect(shares).toMatchObject({ halfLifeDays: 7, team: { weight: 2 }, teams: null, waiting: [] });
    expect(shares.members).toMatchObject([{ name: 'Ada', quotas: { lanes: 8, gpuHours: null } }]);
    const { items } = await json(admin.call('/v1/audit?action=member.quota'));
    expect(items).toMatchObject([{ member: 'Grace', target: 'Ada', change: { lanes: 8 }, outcome: 'done' }]);
    expect((await json(api.call('/v1/shares'))).teams.map(({ name }: { name: string }) => name)).toContain('speech');
  });

  it.each([
    ['/v1/members/Ada/share', {}, /changes nothing/],
    ['/v1/members/Ada/share', { lanes: 0 }, /lanes: /],
    ['/v1/members/Ada/share', { weight: null }, /weight: /],
    ['/v1/members/Ada/share', { hours: 1 }, /hours: unknown key/],
    ['/v1/members/Adda/share', { lanes: 1 }, /no member Adda in the team.*Ada/],
  ])('refuse %s %j in one line', async (path, body, line) => {
    const { detail } = await json(patch(admin, path, body));
    expect(detail).toMatch(line);
    expect(detail).not.toContain('\n');
  });

  it('refuse an upload that the quota of a team or a member has no room for, in one line', async () => {
    await patch(admin, '/v1/members/Ada/share', { storageGb: 0.00002 });
    await uploadDataset(ada, 'small-text', 'text', 'abc '.repeat(3_000));
    const form = new FormData();
    for (const [key, value] of [
      ['name', 'large-text'],
      ['kind', 'text'],
    ])
      form.append(key!, value!);
    form.append('file', new Blob(['abcd '.repeat(3_000)]), 'large.txt');
    const response = await ada.call('/v1/datasets', { method: 'POST', body: form });
    expect(response.status).toBe(507);
    expect(((await response.json()) as { detail: string }).detail).toMatch(
      /^Ada has 0\.0 MB of at most 0\.0 MB of data sets, and this one has .*larger quota$/,
    );
    await patch(admin, '/v1/members/Ada/share', { storageGb: null });
    await uploadDataset(ada, 'large-text', 'text', 'abcd '.repeat(3_000));
  });

  it('say why trials of a sweep wait', async () => {
    const requires = { gpu: 'a100' };
    const demanding = { ...letters, dataset: 'small-text', requires };
    const warning = 'no worker has gpu=a100, which the sweep requires: start one with unroll worker --label gpu=a100';
    expect(await json(ada.post('/v1/sweeps?dryRun=true', demanding))).toMatchObject({ warning });
    const submitted = await json(ada.post('/v1/sweeps?priority=high', demanding));
    expect(submitted).toMatchObject({ warning });
    const { id } = submitted;
    const waiting = (): Promise<any> => json(ada.call(`/v1/sweeps/${id}/waiting`));
    await until(async () => (await waiting()).trials > 0);
    expect(await waiting()).toMatchObject({ reason: 'noWorker' });
    await dataSource.query(
      `insert into workers (id, host, pid, trainers, engine, device, lanes, slots) values ('w', 'here', 1, '{}', 'cpu', 'cpu', 4, 1)`,
    );
    expect(await waiting()).toMatchObject({
      reason: 'labels',
      text: warning,
    });
    await dataSource.query('update workers set labels = $1', [requires]);
    expect(await json(ada.post('/v1/sweeps?dryRun=true', demanding))).toMatchObject({ warning: null });
    expect(await waiting()).toMatchObject({ reason: 'next' });
    const perClass = (bytes: number): LaneNeeds['bytes'] => ({ kernels: bytes, composite: bytes, wgsl: bytes });
    for (const { signature } of await dataSource.query('select distinct signature from trials where sweep_id = $1', [
      id,
    ]))
      await noteNeeds(dataSource, signature, { bytes: perClass(40e9), least: perClass(20e9) });
    await dataSource.query(`update workers set memory_class = 'kernels', room = 16e9`);
    // No worker has had so much: it would be tried, and fail at once.
    expect(await waiting()).toMatchObject({ reason: 'next' });
    await dataSource.query(`insert into departed_memory (memory_class, room) values ('wgsl', 80e9)`);
    expect(await waiting()).toMatchObject({
      reason: 'memory',
      text: 'no connected worker has the memory that they need to train: at least 20.0 GB, and the largest has 16.0 GB',
    });
    for (const table of ['departed_memory', 'signature_memory']) await dataSource.query(`delete from ${table}`);
    await patch(admin, '/v1/members/Ada/share', { lanes: 1 });
    expect(await claimTrials(dataSource, claimant)).toBeUndefined();
    const claimed = await claimTrials(dataSource, { ...claimant, labels: requires });
    expect(claimed).toMatchObject({ sweepId: id, account: { teamId: 'speech', owner: 'Ada', priority: 'high' } });
    await dataSource.query(`update attempts set worker_id = 'w'`);
    const seen = async (by: Calling): Promise<any> => (await json(by.call('/v1/workers'))).items[0];
    expect(await seen(ada)).toMatchObject({ running: [claimed!.trials[0]!.trialId], others: 0 });
    expect(await seen(api)).toMatchObject({ running: [], others: 1 });
    expect(await waiting()).toMatchObject({ reason: 'memberLanes', text: 'Ada runs 1 of at most 1 trial at once' });
    await patch(admin, '/v1/members/Ada/share', { lanes: null });
    expect((await json(ada.call('/v1/shares'))).waiting).toMatchObject([
      { sweepId: id, priority: 'high', reason: 'busy' },
    ]);
    expect((await patch(ada, `/v1/sweeps/${id}/details`, { priority: 'low' })).status).toBe(200);
    expect(await json(ada.call(`/v1/sweeps/${id}`))).toMatchObject({ priority: 'low' });
    expect(await claimTrials(dataSource, { ...claimant, labels: requires })).toMatchObject({
      account: { priority: 'low' },
    });
  });

  it('show which workers are silent and which are slow, and let the operator ask one to leave', async () => {
    const workers = async (): Promise<any[]> => (await json(api.call('/v1/workers'))).items;
    await dataSource.query('delete from workers');
    await dataSource.query(
      `insert into workers (id, host, pid, trainers, engine, device, lanes, slots, use, last_seen)
       select 'worker' || n, 'here', n, '{}', 'cpu', 'cpu', 4, 1, '{40, 100}', clock_timestamp() - n * interval '10 seconds'
       from generate_series(1, 2) n`,
    );
    expect(await workers()).toMatchObject([
      { id: 'worker1', silent: false, slow: false, pace: null, drain: null, use: [40, 100] },
      { id: 'worker2', silent: true },
    ]);
    const refused = await ada.call('/v1/workers/worker1/drain', { method: 'POST' });
    expect(refused.status).toBe(403);
    expect(await json(api.post('/v1/workers/worker1/drain', {}))).toMatchObject({ id: 'worker1', drain: 'finish' });
    expect(await json(api.post('/v1/workers/worker1/drain', { running: 'release' }))).toMatchObject({
      drain: 'release',
    });
    expect(await json(api.call('/v1/workers/worker1/resume', { method: 'POST' }))).toMatchObject({ drain: null });
    const errors = async (id: string, body: object): Promise<string> =>
      (await json(api.post(`/v1/workers/${id}/drain`, body))).detail;
    expect(await errors('worker1', { running: 'finsh' })).toMatch(/^running: .*did you mean finish\?/);
    expect(await errors('worker', {})).toBe('"worker" begins the id of more than one worker: write more of it');
    expect(await errors('other', {})).toBe('no worker "other" is part of the fleet');
  });

  it('refuse an unknown priority', async () => {
    const { detail } = await json(ada.post('/v1/sweeps?priority=urgent', { ...letters, dataset: 'small-text' }));
    expect(detail).toMatch(/priority: .*low, normal, high/);
  });
});
