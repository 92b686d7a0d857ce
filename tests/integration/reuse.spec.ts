import { modelName, openArtifacts } from '@unroll/artifacts';
import { claimTrials, commitWork, endSatisfiedSweeps, Sweep, type ClaimedTrial } from '@unroll/database';
import { checkSweep } from '@unroll/search';
import { pathToFileURL } from 'node:url';
import { ArtifactCollector } from '../../apps/api/src/scheduler/collect';
import { findReused, insertReused } from '../../apps/api/src/sweeps/reuse';
import { useApi, testCaller } from '../support/api';
import { attemptWork, claimant, claims, completed } from '../support/attempts';
import { useDatabase } from '../support/database';
import { temporaryFolder } from '../support/servers.cjs';
import { countSweeps } from '../support/sweeps';
import { until } from '../support/until';

const artifacts = pathToFileURL(temporaryFolder()).href;
const store = openArtifacts(artifacts);
const dataSource = useDatabase({ clear: true });
const api = useApi(dataSource, () => ({ ARTIFACTS_URL: artifacts }));

const metric = 'validation.mse';
const rates = [0.001, 0.002];

/** A grid of hidden sizes and two learning rates. */
const grid = (hiddenSizes: number[], search: object = {}, changes: object = {}) => ({
  dataset: { name: 'adding-problem', steps: 4, sequences: 20 },
  task: 'regression',
  model: { hiddenSize: { grid: hiddenSizes } },
  training: { updates: 4, reportEvery: 2, learningRate: { grid: rates } },
  objective: { metric },
  search: { algorithm: 'grid', ...search },
  ...changes,
});

async function post(path: string, body: unknown): Promise<any> {
  const response = await api.post(path, body);
  return { status: response.status, ...((await response.json()) as any) };
}
const get = async (path: string): Promise<any> => (await api.call(path)).json();
const show = (id: string): Promise<any> => get(`/v1/sweeps/${id}`);
const trialsOf = async (id: string): Promise<any[]> => (await get(`/v1/sweeps/${id}/trials`)).items;

/** What a trial measures: lower for larger networks and smaller seeds. */
const valueOf = ({ spec: { model, training } }: ClaimedTrial): number =>
  100 / model.hiddenSize + training.learningRate + training.seed;

async function finish(trial: ClaimedTrial): Promise<void> {
  const value = valueOf(trial);
  const model = modelName(trial.trialId, trial.attemptId, 4);
  await store.put(model, Buffer.from(`the model of ${trial.trialId}`));
  const curves = [{ name: metric, updates: [2, 4], values: [value + 1, value] }];
  const work = {
    value,
    metrics: { [metric]: value },
    updates: 4,
    curves,
    end: { ...completed, validationSeconds: 0.25, model },
  };
  await commitWork(dataSource, [attemptWork(trial, work)]);
}

/** Waits until all trials of a sweep have rows. */
const proposed = (id: string): Promise<void> =>
  until(
    async () => (await dataSource.getRepository(Sweep).findOneByOrFail({ id })).proposed === (await show(id)).total,
  );

/** Submits a sweep and trains all of its trials; returns its id. */
async function trained(body: unknown): Promise<string> {
  const { id } = await post('/v1/sweeps', body);
  await proposed(id);
  for await (const { trials } of claims(dataSource)) for (const trial of trials) await finish(trial);
  await until(async () => (await show(id)).state === 'completed');
  return id;
}

describe('a grid that names earlier sweeps', () => {
  it('takes over the results of its points, trains the others, and says so beforehand', async () => {
    const earlier = await trained(grid([4, 8]));
    const body = grid([4, 8, 16], { from: [earlier] }, { name: 'another name', budget: { concurrentTrials: 9 } });
    const plan = await post('/v1/sweeps?dryRun=true', body);
    const reused = `4 of 6 trials are reused from sweep ${earlier}`;
    expect(plan).toMatchObject({ status: 200, trials: 6, reused, estimate: { trainings: 2, updates: 8 } });
    expect(plan.examples.map(({ parameters }: any) => parameters)).toEqual(
      rates.map((rate) => ({ 'model.hiddenSize': 16, 'training.learningRate': rate })),
    );
    const { id, ...sweep } = await post('/v1/sweeps', body);
    expect(sweep).toMatchObject({ status: 201, message: reused, trials: { completed: 4 } });
    await proposed(id);
    const claim = (await claimTrials(dataSource, { ...claimant, lanes: 9 }))!;
    expect(claim.trials.map(({ spec }) => spec.model.hiddenSize)).toEqual([16, 16]);
    for (const trial of claim.trials) await finish(trial);
    await until(async () => (await show(id)).state === 'completed');
    expect(await show(id)).toMatchObject({
      message: reused,
      trials: { completed: 6 },
      best: { value: 100 / 16 + 0.001 },
    });
    expect((await get(`/v1/sweeps/${id}/leaderboard`)).items).toHaveLength(6);
    expect(await get(`/v1/sweeps/${id}/replay`)).toMatchObject({ proposals: { count: 6, different: 0 } });
  });

  it('has trials that name the trial they come from, with its metrics, curves and model', async () => {
    const earlier = await trained(grid([4, 8]));
    const { id } = await post('/v1/sweeps', grid([8], { from: [earlier] }));
    const [source] = (await trialsOf(earlier)).filter(({ spec }) => spec.model.hiddenSize === 8);
    const [trial] = await trialsOf(id);
    const { id: sourceId, sweepId: _, configuration: _own, createdAt: _at, startedAt: _then, ...rest } = source;
    const { finishedAt: _end, parameters: _drawn, ...same } = rest;
    expect(trial).toMatchObject({ ...same, reusedFrom: sourceId, state: 'completed', startedAt: null });
    const { series } = await get(`/v1/trials/${trial.id}/metrics`);
    expect(series).toEqual((await get(`/v1/trials/${sourceId}/metrics`)).series);
    expect(series[0]).toMatchObject({ name: metric, updates: [2, 4] });
    expect(await (await api.call(`/v1/trials/${trial.id}/model`)).text()).toBe(`the model of ${sourceId}`);
    expect((await get(`/v1/trials/${trial.id}/attempts`)).items).toEqual([]);
    expect(source).toMatchObject({ reusedFrom: null, seconds: 1, validationSeconds: 0.25 });

    const { id: third } = await post('/v1/sweeps', grid([8], { from: [id] }));
    expect((await trialsOf(third))[0].reusedFrom).toBe(sourceId);
  });

  it('completes without training anything if all of its points are known', async () => {
    const first = await trained(grid([4]));
    const second = await trained(grid([8]));
    const { id, message } = await post('/v1/sweeps', grid([4, 8], { from: [first, second] }));
    expect(message).toBe(`4 of 4 trials are reused: 2 from sweep ${first}, 2 from sweep ${second}`);
    await until(async () => (await show(id)).state === 'completed');
    expect(
      await dataSource.query('select from attempts join trials on trial_id = trials.id where sweep_id = $1', [id]),
    ).toEqual([]);
  });

  it('reuses each seed by itself, and trains the missing seeds of a configuration', async () => {
    const earlier = await trained(grid([4, 8]));
    const { id, message } = await post('/v1/sweeps', grid([4, 8], { from: [earlier], repeats: 2 }));
    expect(message).toBe(`4 of 8 trials are reused from sweep ${earlier}`);
    expect((await trialsOf(id)).map(({ seed, state }) => [seed, state])).toEqual(
      Array.from({ length: 4 }, () => [
        [0, 'completed'],
        [1, 'pending'],
      ]).flat(),
    );
    await proposed(id);
    for await (const { trials } of claims(dataSource)) for (const trial of trials) await finish(trial);
    await until(async () => (await show(id)).state === 'completed');
    const { items } = await get(`/v1/sweeps/${id}/leaderboard`);
    expect(items.map(({ repeats }: any) => repeats)).toEqual([2, 2, 2, 2]);
  });

  it('keeps results and models when the earlier sweep is deleted; the last trial that names a model takes it along', async () => {
    const earlier = await trained(grid([4, 8]));
    const { id } = await post('/v1/sweeps', grid([8], { from: [earlier] }));
    await until(async () => (await show(id)).state === 'completed');
    const remove = async (sweep: string): Promise<number> =>
      (await api.call(`/v1/sweeps/${sweep}`, { method: 'DELETE' })).status;
    expect(await remove(earlier)).toBe(204);
    const shared = (await dataSource.query(`select model from trials where sweep_id = $1 order by model`, [id])).map(
      ({ model }: { model: string }) => model,
    );
    const collector = new ArtifactCollector(store);
    for (let pass = 0; pass < 2; pass += 1) await collector.collect(dataSource.manager);
    expect(await store.list('models')).toEqual(shared);
    const [trial] = await trialsOf(id);
    expect((await api.call(`/v1/trials/${trial.id}/model`)).status).toBe(200);
    expect((await get(`/v1/trials/${trial.id}/metrics`)).series).toHaveLength(1);
    expect(await remove(id)).toBe(204);
    expect(await store.list('models')).toEqual([]);
  });

  it('leaves a model where it is when the sweep that reuses it is deleted', async () => {
    const earlier = await trained(grid([4]));
    const { id } = await post('/v1/sweeps', grid([4], { from: [earlier] }));
    await until(async () => (await show(id)).state === 'completed');
    expect((await api.call(`/v1/sweeps/${id}`, { method: 'DELETE' })).status).toBe(204);
    const [source] = await trialsOf(earlier);
    expect((await api.call(`/v1/trials/${source.id}/model`)).status).toBe(200);
  });

  it('ends at once if a reused trial has reached the target, and counts none towards its patience', async () => {
    const earlier = await trained(grid([4, 8]));
    const from = [earlier];
    const { id: done } = await post('/v1/sweeps', grid([4, 8, 16], { from }, { budget: { target: 20 } }));
    await until(async () => (await show(done)).state === 'completed');
    expect((await show(done)).message).toMatch(
      /^budget.target was reached: configuration \d has validation.mse 12.501$/,
    );

    const { id } = await post('/v1/sweeps', grid([8, 4, 2, 1], { from }, { budget: { patience: 2 } }));
    await proposed(id);
    await endSatisfiedSweeps(dataSource.manager);
    expect((await show(id)).state).toBe('running');
    for (const trial of (await claimTrials(dataSource, { ...claimant, lanes: 2 }))!.trials) await finish(trial);
    await until(async () => (await show(id)).state === 'completed');
    expect((await show(id)).message).toBe('budget.patience: the last 2 configurations brought no improvement');
  });
});

describe('an earlier sweep', () => {
  it('that is deleted between check and submission refuses it, and nothing is written', async () => {
    const earlier = await trained(grid([4]));
    const { spec, datasets, objective } = await dataSource.getRepository(Sweep).findOneByOrFail({ id: earlier });
    const own = { ...spec, search: { ...spec.search, from: [earlier] } };
    const reuse = (await findReused(
      dataSource,
      testCaller,
      { teamId: 'local', spec: own, datasets, objective },
      checkSweep(own),
      5,
    ))!;
    const { id } = await post('/v1/sweeps', grid([16]));
    await api.call(`/v1/sweeps/${id}/pause`, { method: 'POST' });
    const before = await trialsOf(id);
    await dataSource.query('delete from sweeps where id = $1', [earlier]);
    const trials = reuse.trials.map((trial) => ({ ...trial, number: trial.number + 100 }));
    const sources = new Map([...reuse.sources].map(([number, source]) => [number + 100, source]));
    await expect(
      dataSource.transaction((manager) => insertReused(manager, id, { ...reuse, trials, sources })),
    ).rejects.toThrow(`search.from[0]: no sweep ${earlier}`);
    expect(await trialsOf(id)).toHaveLength(before.length);
  });

  it('is held until the results that a new sweep takes over are written', async () => {
    const earlier = await trained(grid([4]));
    const [submitted, removed] = await Promise.all([
      post('/v1/sweeps', grid([4, 8], { from: [earlier] })),
      api.call(`/v1/sweeps/${earlier}`, { method: 'DELETE' }),
    ]);
    expect(removed.status).toBe(204);
    if (submitted.status === 422) return expect(submitted.detail).toBe(`search.from[0]: no sweep ${earlier}`);
    expect(submitted.status).toBe(201);
    const [trial] = (await trialsOf(submitted.id)).filter(({ state }) => state === 'completed');
    expect((await api.call(`/v1/trials/${trial.id}/model`)).status).toBe(200);
  });

  it.each([
    ['another length', () => ({ training: { updates: 5, reportEvery: 2, learningRate: { grid: rates } } })],
    ['another seed', () => ({ search: { algorithm: 'grid', seeds: [7] } })],
    ['other data', () => ({ dataset: { name: 'adding-problem', steps: 5, sequences: 20 } })],
    ['another split', () => ({ dataset: { name: 'adding-problem', steps: 4, sequences: 20, split: { test: 0.2 } } })],
  ])('is refused where the grid has %s', async (_, changes) => {
    const earlier = await trained(grid([4]));
    const body = { ...grid([4, 8]), ...changes() };
    const before = await countSweeps(dataSource);
    for (const query of ['', '?dryRun=true'])
      expect(await post(`/v1/sweeps${query}`, { ...body, search: { ...body.search, from: [earlier] } })).toMatchObject({
        status: 422,
        detail: `search.from[0]: sweep ${earlier} has completed no trial of this grid`,
      });
    expect(await countSweeps(dataSource)).toBe(before);
  });

  it('is refused where another metric or another report counted', async () => {
    const earlier = await trained(grid([4]));
    const other = (objective: object): unknown => grid([4], { from: [earlier] }, { objective });
    expect((await post('/v1/sweeps', other({ metric: 'validation.mae' }))).detail).toBe(
      `search.from[0]: sweep ${earlier} has the objective minimize validation.mse, not minimize validation.mae`,
    );
    expect((await post('/v1/sweeps', other({ metric, use: 'last' }))).detail).toBe(
      `search.from[0]: sweep ${earlier} uses the best report of a trial, not the last`,
    );
  });
});
