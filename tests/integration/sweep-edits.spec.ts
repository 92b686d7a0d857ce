import type { SweepSpec } from '@unroll/contracts';
import {
  claimTrials,
  commitWork,
  fleetLanes,
  insertTrials,
  lockSweep,
  Sweep,
  sweepEdits,
  Trial,
  Turns,
  unproposedSweeps,
  type ClaimedTrial,
} from '@unroll/database';
import { proposeTrials } from '../../apps/api/src/scheduler/advance';
import { Searches } from '../../apps/api/src/scheduler/searches';
import { applyEdit } from '../../apps/api/src/sweeps/edit';
import { replaySweep } from '../../apps/api/src/sweeps/replay';
import { useApi } from '../support/api';
import { attemptWork, claimant, claims, completed } from '../support/attempts';
import { useDatabase } from '../support/database';
import { useSearchThreads } from '../support/search-threads';
import { emptySweep, smallSweep } from '../support/sweeps';
import { until } from '../support/until';

const valueOf = ({ spec: { training } }: ClaimedTrial): number =>
  Math.abs(Math.log10(training.learningRate) + 2.5) + training.batchSize;

describe('the search of a sweep that is edited', () => {
  const dataSource = useDatabase({ clear: true });
  const threads = useSearchThreads();

  async function trainAll(): Promise<void> {
    for await (const { trials } of claims(dataSource))
      await commitWork(
        dataSource,
        trials.map((trial) => attemptWork(trial, { value: valueOf(trial), end: completed })),
      );
  }

  /** Turns of proposing and training. */
  async function turns(count: number, searches: Searches): Promise<void> {
    for (let turn = 0; turn < count; turn += 1) {
      await proposeTrials(dataSource.manager, searches);
      await trainAll();
    }
  }

  async function edit(id: string, changes: Partial<SweepSpec>): Promise<void> {
    await dataSource.transaction(async (manager) => {
      await lockSweep(manager, id);
      const sweep = await manager.findOneByOrFail(Sweep, { id });
      await applyEdit(manager, threads, sweep, { ...sweep.spec, ...changes });
    });
  }

  const read = (id: string): Promise<Sweep> => dataSource.getRepository(Sweep).findOneByOrFail({ id });
  const trialsOf = (sweepId: string): Promise<Trial[]> =>
    dataSource.getRepository(Trial).find({ where: { sweepId }, order: { number: 'ASC' } });

  const training = { bptt: 4, batchSize: 2, updates: 4, reportEvery: 2 };
  const narrow = { training: { ...training, learningRate: { logUniform: [1e-3, 4e-3] } } };
  const tpe = smallSweep({ search: { algorithm: 'tpe', trials: 40, seed: 3 } });

  it.each([
    ['the same leader', false],
    ['another leader each turn', true],
  ])('learns what is in the new space, goes on numbering, and replays, under %s', async (_, isReplaced) => {
    const searches = new Searches(threads);
    const { id } = await emptySweep(dataSource, tpe, 4);
    const taken = async (count: number): Promise<void> => {
      for (let turn = 0; turn < count; turn += 1) {
        // A new leader knows nothing but the log.
        if (isReplaced) await searches.forget(id);
        await turns(1, searches);
      }
    };
    await taken(5);
    await proposeTrials(dataSource.manager, searches);
    const before = await trialsOf(id);
    await edit(id, narrow);
    const rate = (trial: Trial): number => trial.spec.training.learningRate;
    const inside = before.filter((trial) => rate(trial) <= 4e-3);
    const { first, withdrawn } = (await sweepEdits(dataSource, id))[0]!;
    expect(first).toBe(before.length);
    const cancelled = (await trialsOf(id)).filter(({ state }) => state === 'cancelled');
    expect(cancelled.map(rate).every((each) => each > 4e-3)).toBe(true);
    expect(cancelled).toHaveLength(withdrawn);
    await taken(20);
    const after = await trialsOf(id);
    expect(after).toHaveLength(40 + withdrawn);
    expect(after.slice(first).every((trial) => rate(trial) <= 4e-3)).toBe(true);
    expect(after.slice(0, first).filter(({ state }) => state === 'completed')).toHaveLength(first - withdrawn);
    const [{ learned }] = await dataSource.query('select learned from proposals where sweep_id = $1 and first = $2', [
      id,
      first,
    ]);
    expect(learned.map(([number]: [number]) => number).sort((a: number, b: number) => a - b)).toEqual(
      inside.filter(({ state }) => state === 'completed').map(({ configuration }) => configuration),
    );
    const sweep = await read(id);
    expect((await replaySweep(dataSource, threads, sweep)).proposals).toEqual({
      ...{ count: 40 + withdrawn, different: 0, first: null },
    });
    await dataSource.query(`update sweep_edits set inherited = '[]'`);
    expect((await replaySweep(dataSource, threads, sweep)).proposals.different).toBeGreaterThan(0);
  });

  it('may change its algorithm, from one that draws to one that learns and back', async () => {
    const { id } = await emptySweep(dataSource, smallSweep({ search: { trials: 6, seed: 3 } }), 4);
    const leader = new Searches(threads);
    await turns(1, leader);
    await dataSource.query('update sweeps set configurations = 24, total = 24 where id = $1', [id]);
    const { search } = await read(id).then(({ spec }) => spec);
    await edit(id, { search: { ...search, algorithm: 'tpe' } });
    await turns(2, leader);
    await edit(id, { search: { ...search, algorithm: 'sobol' }, ...narrow });
    await turns(4, leader);
    expect((await sweepEdits(dataSource, id)).map(({ first, changed }) => [first, changed])).toEqual([
      [6, ['search.algorithm']],
      [14, ['training.learningRate', 'search.algorithm']],
    ]);
    expect((await replaySweep(dataSource, threads, await read(id))).proposals).toEqual({
      count: 24,
      different: 0,
      first: null,
    });
    expect(await dataSource.query('select first from proposals where sweep_id = $1 order by first', [id])).toEqual([
      { first: 6 },
      { first: 10 },
    ]);
  });

  it('never repeats a point that it has tried, and may try again what was only withdrawn', async () => {
    const sizes = (choice: number[]): Partial<SweepSpec> => ({
      training: { ...training, learningRate: 0.002, batchSize: { choice } },
    });
    const all = [1, 2, 3, 4, 5, 6];
    const { id } = await emptySweep(dataSource, smallSweep({ ...sizes(all), search: { trials: 6 } }), null);
    const leader = new Searches(threads);
    await proposeTrials(dataSource.manager, leader);
    const [ran] = (await claimTrials(dataSource, { ...claimant, lanes: 1 }))!.trials;
    await commitWork(dataSource, [attemptWork(ran!, { value: 1, end: completed })]);
    const size = ran!.spec.training.batchSize;
    const pending = all.find((each) => each !== size)!;
    await edit(id, sizes([size, pending, 7, 8]));
    expect(await read(id)).toMatchObject({
      ...{ configurations: 8, total: 8 },
      message: '2 of 4 further configurations: the new space has no more points',
    });
    // Nothing was proposed in between, so the two that are left come from those that were withdrawn.
    await edit(id, sizes(all));
    expect(await read(id)).toMatchObject({ configurations: 8, total: 8, message: null });
    await turns(2, leader);
    const done = (await trialsOf(id)).filter(({ state }) => state === 'completed');
    const tried = done.map(({ spec: { training: own } }) => own.batchSize);
    expect([tried.length, new Set(tried).size, tried.every((each) => all.includes(each))]).toEqual([4, 4, true]);
    expect((await replaySweep(dataSource, threads, await read(id))).proposals.different).toBe(0);
  });

  it('replaces configurations that have not started, and lets a seed that runs finish without its other seeds', async () => {
    const repeated = smallSweep({ search: { algorithm: 'tpe', trials: 16, repeats: 2 } });
    const { id } = await emptySweep(dataSource, repeated, 8);
    const leader = new Searches(threads);
    await proposeTrials(dataSource.manager, leader);
    const [running] = (await claimTrials(dataSource, { ...claimant, lanes: 1 }))!.trials;
    await edit(id, { training: { ...training, learningRate: { uniform: [0.5, 0.6] } } });
    expect(await read(id)).toMatchObject({ proposed: 8, configurations: 16 + 3, total: 2 * (16 + 3) });
    await commitWork(dataSource, [attemptWork(running!, { value: 1, end: completed })]);
    const states = (await trialsOf(id)).map(({ state }) => state).sort();
    expect(states).toEqual([...Array.from({ length: 7 }, () => 'cancelled'), 'completed']);
    await turns(8, leader);
    const done = (await trialsOf(id)).filter(({ state }) => state === 'completed');
    expect(done).toHaveLength(1 + 2 * 15);
    expect((await replaySweep(dataSource, threads, await read(id))).proposals).toEqual({
      count: 19,
      different: 0,
      first: null,
    });
  });

  it('takes no proposal that was made before the edit', async () => {
    const { id } = await emptySweep(dataSource, tpe, 4);
    const [stale] = await unproposedSweeps(dataSource.manager);
    const fleet = await fleetLanes(dataSource.manager, 30);
    const next = (await new Searches(threads).learned(dataSource.manager, new Turns(), stale!, fleet))!;
    await edit(id, narrow);
    expect(await insertTrials(dataSource.manager, stale!, next.trials, next.log)).toBe(false);
    expect((await read(id)).proposed).toBe(0);
    await turns(1, new Searches(threads));
    expect((await replaySweep(dataSource, threads, await read(id))).proposals).toEqual({
      count: 4,
      different: 0,
      first: null,
    });
  });
});

describe('PATCH /v1/sweeps/:id', () => {
  const dataSource = useDatabase({ clear: true });
  const api = useApi(dataSource);

  const spec = {
    dataset: { name: 'adding-problem', steps: 4, sequences: 20 },
    task: 'regression',
    model: { hiddenSize: { choice: [4, 8, 16, 32] } },
    training: { learningRate: { logUniform: [1e-3, 1e-2] } },
    search: { trials: 12, seed: 1 },
  };

  async function send(method: string, path: string, body: unknown, headers = {}): Promise<any> {
    const response = await api.call(path, {
      method,
      body: JSON.stringify(body),
      headers: { 'content-type': 'application/json', ...headers },
    });
    return { status: response.status, ...((await response.json()) as any) };
  }
  const patch = (id: string, body: unknown, headers = {}): Promise<any> =>
    send('PATCH', `/v1/sweeps/${id}`, body, headers);
  const get = async (path: string): Promise<any> => (await api.call(path)).json();
  const trialsOf = async (id: string): Promise<any[]> => (await get(`/v1/sweeps/${id}/trials`)).items;

  async function submitted(changes: object = {}, trials = 12): Promise<string> {
    const { id } = await send('POST', '/v1/sweeps', { ...spec, ...changes });
    await until(async () => (await get(`/v1/sweeps/${id}`)).trials.pending === trials);
    return id;
  }

  it('keeps a name that was given to the sweep since, unless the edit names it', async () => {
    const id = await submitted({ name: 'first' });
    await send('PATCH', `/v1/sweeps/${id}/details`, { name: 'GRU, wider' });
    expect((await patch(id, { model: { hiddenSize: { choice: [8, 16] } } })).name).toBe('GRU, wider');
    expect((await patch(id, { name: 'first', model: { hiddenSize: { choice: [8, 32] } } })).name).toBe('first');
    await send('PATCH', `/v1/sweeps/${id}/details`, { name: 'GRU, wider' });
    expect((await patch(id, { name: 'first' })).name).toBe('first');
    expect((await patch(id, { name: 'last' })).name).toBe('last');
  });

  it('cancels pending trials outside of the new space, replaces them, and keeps what runs or has ended', async () => {
    const id = await submitted();
    const { trials } = (await claimTrials(dataSource, { ...claimant, lanes: 2 }))!;
    await commitWork(dataSource, [attemptWork(trials[0]!, { value: 1, end: completed })]);
    const outside = (await trialsOf(id)).filter(
      ({ state, spec: own }) => state === 'pending' && ![8, 16].includes(own.model.hiddenSize),
    );
    const edited = await patch(id, { model: { hiddenSize: { choice: [8, 16] } } });
    expect(edited).toMatchObject({
      status: 200,
      total: 12 + outside.length,
      spec: { ...spec, model: { hiddenSize: { choice: [8, 16] } } },
      edits: [{ first: 12, changed: ['model.hiddenSize'], withdrawn: outside.length }],
      trials: { running: trials.length - 1, completed: 1, cancelled: outside.length },
    });
    await until(async () => (await get(`/v1/sweeps/${id}`)).trials.pending === 12 - trials.length);
    const all = await trialsOf(id);
    expect(all.filter(({ state }) => state === 'cancelled').map((trial) => trial.id)).toEqual(
      outside.map((trial) => trial.id),
    );
    expect(all.slice(12).every(({ spec: own }) => [8, 16].includes(own.model.hiddenSize))).toBe(true);
    expect((await get(`/v1/sweeps/${id}/leaderboard`)).items).toHaveLength(1);
    expect((await get(`/v1/sweeps/${id}/replay`)).proposals).toMatchObject({ count: all.length, different: 0 });
  });

  it('edits a paused sweep, which can be extended afterwards, and writes nothing if nothing changes', async () => {
    const id = await submitted();
    await send('POST', `/v1/sweeps/${id}/pause`, {});
    const file = { ...spec, name: 'renamed', training: { learningRate: { uniform: [0.1, 0.2] } } };
    for (let time = 0; time < 2; time += 1)
      expect(await patch(id, file)).toMatchObject({
        ...{ status: 200, state: 'paused', name: 'renamed', total: 24, trials: { cancelled: 12 } },
        edits: [{ changed: ['name', 'training.learningRate'], withdrawn: 12 }],
      });
    await send('POST', `/v1/sweeps/${id}/resume`, {});
    expect((await send('POST', `/v1/sweeps/${id}/extend`, { trials: 3 })).total).toBe(27);
    await until(async () => (await get(`/v1/sweeps/${id}`)).trials.pending === 15);
  });

  it('is limited to the points of the new space, and says so', async () => {
    const sizes = (choice: number[]): object => ({
      training: { learningRate: 0.002 },
      model: { hiddenSize: { choice } },
    });
    const id = await submitted({ ...sizes([4, 8, 16, 32]), search: { trials: 4 } }, 4);
    expect(await patch(id, sizes([8, 64]))).toMatchObject({
      ...{ total: 5, trials: { pending: 1, cancelled: 3 } },
      message: '1 of 3 further configurations: the new space has no more points',
    });
    await until(async () => (await get(`/v1/sweeps/${id}`)).trials.pending === 2);
    expect(await send('POST', `/v1/sweeps/${id}/extend`, { trials: 1 })).toMatchObject({ status: 409 });
  });

  it('edits once per idempotency key', async () => {
    const id = await submitted();
    const once = { 'idempotency-key': 'once' };
    const changes = { training: { learningRate: { logUniform: [1e-3, 2e-3] } } };
    for (let time = 0; time < 2; time += 1) expect((await patch(id, changes, once)).edits).toHaveLength(1);
    expect(await patch(id, { name: 'other' }, once)).toMatchObject({ status: 422 });
    expect(await patch(id, { name: 'other' })).toMatchObject({ status: 200, name: 'other' });
  });

  const lasting = 'cannot change once a sweep has started: submit a new sweep, with this one in search.from';
  it.each([
    [{ dataset: { ...spec.dataset, steps: 5 } }, `dataset.steps: ${lasting}`],
    [{ task: 'classification', dataset: 'parity' }, /^dataset: cannot change.*; task: cannot change/],
    [{ objective: { metric: 'validation.mae' } }, `objective: ${lasting}`],
    [{ training: { ...spec.training, updates: 5 } }, `training.updates: ${lasting}`],
    [{ training: { choice: [{ updates: 5 }, { updates: 6 }] } }, `training.updates: ${lasting}`],
    [{ training: { ...spec.training, seed: 5 } }, `training.seed: ${lasting}`],
    [{ search: { ...spec.search, seed: 2 } }, `search.seed: ${lasting}`],
    [{ search: { ...spec.search, repeats: 2 } }, `search.repeats: ${lasting}`],
    [{ search: { ...spec.search, trials: 20 } }, 'search.trials: is not changed by an edit: use "unroll sweep extend"'],
    [{ stopping: 'median' }, `stopping.rule: ${lasting}`],
    [{ budget: { patience: 3 } }, `budget.patience: ${lasting}`],
    [{ modle: {} }, 'modle: unknown key; did you mean model?'],
    [{ model: { hiddenSize: { choice: [0] } } }, 'model.hiddenSize.choice[0]: must be at least 1, not 0'],
    [{ search: { ...spec.search, constraints: ['hiddenSize > 900'] } }, /^search\.constraints/],
  ])('refuses %j, naming the field, and writes nothing', async (changes, message) => {
    const id = await submitted();
    const before = await get(`/v1/sweeps/${id}`);
    const { status, detail } = await patch(id, changes);
    expect([status, detail]).toEqual([422, typeof message === 'string' ? message : expect.stringMatching(message)]);
    expect(await get(`/v1/sweeps/${id}`)).toEqual(before);
  });

  it('refuses an empty edit, one of a grid or a population, and one of a sweep that has ended', async () => {
    const id = await submitted();
    expect(await patch(id, {})).toMatchObject({
      detail: 'changes nothing: give a key of the sweep file',
    });
    const grid = await submitted({ model: { hiddenSize: { grid: [4, 8] } }, training: {}, search: 'grid' }, 2);
    const other = { model: { hiddenSize: { grid: [4, 16] } } };
    expect(await patch(grid, other)).toMatchObject({
      status: 409,
      detail: 'a grid search has one set of points: submit a new sweep, with this one in search.from',
    });
    const population = { model: {}, search: { trials: 8 }, stopping: { rule: 'population', every: 100 } };
    const members = await submitted(population, 8);
    expect(await patch(members, { training: { learningRate: { logUniform: [1e-3, 2e-3] } } })).toMatchObject({
      status: 409,
      detail: 'a population has one space: submit a new sweep',
    });
    await send('POST', `/v1/sweeps/${id}/cancel`, {});
    expect(await patch(id, { name: 'late' })).toMatchObject({
      status: 409,
      detail: 'the sweep is cancelled and cannot be edited: submit a new sweep, with this one in search.from',
    });
  });
});
