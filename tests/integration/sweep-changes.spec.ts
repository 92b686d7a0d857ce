import {
  claimTrials,
  commitWork,
  endOverspentSweeps,
  endSatisfiedSweeps,
  failOverspentSweeps,
  giveUpAttempts,
  type Claim,
} from '@unroll/database';
import { useApi } from '../support/api';
import { useDatabase } from '../support/database';
import { attemptWork, claimant, completed } from '../support/attempts';
import { until } from '../support/until';

const dataSource = useDatabase({ clear: true });
const api = useApi(dataSource);

const spec = (changes: Record<string, unknown> = {}) => ({
  dataset: { name: 'adding-problem', steps: 4, sequences: 20 },
  task: 'regression',
  training: { learningRate: { logUniform: [1e-3, 1e-2] } },
  search: { trials: 4 },
  ...changes,
});

async function post(path: string, body: unknown = {}, headers = {}): Promise<{ status: number; body: any }> {
  const response = await api.post(path, body, headers);
  return { status: response.status, body: await response.json() };
}

const show = async (id: string): Promise<any> => (await api.call(`/v1/sweeps/${id}`)).json();

/** Submits a sweep and waits until its trials are pending. */
async function submitted(changes: Record<string, unknown> = {}, trials = 4): Promise<string> {
  const { status, body } = await post('/v1/sweeps', spec(changes));
  expect([status, body.detail]).toEqual([201, undefined]);
  await until(async () => (await show(body.id)).trials.pending === trials);
  return body.id;
}

const claim = async (lanes = 4): Promise<Claim | undefined> => claimTrials(dataSource, { ...claimant, lanes });

/** Completes all trials of a claim. */
async function complete({ trials }: Claim): Promise<void> {
  await commitWork(
    dataSource,
    trials.map((trial) => attemptWork(trial, { value: 1, end: completed })),
  );
}

/** Crashes one trial, alone in its group, until it has failed. */
async function poison(): Promise<string> {
  let trialId = '';
  for (let crash = 0; crash < 3; crash += 1) {
    const { trials } = (await claim(1))!;
    trialId = trials[0]!.trialId;
    const end = { state: 'failed', message: 'the trainer was killed by SIGSEGV', log: 'last words' } as const;
    await dataSource.query(`update trials set number = number - 100 where id = $1`, [trialId]);
    await dataSource.transaction((manager) => giveUpAttempts(manager, [trials[0]!.attemptId], end));
  }
  return trialId;
}

describe('a sweep that is paused', () => {
  it('starts no new trials, lets running ones finish, and continues when it is resumed', async () => {
    const id = await submitted();
    const running = (await claim(2))!;
    expect((await post(`/v1/sweeps/${id}/pause`)).body).toMatchObject({ state: 'paused', trials: { running: 2 } });
    expect(await claim()).toBeUndefined();
    await complete(running);
    const paused = await show(id);
    expect(paused).toMatchObject({ state: 'paused', trials: { completed: 2, pending: 2 }, runningSince: null });
    const { body: resumed } = await post(`/v1/sweeps/${id}/resume`);
    expect(resumed).toMatchObject({ state: 'running', ranSeconds: paused.ranSeconds });
    expect([paused.ranSeconds > 0, Date.parse(resumed.runningSince) > Date.parse(resumed.createdAt)]).toEqual([
      true,
      true,
    ]);
    await complete((await claim())!);
    await until(async () => (await show(id)).state === 'completed');
  });

  it('answers 200 to a repeated change and 409 to an impossible one', async () => {
    const id = await submitted();
    for (const verb of ['resume', 'pause', 'pause', 'resume'])
      expect((await post(`/v1/sweeps/${id}/${verb}`)).status).toBe(200);
    await post(`/v1/sweeps/${id}/pause`);
    expect((await post(`/v1/sweeps/${id}/cancel`)).body.state).toBe('cancelled');
    for (const verb of ['resume', 'pause', 'extend'])
      expect(await post(`/v1/sweeps/${id}/${verb}`, verb === 'extend' ? { trials: 1 } : {})).toMatchObject({
        status: 409,
        body: { detail: expect.stringMatching(/^the sweep is cancelled and can/) },
      });
  });

  it('cannot be deleted before it is cancelled', async () => {
    const id = await submitted();
    await post(`/v1/sweeps/${id}/pause`);
    const refused = await api.call(`/v1/sweeps/${id}`, { method: 'DELETE' });
    expect([refused.status, ((await refused.json()) as any).detail]).toEqual([
      409,
      'the sweep is paused: cancel it before deleting it',
    ]);
  });

  it('is not deleted where it is reopened at the same moment', async () => {
    const id = await submitted();
    await complete((await claim())!);
    await until(async () => (await show(id)).state === 'completed');
    const deleted = await dataSource.transaction(async (manager) => {
      await manager.query(`update sweeps set state = 'running', total = total + 1 where id = $1`, [id]);
      const deleting = api.call(`/v1/sweeps/${id}`, { method: 'DELETE' });
      const waits = `select from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock'`;
      await until(async () => (await dataSource.query(waits)).length > 0);
      return { deleting };
    });
    expect((await deleted.deleting).status).toBe(409);
    expect(await show(id)).toMatchObject({ state: 'running' });
  });
});

describe('a sweep that is extended', () => {
  it('continues drawing where it stopped, even after it completed', async () => {
    const id = await submitted();
    await complete((await claim())!);
    await until(async () => (await show(id)).state === 'completed');
    const before = await dataSource.query('select parameters from trials order by number');
    const { body } = await post(`/v1/sweeps/${id}/extend`, { trials: 3 });
    expect(body).toMatchObject({ state: 'running', total: 7, finishedAt: null, spec: { search: { trials: 7 } } });
    await until(async () => (await show(id)).trials.pending === 3);
    const all = await dataSource.query('select parameters from trials order by number');
    expect(all.slice(0, 4)).toEqual(before);
    expect(new Set(all.map(({ parameters }: any) => JSON.stringify(parameters))).size).toBe(7);
  });

  it('is extended once per idempotency key', async () => {
    const id = await submitted();
    const headers = { 'idempotency-key': 'once' };
    for (let time = 0; time < 2; time += 1)
      expect((await post(`/v1/sweeps/${id}/extend`, { trials: 2 }, headers)).body.total).toBe(6);
    expect((await post(`/v1/sweeps/${id}/extend`, { trials: 5 }, headers)).status).toBe(422);
  });

  it.each([
    [{ trials: 0 }, /trials/],
    [{}, /trials/],
    [{ trials: 2, more: 1 }, /more: unknown key/],
  ])('refuses %j, naming the field', async (body, problem) => {
    const id = await submitted();
    expect(await post(`/v1/sweeps/${id}/extend`, body)).toMatchObject({
      status: 422,
      body: { detail: expect.stringMatching(problem) },
    });
    expect((await show(id)).total).toBe(4);
  });

  it('refuses part of a grid, and a grid search', async () => {
    const grid = { training: { learningRate: { grid: [1e-3, 1e-2] } } };
    const drawn = await submitted({
      training: { ...grid.training, clipNorm: { uniform: [0.5, 1] } },
      search: { trials: 4 },
    });
    expect(await post(`/v1/sweeps/${drawn}/extend`, { trials: 1 })).toMatchObject({
      status: 422,
      body: { detail: 'trials: must be a multiple of the 2 grid points, such as 2, not 1' },
    });
    const whole = await submitted({ ...grid, search: 'grid' }, 2);
    expect((await post(`/v1/sweeps/${whole}/extend`, { trials: 2 })).status).toBe(409);
  });

  it('is limited to the points of its space, and says so', async () => {
    const id = await submitted({ training: { batchSize: { choice: [1, 2, 3] } }, search: { trials: 2 } }, 2);
    expect((await post(`/v1/sweeps/${id}/extend`, { trials: 7 })).body).toMatchObject({
      total: 3,
      message: '3 of 9: the space has 3 points',
    });
    expect(await post(`/v1/sweeps/${id}/extend`, { trials: 1 })).toMatchObject({
      status: 409,
      body: { detail: 'the space has 3 points, and the sweep has tried all of them' },
    });
  });
});

describe('a trial that failed', () => {
  it('is retried on request without its earlier crashes, and its ended sweep continues', async () => {
    const id = await submitted({ search: { trials: 1 } }, 1);
    const trial = await poison();
    await until(async () => (await show(id)).state === 'failed');
    const attempts = (await (await api.call(`/v1/trials/${trial}/attempts`)).json()) as any;
    expect(attempts.items[2]).toMatchObject({ state: 'failed', log: 'last words', resumedFrom: 0 });
    expect((await post(`/v1/trials/${trial}/retry`)).body).toMatchObject({ state: 'pending', message: null });
    expect((await post(`/v1/trials/${trial}/retry`)).status).toBe(200);
    expect((await show(id)).state).toBe('running');
    await complete((await claim())!);
    await until(async () => (await show(id)).state === 'completed');
    expect(await post(`/v1/trials/${trial}/retry`)).toMatchObject({
      status: 409,
      body: { detail: expect.stringMatching(/^the trial is completed/) },
    });
  });

  it('is not retried if its sweep was cancelled', async () => {
    const id = await submitted();
    await post(`/v1/sweeps/${id}/cancel`);
    const [{ id: trial }] = await dataSource.query('select id from trials limit 1');
    expect((await post(`/v1/trials/${trial}/retry`)).body.detail).toMatch(/^the sweep is cancelled/);
  });
});

describe('a budget', () => {
  it('of failed trials allows that many; one more fails the sweep, and a retry continues it', async () => {
    const id = await submitted({ budget: { failedTrials: 1 } });
    await poison();
    await failOverspentSweeps(dataSource.manager);
    expect((await show(id)).state).toBe('running');
    const second = await poison();
    await until(async () => (await show(id)).state === 'failed');
    expect(await show(id)).toMatchObject({
      message: '2 trials failed, and budget.failedTrials is 1',
      trials: { failed: 2, cancelled: 2, pending: 0 },
    });
    await post(`/v1/trials/${second}/retry`);
    expect(await show(id)).toMatchObject({ state: 'running', message: null });
  });

  it('of time cancels running trials and completes the sweep; pauses do not count', async () => {
    const id = await submitted({ budget: { wallTime: '1h' } });
    const running = (await claim(2))!;
    const age = (minutes: number) =>
      dataSource.query(`update sweeps set running_since = running_since - make_interval(mins => $1)`, [minutes]);
    await age(50);
    await post(`/v1/sweeps/${id}/pause`);
    await dataSource.query(`update sweeps set created_at = created_at - interval '5 hours'`);
    await post(`/v1/sweeps/${id}/resume`);
    await endOverspentSweeps(dataSource.manager);
    expect((await show(id)).state).toBe('running');
    await age(10);
    await until(async () => (await show(id)).state === 'completed');
    expect(await show(id)).toMatchObject({ message: 'budget.wallTime was used up', trials: { cancelled: 4 } });
    const end = { trialState: 'completed', seconds: 1, message: null, model: null } as const;
    const late = running.trials.map(({ attemptId, trialId }) => ({ attemptId, trialId, end }));
    const none = { curves: [], value: 1, metrics: {}, updates: 1, sample: null, diagnostics: [] };
    const lost = await commitWork(
      dataSource,
      late.map((each) => ({ ...each, ...none })),
    );
    expect(lost.cancelled).toHaveLength(2);
    const detail =
      'the sweep would end again at once, because budget.wallTime was used up: submit a new sweep with a larger budget, and this one in search.from';
    const before = await show(id);
    for (const path of [`/v1/trials/${late[0]!.trialId}/retry`, `/v1/sweeps/${id}/extend`]) {
      const response = await api.post(path, { trials: 2 });
      expect([response.status, ((await response.json()) as { detail: string }).detail]).toEqual([409, detail]);
    }
    expect(await show(id)).toEqual(before);
  });

  it('says which sweep it was cloned from, also once that was deleted', async () => {
    const id = await submitted();
    const once = { 'idempotency-key': 'a-clone' };
    const cloned = `/v1/sweeps?clonedFrom=${id.slice(0, 6)}`;
    const copy = await post(cloned, spec(), once);
    expect(copy).toMatchObject({ status: 201, body: { clonedFrom: id } });
    expect((await show(id)).clonedFrom).toBeNull();
    await post(`/v1/sweeps/${id}/cancel`);
    await api.call(`/v1/sweeps/${id}`, { method: 'DELETE' });
    expect((await show(copy.body.id)).clonedFrom).toBe(id);
    expect(await post(cloned, spec(), once)).toMatchObject({ status: 201, body: { id: copy.body.id } });
    for (const more of ['', '&dryRun=true'])
      expect((await post(`/v1/sweeps?clonedFrom=zzzz2222${more}`, spec())).status).toBe(404);
    expect((await post('/v1/sweeps?clonedFrom=', spec())).status).toBe(422);
  });

  it.each([
    [{ target: 10 }, 'budget.target was reached: configuration 0 has validation.mse 1'],
    [{ patience: 1 }, 'budget.patience: the last 1 configurations brought no improvement'],
  ])('of %j, once satisfied, refuses what it would cancel at once', async (budget, why) => {
    const id = await submitted({ budget });
    const { trials } = (await claim(2))!;
    for (const trial of trials) await commitWork(dataSource, [attemptWork(trial, { value: 1, end: completed })]);
    await until(async () => (await show(id)).state === 'completed');
    const before = await show(id);
    const [{ id: cancelled }] = await dataSource.query(`select id from trials where state = 'cancelled' limit 1`);
    for (const path of [`/v1/trials/${cancelled}/retry`, `/v1/sweeps/${id}/extend`])
      expect(await post(path, { trials: 2 })).toMatchObject({
        status: 409,
        body: { detail: expect.stringContaining(`the sweep would end again at once, because ${why}`) },
      });
    expect(await show(id)).toEqual(before);
  });

  it('of patience accepts the retry of a trial that it would wait for', async () => {
    const id = await submitted({ budget: { patience: 1 } });
    const { trials } = (await claim(2))!;
    await commitWork(dataSource, [attemptWork(trials[0]!, { value: 1, end: completed })]);
    const failed = { ...completed, trialState: 'failed' } as const;
    await commitWork(dataSource, [attemptWork(trials[1]!, { end: failed })]);
    await until(async () => (await show(id)).state === 'completed');
    expect(await post(`/v1/trials/${trials[1]!.trialId}/retry`)).toMatchObject({ status: 200 });
    await endSatisfiedSweeps(dataSource.manager);
    expect((await show(id)).state).toBe('running');
  });

  it('of GPU hours counts each attempt as its share of the lanes', async () => {
    const id = await submitted({ budget: { gpuHours: 1 } });
    await claim(4);
    const begun = (minutes: number) =>
      dataSource.query(`update attempts set started_at = clock_timestamp() - make_interval(mins => $1)`, [minutes]);
    await begun(59);
    await endOverspentSweeps(dataSource.manager);
    expect((await show(id)).state).toBe('running');
    await begun(61);
    await until(async () => (await show(id)).state === 'completed');
    expect(await show(id)).toMatchObject({ message: 'budget.gpuHours was used up', trials: { cancelled: 4 } });
  });

  it.each([
    [{ wallTime: 'two hours' }, 'budget.wallTime: must be a duration such as 90s, 30m, 2h or 1d'],
    [{ gpuHours: 0 }, 'budget.gpuHours'],
    [{ failedTrial: 5 }, 'budget.failedTrial: unknown key; did you mean failedTrials?'],
  ])('%j is refused', async (budget, detail) => {
    const { status, body } = await post('/v1/sweeps', spec({ budget }));
    expect([status, body.detail]).toEqual([422, expect.stringContaining(detail)]);
  });
});
