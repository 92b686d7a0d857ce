import type { BoardList, Comparison, TeamLeaderboard } from '@unroll/contracts';
import { migrate } from '@unroll/database';
import { useApi } from '../support/api';
import { finish } from '../support/board';
import { revertBefore, useDatabase } from '../support/database';
import { smallSweep, writeSweep } from '../support/sweeps';

const dataSource = useDatabase({ clear: true });
const api = useApi(dataSource);

const get = async <Answer>(path: string): Promise<Answer> => {
  const response = await api.call(path);
  const answer = (await response.json()) as Answer;
  expect([path, response.status, answer]).toEqual([path, 200, answer]);
  return answer;
};

const forecasts = (task: object, changes: Record<string, unknown> = {}) =>
  smallSweep({
    task: { kind: 'forecasting', horizon: 1, ...task },
    model: { cell: 'gru', hiddenSize: 8 },
    training: { batchSize: 4, updates: 4, reportEvery: 2 },
    objective: { metric: 'validation.mae' },
    search: { algorithm: 'grid' },
    ...changes,
  });

describe('the board of a data set and a task', () => {
  it('is one, whatever of the task was searched, unless it changes what is measured', async () => {
    const searched = {
      lookback: { grid: [4, 8] },
      loss: { grid: ['mse', 'mae'] },
      normalise: { grid: ['none', 'standard'] },
    };
    const id = await writeSweep(dataSource, forecasts(searched));
    await finish(dataSource, id, ({ configuration }) => configuration);
    const further = await writeSweep(dataSource, forecasts({ horizon: { grid: [1, 2] } }));
    await finish(dataSource, further, () => 9);
    const { items } = await get<BoardList>('/v1/boards');
    expect(items.map(({ configurations, options }) => [configurations, options.horizon])).toEqual([
      [9, 1],
      [1, 2],
    ]);
    expect(items[0]!.options).not.toHaveProperty('lookback');
  });

  it('shows the pinned baseline, and how much every row differs from it', async () => {
    const id = await writeSweep(dataSource, forecasts({ lookback: { grid: [4, 8, 12] } }));
    await finish(dataSource, id, ({ configuration }) => 1 + configuration);
    const board = (): Promise<TeamLeaderboard> => get('/v1/leaderboard');
    expect(await board()).toMatchObject({ pinned: null, items: Array(3).fill({ difference: null }) });
    const trialId = (await board()).items[1]!.trialId!;
    const pin = (method: string, trial = trialId): Promise<Response> => api.call(`/v1/trials/${trial}/pin`, { method });
    expect((await pin('POST')).status).toBe(204);
    for (const path of ['/v1/leaderboard', `/v1/sweeps/${id}/leaderboard`, '/v1/leaderboard?sort=seconds&limit=3'])
      expect([path, await get(path)]).toMatchObject([
        path,
        { pinned: { trialId, rank: null, value: 2, difference: 0 } },
      ]);
    expect((await board()).items.map(({ difference }) => difference)).toEqual([-1, 0, 1]);
    expect(await get(`/v1/trials/${trialId}`)).toMatchObject({ pinned: true });
    const best = (await board()).items[0]!.trialId!;
    await pin('POST', best);
    expect((await board()).items.map(({ difference }) => difference)).toEqual([0, 1, 2]);
    expect(await get(`/v1/trials/${trialId}`)).toMatchObject({ pinned: false });
    expect((await pin('DELETE', best)).status).toBe(204);
    expect((await board()).pinned).toBeNull();
    await writeSweep(dataSource, forecasts({ lookback: { grid: [5] } }));
    const refused = await api.call('/v1/trials/last/pin', { method: 'POST' });
    expect([refused.status, ((await refused.json()) as { detail: string }).detail]).toEqual([
      409,
      'trial last is on no leaderboard: it has no value yet',
    ]);
  });

  it('keeps trials with different losses apart where the loss is what is compared', async () => {
    const objective = { metric: 'validation.loss' };
    const id = await writeSweep(dataSource, forecasts({ loss: { grid: ['mse', 'mae'] } }, { objective }));
    await finish(dataSource, id, ({ configuration }) => configuration);
    expect((await get<BoardList>('/v1/boards')).items).toHaveLength(2);
  });

  it('shows what a sweep fixed beside what another searched, and filters and sorts by it', async () => {
    const one = await writeSweep(dataSource, forecasts({ lookback: { grid: [4, 8] } }));
    const other = await writeSweep(
      dataSource,
      forecasts({ lookback: 6 }, { training: { batchSize: { grid: [2, 3] }, updates: 4, reportEvery: 2 } }),
    );
    await finish(dataSource, one, ({ configuration }) => configuration);
    await finish(dataSource, other, ({ configuration }) => 10 + configuration);
    const board = async (query: string): Promise<TeamLeaderboard> => get(`/v1/leaderboard?${query}`);
    const { settings, items } = await board('');
    expect(items).toHaveLength(4);
    expect(settings[other]).toMatchObject({ 'task.lookback': 6, 'training.updates': 4, 'model.cell': 'gru' });
    expect(settings[one]).not.toHaveProperty('task.lookback');
    const values = async (query: string): Promise<unknown[]> => (await board(query)).items.map(({ value }) => value);
    expect(await values('where=task.lookback:6')).toEqual([10, 11]);
    expect(await values('where=task.lookback:5..8')).toEqual([1, 10, 11]);
    expect(await values('where=training.batchSize:4')).toEqual([0, 1]);
    expect(await values('where=training.updates:4&where=training.batchSize:3')).toEqual([11]);
    expect(await values('sort=parameter:task.lookback&order=desc')).toEqual([1, 10, 11, 0]);
    expect(await values(`sort=parameter:training.updates`)).toHaveLength(4);
    const csv = await (await api.call('/v1/leaderboard/export')).text();
    const [head, ...rows] = csv
      .trim()
      .split('\r\n')
      .map((line) => line.split(','));
    expect(rows.map((row) => row[head!.indexOf('task.lookback')])).toEqual(['4', '8', '6', '6']);
  });

  it('shows the mean over the seeds of each metric that all of them have', async () => {
    const id = await writeSweep(dataSource, forecasts({}, { search: { trials: 1, repeats: 3 } }));
    await finish(
      dataSource,
      id,
      ({ seed }) => seed,
      ({ seed }) => ({
        metrics: { 'validation.mae': seed, 'test.mae': 2 * seed, ...(seed === 1 ? { 'test.mse': 5 } : {}) },
      }),
    );
    const [row] = (await get<TeamLeaderboard>('/v1/leaderboard')).items;
    expect(row).toMatchObject({ value: 1, repeats: 3, metrics: { 'validation.mae': 1, 'test.mae': 2 } });
    expect(row!.metrics).not.toHaveProperty('test.mse');
  });
});

it('a database from before has one board for each after its migration, and those it had if that is reverted', async () => {
  const id = await writeSweep(dataSource, forecasts({ lookback: { grid: [4, 8] }, loss: { grid: ['mse', 'mae'] } }));
  await finish(dataSource, id, ({ configuration }) => configuration);
  const keys = async (): Promise<unknown> =>
    dataSource.query(
      `select array(select distinct comparison_key from boards order by 1) as boards,
              array(select distinct comparison_key from configurations order by 1) as configurations,
              array(select distinct comparison_key from trials order by 1) as trials`,
    );
  const now = await keys();
  expect(now).toEqual([
    { boards: [expect.any(String)], configurations: [expect.any(String)], trials: [expect.any(String)] },
  ]);
  await revertBefore(dataSource, 'OneBoard');
  const [before] = (await keys()) as [Record<string, unknown[]>];
  expect(Object.values(before).map(({ length }) => length)).toEqual([4, 4, 4]);
  await migrate(dataSource);
  expect(await keys()).toEqual(now);
});

describe('cross-validation in a sweep', () => {
  const folded = (of: number, index?: number) =>
    forecasts(
      { lookback: { grid: [4, 8] } },
      { dataset: { name: 'tiny', fold: { kind: 'k-fold', of, index } }, search: { algorithm: 'grid', repeats: 2 } },
    );

  it('trains every seed on every part, and shows them as one row with the interval of correlated values', async () => {
    const id = await writeSweep(dataSource, folded(5));
    const trials = await dataSource.query(
      `select seed::integer, (spec -> 'dataset' -> 'fold' ->> 'index')::integer as fold, signature from trials
       where sweep_id = $1 and configuration = 0 order by number`,
      [id],
    );
    const pairs = trials.map(({ seed, fold }: { seed: number; fold: number }) => [seed, fold]);
    expect(pairs).toEqual([0, 1].flatMap((seed) => [0, 1, 2, 3, 4].map((fold) => [seed, fold])));
    // Lanes of one array share their data.
    expect(new Set(trials.map(({ signature }: { signature: string }) => signature)).size).toBe(5);
    await finish(dataSource, id, ({ seed, configuration }) => seed + configuration);
    const { items, board } = await get<TeamLeaderboard>('/v1/leaderboard');
    expect(items.map(({ repeats, value }) => [repeats, value])).toEqual([
      [10, 0.5],
      [10, 1.5],
    ]);
    expect(board.split.fold).toEqual({ kind: 'k-fold', of: 5 });
    const [low, high] = items[0]!.interval!;
    // t(0.975; 9) · s · √(1/10 + 1/4), with s² = 10/36.
    expect((high - low) / 2).toBeCloseTo(2.26216 * Math.sqrt(10 / 36) * Math.sqrt(0.35), 4);
  });

  it('compares two configurations by seed and part, as correlated values', async () => {
    const id = await writeSweep(dataSource, folded(3));
    await finish(dataSource, id, ({ seed, configuration }) => seed * (1 + configuration) + configuration);
    const { items } = await get<TeamLeaderboard>('/v1/leaderboard');
    const [first, second] = items.map(({ trialId }) => trialId);
    const { pairs, difference, ...sides } = await get<Comparison>(`/v1/comparison?first=${first}&second=${second}`);
    expect(pairs.map(({ seed, fold }) => `${seed} ${fold}`)).toEqual(['0 0', '0 1', '0 2', '1 0', '1 1', '1 2']);
    expect([sides.first.interval, sides.second.interval]).toEqual(items.map(({ interval }) => interval));
    // Differences of −1 and −2, three each: s² = 0.3, and the variance of the mean is s² · (1/6 + 1/2), with 5 degrees of freedom.
    const [low, high] = difference!.interval!;
    expect((high - low) / 2).toBeCloseTo(2.57058 * Math.sqrt(0.3 * (1 / 6 + 1 / 2)), 4);
    expect(difference!.p).toBeCloseTo(0.02, 3);
  });

  it('keeps a single part, which is named, on a board of its own', async () => {
    for (const spec of [folded(3), folded(3, 0)]) await finish(dataSource, await writeSweep(dataSource, spec), () => 1);
    const { items } = await get<BoardList>('/v1/boards');
    expect(items.map(({ split }) => (split.fold as { index?: number }).index).sort()).toEqual([0, undefined]);
  });
});
