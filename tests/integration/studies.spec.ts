import { isStudyTrial } from '@unroll/contracts';
import { advisoryLocks, claimTrials, fleetFigures, otherShares } from '@unroll/database';
import { useApi } from '../support/api';
import { claimant } from '../support/attempts';
import { useDatabase } from '../support/database';
import { until } from '../support/until';

const dataSource = useDatabase({ clear: true });
const api = useApi(dataSource);

async function post(path: string, body: unknown = {}, headers = {}): Promise<{ status: number; body: any }> {
  const response = await api.post(path, body, headers);
  return { status: response.status, body: await response.json() };
}
const get = async (path: string): Promise<any> => (await api.call(path)).json();

const space = {
  x: { uniform: [-2, 2] },
  optimizer: { choice: [{ kind: 'sgd', momentum: { uniform: [0, 0.9] } }, 'adam'] },
  epochs: 3,
};

async function created(changes: Record<string, unknown> = {}): Promise<string> {
  const { status, body } = await post('/v1/studies', { name: 'mine', space, search: { trials: 4 }, ...changes });
  expect([status, body.detail]).toEqual([201, undefined]);
  return body.id;
}
const ask = async (id: string, body: object = {}): Promise<any> => {
  const answer = await post(`/v1/sweeps/${id}/ask`, { wait: 30, ...body });
  expect(answer.status).toBe(200);
  return answer.body;
};

/** Asks for a trial; returns what leaves before the answer, of which the API then knows. */
function askAndLeave(id: string): () => Promise<void> {
  const leaving = new AbortController();
  const headers = { 'content-type': 'application/json' };
  const asking = api.call(`/v1/sweeps/${id}/ask`, {
    ...{ method: 'POST', body: '{"wait": 30}', headers },
    signal: leaving.signal,
  });
  return async () => {
    leaving.abort();
    await expect(asking).rejects.toThrow('abort');
    // Requests that came later are answered later.
    for (let round = 0; round < 3; round++) await (await api.call('/healthz')).text();
  };
}

const attemptsOf = async (trial: string): Promise<string[]> =>
  (await dataSource.query('select state from attempts where trial_id = $1 order by started_at', [trial])).map(
    ({ state }: { state: string }) => state,
  );

// The first answer of a search thread waits until it has loaded, for which a busy machine may take longer than the limit of an answer.
beforeAll(() => until(async () => (await post('/v1/studies', { name: 'first', space })).status === 201, 150));

describe('a study', () => {
  it('gives its parameters to whoever asks, ranks what is told, and ends with its last trial', async () => {
    const id = await created();
    const values: number[] = [];
    for (;;) {
      const { trial, isOver } = await ask(id, { host: 'laptop' });
      if (isOver) break;
      // On a busy machine, none may be proposed yet after the longest wait.
      if (!trial) continue;
      const { x, optimizer, epochs } = trial.parameters;
      expect(epochs).toBe(3);
      expect(optimizer === 'adam' || (optimizer.kind === 'sgd' && optimizer.momentum <= 0.9)).toBe(true);
      values.push(x ** 2);
      const { status, body } = await post(`/v1/trials/${trial.id}/tell`, {
        value: x ** 2,
        metrics: { accuracy: 1 - x / 9 },
      });
      expect([status, body.state, body.value]).toEqual([200, 'completed', x ** 2]);
    }
    expect(values).toHaveLength(4);
    await until(async () => (await get(`/v1/sweeps/${id}`)).state === 'completed');
    const { items } = await get(`/v1/sweeps/${id}/leaderboard`);
    expect(items.map((row: any) => row.value)).toEqual([...values].sort((a, b) => a - b));
    expect(items[0].parameters).toHaveProperty('x');
    expect(items[0].metrics).toHaveProperty('accuracy');
    const { items: attempts } = await get(`/v1/trials/${items[0].trialId}/attempts`);
    expect(attempts).toMatchObject([{ state: 'succeeded', host: 'laptop', engine: 'external' }]);
  });

  it('proposes by a search that learns only once what was told is known', async () => {
    const id = await created({ search: { trials: 20, algorithm: 'tpe' }, space: { x: { uniform: [-2, 2] } } });
    for (let told = 0; told < 3; told += 1) {
      const { trial } = await ask(id);
      await until(async () => (await get(`/v1/sweeps/${id}`)).trials.running === 1);
      expect((await get(`/v1/sweeps/${id}`)).trials).toMatchObject({ pending: 0, running: 1, completed: told });
      await post(`/v1/trials/${trial.id}/tell`, { value: trial.parameters.x ** 2 });
    }
    const log = await dataSource.query(`select first, learned from proposals where sweep_id = $1 order by first`, [id]);
    expect(log.slice(0, 3).map(({ learned }: any) => learned.length)).toEqual([0, 1, 1]);
    const [one, two] = await Promise.all([ask(id), ask(id)]);
    expect(one.trial.id).not.toBe(two.trial.id);
  });

  it('stops a trial that its rule prunes, at the report that shows it', async () => {
    const id = await created({
      steps: 8,
      space: { x: { grid: [1, 2, 3, 4] } },
      search: { algorithm: 'grid' },
      stopping: { rule: 'median', minUpdates: 2, minTrials: 1 },
    });
    const stopped: number[] = [];
    for (let number = 0; number < 4; number += 1) {
      const { trial } = await ask(id);
      const { id: trialId, parameters, steps, attempt } = trial;
      let answer = { stop: false, why: null };
      for (let step = 1; step <= steps && !answer.stop; step += 1)
        ({ body: answer } = await post(`/v1/trials/${trialId}/report`, { step, value: parameters.x / step, attempt }));
      if (answer.stop) {
        stopped.push(parameters.x);
        expect(answer.why).toMatch(/^median at update \d/);
        const again = await post(`/v1/trials/${trialId}/report`, { step: 8, value: 0, attempt });
        expect(again.body).toEqual(answer);
      } else expect((await post(`/v1/trials/${trialId}/tell`)).body).toMatchObject({ state: 'completed', updates: 8 });
    }
    expect(stopped.length).toBeGreaterThan(0);
    const { trials } = await get(`/v1/sweeps/${id}`);
    expect(trials).toMatchObject({ pruned: stopped.length, completed: 4 - stopped.length });
    const curves = await get(`/v1/sweeps/${id}/curves`);
    expect(JSON.stringify(curves)).toContain('value');
  });

  it('takes a whole curve, a value that is not finite, and a failure', async () => {
    const id = await created({ goal: 'maximize', use: 'best', steps: 3, search: { trials: 3, algorithm: 'random' } });
    const [curve, diverged, failed] = [await ask(id), await ask(id), await ask(id)].map(({ trial }) => trial.id);
    const told = async (trial: string, body: object) => (await post(`/v1/trials/${trial}/tell`, body)).body;
    expect(await told(curve, { curve: [1, 5, 2] })).toMatchObject({ state: 'completed', value: 5, updates: 3 });
    expect(await told(diverged, { value: null })).toMatchObject({ state: 'diverged' });
    expect(await told(failed, { state: 'failed', message: 'out of memory' })).toMatchObject({
      state: 'failed',
      message: 'out of memory',
    });
    const { series } = await get(`/v1/trials/${curve}/metrics`);
    expect(series).toMatchObject([{ name: 'value', updates: [1, 2, 3], values: [1, 5, 2] }]);
  });

  it('has a column for each parameter and metric in its file, whatever their names', async () => {
    const id = await created({ space: { seed: { grid: [5] }, loss: { grid: [6] } }, search: 'grid' });
    const { trial } = await ask(id);
    await post(`/v1/trials/${trial.id}/tell`, { value: 1.5, metrics: { rank: 2, loss: 3, accuracy: 4 } });
    const text = await (await api.call(`/v1/sweeps/${id}/export?format=csv`)).text();
    const [names, cells] = text.split('\r\n').map((line) => line.split(','));
    expect(new Set(names).size).toBe(names!.length);
    const row = Object.fromEntries(names!.map((name, place) => [name, cells![place]]));
    expect(row).toMatchObject({
      ...{ rank: '1', value: '1.5', seed: '0', 'parameters.seed': '5', loss: '6' },
      ...{ 'metrics.rank': '2', 'metrics.loss': '3', accuracy: '4' },
    });
  });

  it('is sorted and filtered by what its trials told, whatever the names', async () => {
    const space = { accuracy: { grid: [7, 8, 9] }, 'a b': { grid: [0] }, constructor: { grid: [0] } };
    const id = await created({ name: 'told', space, search: 'grid' });
    const latencies = [30, 10, 20];
    for (const latency of latencies) {
      const { trial } = await ask(id);
      const metrics = {
        'p99/ms': latency,
        _depth: -latency,
        accuracy: latency / 100,
        'a b': 1,
        'validation.accuracy': latency,
      };
      await post(`/v1/trials/${trial.id}/tell`, { value: trial.parameters.accuracy, metrics });
    }
    const read = async (query: Record<string, string>): Promise<any> => {
      const response = await api.call(`/v1/sweeps/${id}/leaderboard?${new URLSearchParams(query).toString()}`);
      const { items, detail, sorts } = (await response.json()) as any;
      return { detail, sorts, told: items?.map(({ metrics }: any) => metrics['p99/ms']) };
    };
    expect((await read({})).sorts).toEqual(
      expect.arrayContaining([
        'metric:p99/ms',
        'metric:_depth',
        'metric:accuracy',
        'parameter:accuracy',
        'parameter:a b',
      ]),
    );
    for (const [query, told] of [
      [{ sort: 'metric:p99/ms' }, [10, 20, 30]],
      [{ sort: 'metric:p99/ms', order: 'desc' }, [30, 20, 10]],
      [{ sort: 'metric:_depth' }, [30, 20, 10]],
      [{ sort: 'parameter:accuracy' }, latencies],
      [{ sort: 'metric:accuracy' }, [10, 20, 30]],
      // Which values of this one are better is known.
      [{ sort: 'metric:validation.accuracy' }, [30, 20, 10]],
      [{ where: 'p99/ms:15..' }, [30, 20]],
      [{ where: '_depth:-10|-20', sort: 'metric:p99/ms' }, [10, 20]],
      // A parameter comes before a metric of its name.
      [{ where: 'accuracy:8..' }, [10, 20]],
      // Every object has a member of this name.
      [{ where: 'constructor:0' }, latencies],
      [{ where: 'constructor:1..' }, []],
    ] as const)
      expect([query, (await read(query)).told]).toEqual([query, told]);
    expect((await read({ sort: 'metric:p99/ms', order: 'best' })).detail).toContain(
      'which values of p99/ms are better is not known: use asc or desc',
    );
    const [trial] = (await get(`/v1/sweeps/${id}/trials`)).items;
    for (const name of ['p99/ms', '_depth', 'a b']) {
      const metric = encodeURIComponent(name);
      expect((await get(`/v1/trials/${trial.id}/metrics?name=${metric}`)).series).toMatchObject([{ name }]);
      expect(await get(`/v1/sweeps/${id}/points?metric=${metric}`)).toMatchObject({ metric: name });
      for (const path of [`/v1/sweeps/${id}/curves?metric=${metric}`, `/v1/curves?metric=${metric}&trial=${trial.id}`])
        expect((await get(path)).items[0].values).toEqual([trial.metrics[name]]);
    }
    const file = await (await api.call(`/v1/sweeps/${id}/export?format=jsonl&sort=metric:p99/ms`)).text();
    expect(
      file
        .trim()
        .split('\n')
        .map((line) => JSON.parse(line).metrics['p99/ms']),
    ).toEqual([10, 20, 30]);
  });

  it('gives a trial that never returns to another, and refuses its late results', async () => {
    const id = await created({ search: { trials: 1, algorithm: 'random' } });
    const { trial: first } = await ask(id, { lease: '1s' });
    await dataSource.query(`update attempts set lease_until = clock_timestamp() - interval '1 minute' where id = $1`, [
      first.attempt,
    ]);
    let second: any;
    await until(async () => (second = (await ask(id, { wait: 1 })).trial) !== null);
    expect(second).toMatchObject({ id: first.id, parameters: first.parameters });
    expect(second.attempt).not.toBe(first.attempt);
    const late = await post(`/v1/trials/${first.id}/tell`, { value: 1, attempt: first.attempt });
    expect([late.status, late.body.detail]).toEqual([409, expect.stringContaining('it was given to another')]);
    const tell = () => post(`/v1/trials/${first.id}/tell`, { value: 2, attempt: second.attempt });
    expect([await tell(), await tell()]).toMatchObject([{ body: { value: 2 } }, { status: 200, body: { value: 2 } }]);
  });

  it('has no trial that is longer than its steps: what is told after the last one replaces what that reported', async () => {
    const id = await created({ steps: 3, search: { trials: 3, algorithm: 'random' } });
    const { trial } = await ask(id);
    for (const step of [1, 3]) await post(`/v1/trials/${trial.id}/report`, { step, value: 9 / step });
    const told = await post(`/v1/trials/${trial.id}/tell`, { value: 2 });
    expect(told).toMatchObject({ status: 200, body: { state: 'completed', value: 2, updates: 3 } });
    const { series } = await get(`/v1/trials/${trial.id}/metrics`);
    expect(series).toMatchObject([{ name: 'value', updates: [1, 3], values: [9, 2] }]);
    const { trial: other } = await ask(id);
    expect(await post(`/v1/trials/${other.id}/tell`, { curve: [4, 3, 2, 1] })).toMatchObject({
      ...{ status: 422, body: { detail: 'curve: has 4 values: the study has 3 steps; create it with steps: 4' } },
    });
    const { trial: short } = await ask(await created({ search: { trials: 1, algorithm: 'random' } }));
    expect((await post(`/v1/trials/${short.id}/tell`, { curve: [4, 3, 2] })).body.detail).toBe(
      'curve: has 3 values: the study has 1 step; create it with steps: 3',
    );
  });

  it('is told once by two that tell the same attempt at the same moment, and not by one whose lease ran out for good', async () => {
    const id = await created({ search: { trials: 2, algorithm: 'random' } });
    const { trial } = await ask(id);
    const tell = (value: number) => post(`/v1/trials/${trial.id}/tell`, { value, attempt: trial.attempt });
    const answers = await Promise.all([tell(1), tell(1), tell(1)]);
    expect(answers.map(({ status, body }) => [status, body.value])).toEqual([1, 1, 1].map(() => [200, 1]));
    const { trial: lost } = await ask(id);
    await dataSource.query(`update attempts set state = 'lost', finished_at = clock_timestamp() where id = $1`, [
      lost.attempt,
    ]);
    await dataSource.query(`update trials set state = 'failed', finished_at = clock_timestamp() where id = $1`, [
      lost.id,
    ]);
    const late = await post(`/v1/trials/${lost.id}/tell`, { value: 1, attempt: lost.attempt });
    expect([late.status, late.body.detail]).toEqual([409, `trial ${lost.id} takes no more reports: it is failed`]);
  });

  it('takes its last report again, whose answer was lost, and keeps what it said', async () => {
    const id = await created({ steps: 3, search: { trials: 1, algorithm: 'random' } });
    const { trial } = await ask(id, { lease: '1m' });
    const report = (step: number, value: number, lease = '1m') =>
      post(`/v1/trials/${trial.id}/report`, { step, value, lease, attempt: trial.attempt });
    const left = async (): Promise<number> => {
      const [{ seconds }] = await dataSource.query(
        `select extract(epoch from lease_until - clock_timestamp())::double precision as seconds from attempts where id = $1`,
        [trial.attempt],
      );
      return seconds;
    };
    expect((await report(2, 5)).status).toBe(200);
    expect(await left()).toBeLessThan(61);
    const again = await report(2, 5, '1h');
    expect(again).toEqual({ status: 200, body: { stop: false, why: null } });
    expect(await left()).toBeGreaterThan(3000);
    expect((await report(1, 5)).status).toBe(409);
    const { series } = await get(`/v1/trials/${trial.id}/metrics`);
    expect(series).toMatchObject([{ name: 'value', updates: [2], values: [5] }]);
    await dataSource.query(
      `update attempts set lease_until = clock_timestamp() + interval '30 seconds' where id = $1`,
      [trial.attempt],
    );
    expect((await report(3, 4, '1h')).status).toBe(200);
    expect(await left()).toBeGreaterThan(3000);
  });

  it('that was retried is not told by the attempt that failed', async () => {
    const id = await created({ search: { trials: 2, algorithm: 'random' } });
    const { trial } = await ask(id);
    const tell = (body: object) => post(`/v1/trials/${trial.id}/tell`, { ...body, attempt: trial.attempt });
    expect((await tell({ state: 'failed' })).body.state).toBe('failed');
    expect((await tell({ value: 3 })).body.state).toBe('failed');
    expect((await post(`/v1/trials/${trial.id}/retry`)).status).toBe(200);
    const late = await tell({ value: 3 });
    expect([late.status, late.body.detail]).toEqual([
      409,
      `trial ${trial.id} takes no more reports: its attempt ended, and it waits for another: ask for it again`,
    ]);
  });

  it('gives no trial to whoever has gone while waiting for one', async () => {
    const id = await created({ search: { trials: 2, algorithm: 'random' }, budget: { concurrentTrials: 1 } });
    const { trial: first } = await ask(id);
    const leave = askAndLeave(id);
    // It has looked once: that it wants one more is noted.
    await until(async () => (await dataSource.query('select asked from sweeps where id = $1', [id]))[0].asked === 2);
    await leave();
    await post(`/v1/trials/${first.id}/tell`, { value: 1 });
    const { trial: second } = await ask(id);
    expect(second).toMatchObject({ number: 1 });
    expect(await attemptsOf(second.id)).toEqual(['running']);
  });

  it('takes a trial back that was just given to whoever has gone', async () => {
    const id = await created({ search: { trials: 1, algorithm: 'random' } });
    await until(async () => (await get(`/v1/sweeps/${id}`)).trials.pending === 1);
    const lock = dataSource.createQueryRunner();
    await lock.startTransaction();
    await lock.query('select from sweeps where id = $1 for update', [id]);
    const leave = askAndLeave(id);
    const waiting = `select from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock' and query like $1`;
    await until(async () => (await dataSource.query(waiting, ['%asked is not null for no key update'])).length === 1);
    await leave();
    await lock.commitTransaction();
    await lock.release();
    const [{ id: trial }] = (await get(`/v1/sweeps/${id}/trials`)).items;
    await until(async () => (await attemptsOf(trial)).length === 1 && (await attemptsOf(trial))[0] === 'released');
    expect((await ask(id)).trial.id).toBe(trial);
    expect(await attemptsOf(trial)).toEqual(['released', 'running']);
  });

  it('is left alone by workers, and has the controls of any sweep', async () => {
    const id = await created({ search: { trials: 2, algorithm: 'random' } });
    await until(async () => (await get(`/v1/sweeps/${id}`)).trials.pending === 2);
    expect(await claimTrials(dataSource, claimant)).toBeUndefined();
    await post(`/v1/sweeps/${id}/pause`);
    expect(await ask(id, { wait: 0 })).toEqual({ trial: null, state: 'paused', isOver: false });
    await post(`/v1/sweeps/${id}/resume`);
    expect((await post(`/v1/sweeps/${id}/extend`, { trials: 1 })).body.total).toBe(3);
    const { trial } = await ask(id);
    await post(`/v1/sweeps/${id}/cancel`);
    expect((await post(`/v1/trials/${trial.id}/report`, { step: 1, value: 1 })).body).toMatchObject({ stop: true });
    expect(await ask(id, { wait: 0 })).toEqual({ trial: null, state: 'cancelled', isOver: true });
  });

  it('is no work of the fleet, which is scaled by its figures, and no use of it', async () => {
    const id = await created({ search: { trials: 3, algorithm: 'random' } });
    await until(async () => (await get(`/v1/sweeps/${id}`)).trials.pending === 3);
    await ask(id);
    const figures = await fleetFigures(dataSource, 30, advisoryLocks.lead);
    expect(figures).toMatchObject({ claimable: 0, oldestWait: 0, running: 0, sweepsRunning: 1 });
    expect(await otherShares(dataSource, 'another team')).toEqual({ teams: 0, weight: 0, trainers: 0 });
    expect((await get('/v1/shares')).others).toEqual({ teams: 0, weight: 0, trainers: 0 });
  });

  it('starts from an earlier study of its name', async () => {
    const first = await created({ search: { trials: 2 }, name: 'again' });
    for (let count = 0; count < 2; count += 1) {
      const { trial } = await ask(first);
      await post(`/v1/trials/${trial.id}/tell`, { value: trial.parameters.x });
    }
    const id = await created({ name: 'again', search: { trials: 2, algorithm: 'tpe', from: [first] } });
    const [{ earlier }] = await dataSource.query(`select earlier from sweeps where id = $1`, [id]);
    expect(earlier).toHaveLength(2);
    const boards = await get('/v1/boards');
    const own = boards.items.filter((board: any) => JSON.stringify(board).includes('study again'));
    expect(own).toHaveLength(1);
  });

  it.each([
    [{ space: {} }, 'space: needs at least one parameter'],
    [{ space: { x: { uniform: [2, 1] } } }, 'space.x.uniform: the first number must be below the second'],
    [{ space: { x: { logUniform: [0, 1] } } }, 'space.x.logUniform: both ends must be above 0 on a log scale'],
    [{ steps: 0 }, 'steps: must be at least 1, not 0'],
    [{ stopping: { rule: 'population' } }, 'stopping.rule: population continues trainings from checkpoints'],
    [{ stopping: { rule: 'median', minEpochs: 2 } }, 'stopping.minEpochs: a study counts steps: use minUpdates'],
    [{ goals: 'minimize' }, 'goals: unknown key; did you mean goal?'],
  ])('is refused for %j', async (changes, message) => {
    const { status, body } = await post('/v1/studies', { name: 'mine', space, ...changes });
    expect([status, body.errors.map((each: any) => `${each.path}: ${each.message}`).join('\n')]).toEqual([
      422,
      expect.stringContaining(message),
    ]);
  });

  it('refuses a report out of order, a step too far, and a trial or a sweep of workers', async () => {
    const id = await created({ steps: 2, search: { trials: 1, algorithm: 'random' } });
    const { trial } = await ask(id);
    const report = async (body: object) => (await post(`/v1/trials/${trial.id}/report`, body)).body.detail;
    expect(await report({ step: 2, value: 1 })).toBeUndefined();
    expect(await report({ step: 1, value: 1 })).toContain('the trial has reported step 2 already');
    expect(await report({ step: 3, value: 1 })).toContain("step: is beyond the study's steps, 2");
    const sweep = { dataset: { name: 'adding-problem', steps: 4, sequences: 20 }, task: 'regression' };
    const { status, body: other } = await post('/v1/sweeps', { ...sweep, search: { trials: 1 } });
    expect([status, other.detail]).toEqual([201, undefined]);
    const asked = await post(`/v1/sweeps/${other.id}/ask`);
    expect([asked.status, asked.body.detail]).toEqual([409, `sweep ${other.id} is no study: workers train its trials`]);
    const ofWorkers = async () => (await get(`/v1/sweeps/${other.id}/trials`)).items[0]?.id;
    await until(async () => (await ofWorkers()) !== undefined);
    const workers = await ofWorkers();
    const areOfStudies = [trial.id, workers].map(async (each) => isStudyTrial(await get(`/v1/trials/${each}`)));
    expect(await Promise.all(areOfStudies)).toEqual([true, false]);
    for (const [verb, said] of [
      ['report', { step: 1, value: 1 }],
      ['tell', { value: 1 }],
    ] as const) {
      const refused = await post(`/v1/trials/${workers}/${verb}`, said);
      expect([refused.status, refused.body.detail]).toEqual([
        409,
        `trial ${workers} is of no study: a worker trains it`,
      ]);
    }
  });
});
