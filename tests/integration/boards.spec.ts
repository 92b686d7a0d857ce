import {
  boards,
  type BoardView,
  type Curves,
  type Leaderboard,
  type Points,
  type TeamLeaderboard,
} from '@unroll/contracts';
import { claimTrials, commitWork } from '@unroll/database';
import { isDeepStrictEqual } from 'node:util';
import { useApi } from '../support/api';
import { finish } from '../support/board';
import { useDatabase } from '../support/database';
import { attemptWork, claimant } from '../support/attempts';
import { smallSweep, writeSweep } from '../support/sweeps';
import { allowAnyState } from '../support/unguarded';

const dataSource = useDatabase({ clear: true });
const api = useApi(dataSource);

const get = async <Answer>(path: string, status = 200): Promise<Answer> => {
  const response = await api.call(path);
  const answer = (await response.json()) as Answer;
  expect([path, response.status, status === 200 ? undefined : (answer as any).detail]).toEqual([
    path,
    status,
    status === 200 ? undefined : expect.not.stringContaining('\n'),
  ]);
  return answer;
};

const searched = { cell: { choice: ['rnn', 'gru'] }, hiddenSize: { choice: [8, 16] }, embeddingSize: 4 };
const sweepOf = (trials: number, changes: Record<string, unknown> = {}): Promise<string> =>
  writeSweep(dataSource, smallSweep({ model: searched, search: { trials }, ...changes }));

describe("a sweep's leaderboard", () => {
  it('shows a configuration with three seeds as one row with its interval; equal values share a rank', async () => {
    const id = await sweepOf(3, { search: { trials: 3, repeats: 3 } });
    await finish(dataSource, id, ({ configuration, seed }) => (configuration === 2 ? 5 : 1 + seed));
    const board = await get<Leaderboard>(`/v1/sweeps/${id}/leaderboard`);
    expect(boards.leaderboard.parse(board)).toEqual(board);
    expect(board.items.map(({ rank, tied, value, repeats }) => [rank, tied, value, repeats])).toEqual([
      [1, true, 2, 3],
      [1, true, 2, 3],
      [3, false, 5, 3],
    ]);
    // t(0.975; 2) / √3 = 2.48414 standard deviations of 1.
    expect(board.items[0]!.interval![0]).toBeCloseTo(2 - 2.48414, 4);
    expect(board).toMatchObject({ total: 3, nextCursor: null, previousCursor: null });
  });

  it('filters by state, cell, parameter and range, and counts the remaining rows', async () => {
    const id = await sweepOf(40);
    await finish(dataSource, id, ({ configuration }) => configuration);
    const left = async (query: string): Promise<Leaderboard> => get(`/v1/sweeps/${id}/leaderboard?limit=100&${query}`);
    const all = (await left('')).items;
    expect(all).toHaveLength(40);
    const gru = all.filter(({ parameters }) => parameters['model.cell'] === 'gru').length;
    expect(gru).toBeGreaterThan(5);
    for (const query of ['cell=gru', 'where=model.cell:gru']) {
      const board = await left(query);
      expect([board.total, board.items.length]).toEqual([gru, gru]);
      expect(board.items.map(({ rank }) => rank)).toEqual(board.items.map((_, index) => index + 1));
    }
    const both = await left(
      'where=model.hiddenSize:16&where=training.learningRate:2e-3..5e-3&sort=parameter:training.learningRate',
    );
    const rates = both.items.map(({ parameters }) => parameters['training.learningRate'] as number);
    expect(rates).toEqual(
      all
        .filter(({ parameters }) => parameters['model.hiddenSize'] === 16)
        .map(({ parameters }) => parameters['training.learningRate'] as number)
        .filter((rate) => rate >= 2e-3 && rate <= 5e-3)
        .sort((a, b) => a - b),
    );
    expect(both.total).toBe(rates.length);
    expect((await left('where=value:..9')).items).toHaveLength(10);
    expect((await left('state=running')).items).toEqual([]);
    expect((await left('where=model.cell:gru&cell=rnn')).items).toEqual([]);
    expect((await left('order=desc')).items[0]).toMatchObject({ value: 39, rank: 40 });
  });

  it('sorts by a metric in its own direction', async () => {
    const id = await sweepOf(3);
    await finish(
      dataSource,
      id,
      () => 1,
      ({ configuration: metric }) => ({ metrics: { 'validation.accuracy': metric, 'test.loss': metric } }),
    );
    const sorted = async (query: string): Promise<unknown> => {
      const { items, descending } = await get<Leaderboard>(`/v1/sweeps/${id}/leaderboard?sort=metric:${query}`);
      return { configurations: items.map(({ configuration }) => configuration), descending };
    };
    expect(await sorted('validation.accuracy')).toEqual({ configurations: [2, 1, 0], descending: true });
    expect(await sorted('validation.accuracy&order=asc')).toEqual({ configurations: [0, 1, 2], descending: false });
    expect(await sorted('test.loss&order=best')).toEqual({ configurations: [0, 1, 2], descending: false });
  });

  it.each([
    ['sort=metric:validation.nonsense', 'sort', '"metric:validation.nonsense" is not one of value, updates'],
    ['sort=parameter:model.cel', 'sort', 'did you mean parameter:model.cell?'],
    ['sort=value;drop%20table', 'sort', 'must be value, updates'],
    ['where=model.hidden:3', 'where[0]', 'is not one of value'],
    ['where=model.cell', 'where[0]', 'must be PATH:VALUE, PATH:VALUE|VALUE or PATH:LOW..HIGH'],
    ['where=model.cell:gru%7C', 'where[0]', 'a value beside | is missing'],
    ['where=value:a..b', 'where[0]', 'must be numbers'],
    ['state=sleeping', 'state', 'is not one of completed, pruned, cancelled, running'],
    ['sort=updates&order=best', 'order', 'best applies to values and metrics only: use asc or desc'],
    ['cursor=abc', 'cursor', 'is not a cursor of this list'],
    ['limits=4', 'limits', 'unknown key; did you mean limit?'],
    ['limit=0', 'limit', 'must be at least 1'],
  ])('refuses %s', async (query, path, message) => {
    const id = await sweepOf(2);
    await finish(dataSource, id, () => 1);
    const { errors } = await get<any>(`/v1/sweeps/${id}/leaderboard?${query}`, 422);
    expect(errors).toEqual([{ path, message: expect.stringContaining(message) }]);
  });

  it('filters by several values: strings, numbers, booleans or lists', async () => {
    const training = { bptt: 4, batchSize: 2, updates: 4, reportEvery: 2, freeze: { choice: [[], ['embedding']] } };
    const optimizer = { choice: ['adam', 'adagrad', { kind: 'sgd', momentum: { uniform: [0.1, 0.9] } }] };
    const others = { learningRate: { logUniform: [1e-3, 1e-2] }, stateful: { choice: [true, false] } };
    const id = await sweepOf(40, { training: { ...training, ...others, optimizer } });
    await finish(dataSource, id, ({ configuration }) => configuration);
    const { parameters } = await get<Points>(`/v1/sweeps/${id}/points`);
    const text = (value: unknown): string => (typeof value === 'string' ? value : JSON.stringify(value));
    for (const place of [`sweeps/${id}/leaderboard`, 'leaderboard']) {
      const left = async (...where: string[]): Promise<Leaderboard['items']> => {
        const query = where.map((one) => `where=${encodeURIComponent(one)}`).join('&');
        return (await get<Leaderboard>(`/v1/${place}?limit=100&${query}`)).items;
      };
      const all = await left();
      const among = (fits: (own: Record<string, unknown>) => boolean): number[] =>
        all.flatMap(({ parameters, configuration }) => (fits(parameters) ? configuration! : []));
      const found = async (...where: string[]) => (await left(...where)).map(({ configuration }) => configuration!);
      const seen = [];
      for (const { path, values = [] } of parameters)
        for (const some of [values.slice(0, 1), values.slice(0, 2), values.slice(1)].filter(({ length }) => length)) {
          const condition = `${path}:${some.map(text).join('|')}`;
          const expected = among((own) => some.some((value) => isDeepStrictEqual(own[path], value)));
          expect([condition, await found(condition)]).toEqual([condition, expected]);
          seen.push(condition);
        }
      expect(seen).toEqual(
        expect.arrayContaining([
          'model.cell:rnn|gru',
          'model.hiddenSize:8|16',
          'training.freeze:[]|["embedding"]',
          'training.stateful:true|false',
          'training.optimizer:adagrad|sgd',
        ]),
      );
      const range = 'training.learningRate:2e-3..5e-3';
      const within = among((own) => {
        const rate = own['training.learningRate'] as number;
        return own['model.cell'] === 'gru' && rate >= 2e-3 && rate <= 5e-3;
      });
      expect(within.length).toBeGreaterThan(0);
      expect(await found('model.hiddenSize:8|1.6e1|24', range, 'model.cell:"gru"|lstm')).toEqual(within);
      const gru = among((own) => own['model.cell'] === 'gru');
      expect(await found('model.cell:gru|rnn', 'model.cell:gru|lstm')).toEqual(gru);
      expect(await found('value:3|7|100')).toEqual([3, 7]);
      expect(await found('updates:4|5', 'seconds:2|none')).toEqual([]);
    }
  });

  it('refuses a cursor from a different order', async () => {
    const id = await sweepOf(4);
    await finish(dataSource, id, () => 1);
    const { nextCursor } = await get<Leaderboard>(`/v1/sweeps/${id}/leaderboard?limit=2`);
    await get(`/v1/sweeps/${id}/leaderboard?limit=2&sort=updates&cursor=${nextCursor}`, 422);
    const second = await get<Leaderboard>(`/v1/sweeps/${id}/leaderboard?limit=2&cursor=${nextCursor}`);
    const back = await get<Leaderboard>(`/v1/sweeps/${id}/leaderboard?limit=2&cursor=${second.previousCursor}`);
    expect([second.items.length, back.items.length, back.previousCursor, second.total]).toEqual([2, 2, null, 4]);
  });
});

describe("the team's leaderboard", () => {
  it('ranks the configurations of all comparable sweeps, and no others', async () => {
    const first = await sweepOf(2, { name: 'first' });
    const second = await sweepOf(2, {
      name: 'second',
      training: { bptt: 8, batchSize: 2, updates: 4, reportEvery: 2 },
    });
    const words = await sweepOf(1, { name: 'words', task: { kind: 'language-model', tokens: 'word' } });
    for (const [id, value] of [
      [first, 2],
      [second, 1],
      [words, 0],
    ] as const)
      await finish(dataSource, id, ({ configuration }) => value + 2 * configuration);
    const board = await get<TeamLeaderboard>('/v1/leaderboard?dataset=tiny');
    expect(boards.teamLeaderboard.parse(board)).toEqual(board);
    expect(board.items.map(({ rank, sweepName, value }) => [rank, sweepName, value])).toEqual([
      [1, 'second', 1],
      [2, 'first', 2],
      [3, 'second', 3],
      [4, 'first', 4],
    ]);
    expect(board.board).toMatchObject({
      dataset: 'tiny',
      task: 'language-model',
      tokens: 'character',
      configurations: 4,
    });
    expect(board.boards.map(({ tokens, configurations }) => [tokens, configurations])).toEqual([
      ['character', 4],
      ['word', 1],
    ]);
    const other = await get<TeamLeaderboard>(`/v1/leaderboard?board=${board.boards[1]!.id}`);
    expect(other.items.map(({ sweepName }) => sweepName)).toEqual(['words']);
    expect(await get('/v1/boards')).toEqual({ items: board.boards });
  });

  it('is found by each name under which its data are registered', async () => {
    for (const [index, dataset] of ['zeta', 'alpha', 'tiny'].entries())
      await finish(dataSource, await sweepOf(2, { dataset }), () => index);
    for (const dataset of ['zeta', 'alpha', 'tiny'])
      expect(await get<TeamLeaderboard>(`/v1/leaderboard?dataset=${dataset}`)).toMatchObject({
        ...{ total: 6, board: { dataset, configurations: 6 }, boards: [{}] },
      });
    await get('/v1/leaderboard?dataset=beta', 404);
  });

  it('lists the data sets that have a leaderboard', async () => {
    await get('/v1/leaderboard', 404);
    const id = await sweepOf(1);
    await finish(dataSource, id, () => 1);
    const { detail } = await get<any>('/v1/leaderboard?dataset=tinny', 404);
    expect(detail).toContain('did you mean tiny?');
    expect((await get<any>('/v1/leaderboard?dataset=tiny&metric=validation.mse', 404)).detail).toContain(
      'bitsPerToken',
    );
  });
});

describe('a leaderboard as a file', () => {
  it('contains every row, as CSV and as JSON lines', async () => {
    const id = await sweepOf(2_100);
    await allowAnyState(dataSource);
    await dataSource.query(
      `update trials set state = 'completed', value = number, metrics = '{"validation.loss": 2}' where sweep_id = $1`,
      [id],
    );
    const csv = await api.call(`/v1/sweeps/${id}/export?format=csv`);
    expect(csv.headers.get('content-type')).toContain('text/csv');
    expect(csv.headers.get('content-disposition')).toBe(`attachment; filename="leaderboard-${id}.csv"`);
    const [head, ...lines] = (await csv.text()).trim().split('\r\n');
    expect(head).toContain('rank,tied,sweepId,sweepName,configuration');
    expect(head).toContain('validation.loss');
    expect(lines).toHaveLength(2_100);
    expect(new Set(lines.map((line) => line.split(',')[4])).size).toBe(2_100);
    const three = await (await api.call(`/v1/sweeps/${id}/export?format=jsonl&limit=3`)).text();
    expect(three.trim().split('\n')).toHaveLength(3);
    const jsonl = await (
      await api.call(`/v1/sweeps/${id}/export?format=jsonl&cell=gru&sort=parameter:training.learningRate`)
    ).text();
    const rows = jsonl
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line));
    const rates = rows.map(({ parameters }) => parameters['training.learningRate']);
    expect(rates).toEqual([...rates].sort((a, b) => a - b));
    expect(rows.every(({ parameters }) => parameters['model.cell'] === 'gru')).toBe(true);
    expect((await api.call('/v1/leaderboard/export?dataset=tiny')).status).toBe(200);
    expect((await api.call(`/v1/sweeps/${id}/export?format=xml`)).status).toBe(422);
  });
});

describe('the token type of a leaderboard', () => {
  const training = { batchSize: 2, updates: 4, reportEvery: 2, learningRate: { logUniform: [1e-3, 1e-2] } };
  const tokensOf = async (task: unknown, dataset: unknown = 'tiny'): Promise<string | null> => {
    await dataSource.query('delete from sweeps');
    const model = { cell: 'lstm', hiddenSize: 8, embeddingSize: 4 };
    const id = await sweepOf(1, { task, dataset, training, model });
    await finish(dataSource, id, () => 1);
    const { items } = await get<{ items: BoardView[] }>('/v1/boards');
    return items[0]!.tokens;
  };
  afterEach(() => dataSource.query('delete from datasets'));

  it('is given where it decides what is measured', async () => {
    expect(await tokensOf('tagging')).toBe('word');
    expect(await tokensOf('sequence-to-sequence')).toBe('character');
    for (const task of ['classification', 'regression', 'forecasting', 'multilabel-frames', 'tree-classification'])
      expect([task, await tokensOf(task)]).toEqual([task, null]);
  });

  it('is null for recordings, except in transcription', async () => {
    await dataSource.query(
      `insert into datasets (name, kind, fingerprint, bytes) values ('digits', 'audio', 'print', 1)`,
    );
    expect(await tokensOf('classification')).toBeNull();
    expect(await tokensOf('transcription')).toBe('character');
  });
});

describe('curves', () => {
  const report = async (id: string, points: number): Promise<string[]> => {
    const claim = (await claimTrials(dataSource, { ...claimant, lanes: 8 }, { sweepId: id, signature: '' }))!;
    const updates = Array.from({ length: points }, (_, index) => index + 1);
    const work = claim.trials.map((trial, lane) => {
      const values = updates.map((each) => (each === 3 ? NaN : lane + 1 / each));
      const curves = [
        { name: 'validation.bitsPerToken', updates, values },
        { name: 'train.loss', updates: [1], values: [1] },
      ];
      return attemptWork(trial, { value: lane, updates: points, sample: `at ${points}`, curves });
    });
    await commitWork(dataSource, work);
    return claim.trials.map(({ trialId }) => trialId);
  };

  it('of a sweep come in one response, best first, downsampled, with gaps as null', async () => {
    const id = await sweepOf(6, { model: { cell: 'rnn', hiddenSize: 8, embeddingSize: 4 } });
    const trialIds = await report(id, 500);
    const answer = await get<Curves>(`/v1/sweeps/${id}/curves?maxPoints=50`);
    expect(boards.curves.parse(answer)).toEqual(answer);
    expect(answer.items.map(({ trialId }) => trialId)).toEqual(trialIds);
    expect(answer.items.every(({ updates, values }) => updates.length === 50 && values.length === 50)).toBe(true);
    expect(answer.items[0]!.values).toContain(null);
    expect(answer.metrics).toEqual(['train.loss', 'validation.bitsPerToken']);
    const two = await get<Curves>(`/v1/curves?metric=train.loss&trial=${trialIds[4]}&trial=${trialIds[1]}`);
    expect(two.items.map(({ trialId, values }) => [trialId, values])).toEqual([
      [trialIds[4], [1]],
      [trialIds[1], [1]],
    ]);
    const other = await sweepOf(1);
    await get(`/v1/sweeps/${other}/curves?trial=${trialIds[0]}`, 422);
    await get('/v1/curves', 422);
  });

  it('come with a subset of the samples written during training', async () => {
    const id = await sweepOf(1, { model: { cell: 'rnn', hiddenSize: 8, embeddingSize: 4 } });
    const claim = (await claimTrials(dataSource, claimant, { sweepId: id, signature: '' }))!;
    const trial = claim.trials[0]!;
    for (let updates = 1; updates <= 300; updates += 1)
      await commitWork(dataSource, [attemptWork(trial, { value: 1, updates, sample: `text ${updates}` })]);
    const { items } = await get<any>(`/v1/trials/${trial.trialId}/samples`);
    expect(items[0]).toEqual({ update: 1, text: 'text 1' });
    expect(items.at(-1)).toEqual({ update: 300, text: 'text 300' });
    expect(items.length).toBeLessThan(35);
  });
});

describe('all trials of a sweep', () => {
  it('are given as points with their axes, and as the best value so far in order of completion', async () => {
    const id = await sweepOf(12);
    await finish(dataSource, id, ({ configuration }) => (configuration === 5 ? null : 20 - configuration));
    const points = await get<any>(`/v1/sweeps/${id}/points`);
    expect(boards.points.parse(points)).toEqual(points);
    expect(points.parameters).toEqual([
      { path: 'model.cell', scale: 'category', values: ['rnn', 'gru'] },
      { path: 'model.hiddenSize', scale: 'category', values: [8, 16] },
      { path: 'training.learningRate', scale: 'log' },
    ]);
    expect(points.items).toHaveLength(12);
    expect(points.items.map(({ configuration }: any) => configuration)).toEqual([11, 10, 9, 8, 7, 6, 4, 3, 2, 1, 0, 5]);
    expect(points.items[0].at).toHaveLength(3);
    const history = await get<any>(`/v1/sweeps/${id}/history`);
    const values = history.items.map(({ value }: any) => value);
    expect(history.items.map(({ best }: any) => best)).toEqual(
      values.map((_: number, index: number) => Math.min(...values.slice(0, index + 1))),
    );
    expect(values).toHaveLength(11);
  });
});

describe('two configurations', () => {
  it('are compared seed by seed', async () => {
    const id = await sweepOf(2, { search: { trials: 2, repeats: 3 } });
    await finish(dataSource, id, ({ configuration, seed }) => 10 * seed + (configuration ? [1, 2, 3][seed]! : 0));
    const [first, second] = await dataSource.query(
      'select id from trials where sweep_id = $1 and seed = 0 order by number',
      [id],
    );
    const answer = await get<any>(`/v1/comparison?first=${first.id}&second=${second.id}`);
    expect(boards.comparison.parse(answer)).toEqual(answer);
    expect(answer.pairs).toEqual([
      { seed: 0, fold: null, first: 0, second: 1 },
      { seed: 1, fold: null, first: 10, second: 12 },
      { seed: 2, fold: null, first: 20, second: 23 },
    ]);
    // t = −2 / (1 / √3) = −3.4641 with 2 degrees of freedom.
    expect(answer.difference).toMatchObject({ n: 3, mean: -2, deviation: 1 });
    expect(answer.difference.p).toBeCloseTo(0.0742, 3);
    expect(answer.first).toMatchObject({ configuration: 0, n: 3, mean: 10, deviation: 10 });
  });

  it('are not compared where they measured different things', async () => {
    const ids = [await sweepOf(1), await sweepOf(1, { task: { kind: 'language-model', tokens: 'word' } })];
    const trials = await dataSource.query('select id from trials order by sweep_id = $1 desc', [ids[0]]);
    const { detail } = await get<any>(`/v1/comparison?first=${trials[0].id}&second=${trials[1].id}`, 422);
    expect(detail).toContain('cannot be compared');
  });
});

describe('saved views', () => {
  it('are stored under a name with their own id, and can be deleted', async () => {
    const path = '/sweeps/ab12cd34?sort=seconds&where=model.cell%3Agru%7Clstm';
    const saved = (await (await api.post('/v1/views', { name: ' fast ones ', path })).json()) as any;
    expect(saved).toMatchObject({ name: 'fast ones', path });
    expect(await get(`/v1/views/${saved.id}`)).toEqual(saved);
    expect((await get<any>('/v1/views')).items).toEqual([saved]);
    expect((await api.call(`/v1/views/${saved.id}`, { method: 'DELETE' })).status).toBe(204);
    await get(`/v1/views/${saved.id}`, 404);
  });

  it.each([
    { name: 'elsewhere', path: 'https://example.org/' },
    { name: 'elsewhere', path: '//example.org/' },
    { name: 'elsewhere', path: '/\\example.org/' },
    { name: '', path: '/' },
    { name: 'x', path: '/', team: 1 },
  ])('refuse %j', async (body) => {
    expect((await api.post('/v1/views', body)).status).toBe(422);
    expect((await get<any>('/v1/views')).items).toEqual([]);
  });
});
