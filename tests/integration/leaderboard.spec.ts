import type { Condition } from '@unroll/contracts';
import {
  cancelSweep,
  endOverspentSweeps,
  rankedPage,
  sortedPage,
  type BoardRequest,
  type BoardSort,
} from '@unroll/database';
import fc from 'fast-check';
import { finish } from '../support/board';
import { useDatabase } from '../support/database';
import { smallSweep, writeSweep } from '../support/sweeps';
import { allowAnyState } from '../support/unguarded';

const dataSource = useDatabase({ clear: true });

const sweepOf = (trials: number, changes: Record<string, unknown> = {}): Promise<string> =>
  writeSweep(
    dataSource,
    smallSweep({
      model: { cell: { choice: ['rnn', 'gru', 'lstm'] }, hiddenSize: { choice: [8, 16] }, embeddingSize: 4 },
      search: { trials },
      ...changes,
    }),
  );

interface Held {
  sweep_id: string;
  configuration: number;
  score: number;
  cell: string;
  state: string;
  parameters: Record<string, any>;
  metrics: Record<string, number>;
}

const held = (): Promise<Held[]> => dataSource.query('select * from configurations where score is not null');

type Page = Awaited<ReturnType<typeof rankedPage>>;

/** Reads all pages from first to last, then back to the first. */
async function walk(request: BoardRequest, read: (from?: any) => Promise<Page>) {
  const forward: Page[] = [await read()];
  while (forward.at(-1)!.hasNext)
    forward.push(await read({ position: forward.at(-1)!.rows.at(-1), direction: 'next' }));
  const back: Page[] = [forward.at(-1)!];
  while (back[0]!.hasPrevious) back.unshift(await read({ position: back[0]!.rows[0], direction: 'previous' }));
  const shown = (pages: Page[]) =>
    pages.flatMap(({ rows }) =>
      rows.map(({ sweepId, configuration, rank, tied }) => ({ sweepId, configuration, rank, tied })),
    );
  expect(forward.slice(0, -1).every(({ rows }) => rows.length === request.limit)).toBe(true);
  return { forward: shown(forward), back: shown(back) };
}

/** The expected rows and ranks, computed from all rows at once. */
function reference(rows: readonly Held[]) {
  const best = [...rows].sort(
    (a, b) =>
      a.score - b.score ||
      (a.sweep_id < b.sweep_id ? -1 : 1) * Number(a.sweep_id !== b.sweep_id) ||
      a.configuration - b.configuration,
  );
  return best.map(({ sweep_id: sweepId, configuration, score }) => ({
    ...{ sweepId, configuration },
    rank: 1 + rows.filter((other) => other.score < score).length,
    tied: rows.filter((other) => other.score === score).length > 1,
  }));
}

const levels = fc.array(fc.integer({ min: 0, max: 3 }), { minLength: 24, maxLength: 24 });

describe('a leaderboard in pages, forward and back', () => {
  it('shows every row once with its global rank, however many are equal', async () => {
    const [one, other] = [await sweepOf(16), await sweepOf(8)];
    for (const sweepId of [one, other]) await finish(dataSource, sweepId, () => 1);
    await fc.assert(
      fc.asyncProperty(
        levels,
        fc.integer({ min: 1, max: 9 }),
        fc.constantFrom<Partial<BoardRequest['filter']>>(
          {},
          { cell: 'gru' },
          { state: 'completed' },
          { cell: 'gru', state: 'completed' },
          { conditions: [{ path: 'value', low: 1, high: 2 }] },
          { conditions: [{ path: 'model.hiddenSize', equals: '16' }] },
          { conditions: [{ path: 'value', anyOf: ['0', '2'] }] },
          { conditions: [{ path: 'model.cell', anyOf: ['gru', 'rnn'] }] },
          {
            conditions: [
              { path: 'model.hiddenSize', anyOf: ['16', '32'] },
              { path: 'value', low: 1, high: 2 },
            ],
          },
          { conditions: [{ path: 'training.learningRate', low: 2e-3, high: null }] },
        ),
        fc.constantFrom('one', 'team'),
        fc.constantFrom(1, -1),
        async (values, limit, filter, place, sign) => {
          await dataSource.query(
            `update configurations set score = ($1::double precision[])[1 + configuration + case when sweep_id = $2 then 0 else 16 end],
               state = case when configuration % 3 = 0 then 'pruned' else 'completed' end`,
            [values.map((value) => value * sign), one],
          );
          const [{ comparisonKey, objective }] = await dataSource.query(
            'select comparison_key as "comparisonKey", objective from boards limit 1',
          );
          const whole = { conditions: [] as Condition[], ...filter };
          const request = {
            place: place === 'one' ? { sweepId: one } : { comparisonKey, objective },
            ...{ sign, filter: whole, limit },
          };
          const fits = ({ cell, state, score, parameters }: Held): boolean =>
            (whole.cell === undefined || cell === whole.cell) &&
            (whole.state === undefined || state === whole.state) &&
            whole.conditions.every((each) => {
              const value = each.path === 'value' ? score * sign : parameters[each.path];
              if ('equals' in each) return String(value) === each.equals;
              if ('anyOf' in each) return each.anyOf.includes(String(value));
              return (each.low ?? -Infinity) <= value && value <= (each.high ?? Infinity);
            });
          const rows = (await held()).filter((row) => fits(row) && (place === 'team' || row.sweep_id === one));
          const { forward, back } = await walk(request, (from) => rankedPage(dataSource, request, from));
          expect(forward).toEqual(reference(rows));
          expect(back).toEqual(forward);
        },
      ),
      { numRuns: 60 },
    );
  });

  it('does so in any other order too, with rows without a key last', async () => {
    const sweepId = await sweepOf(20, {
      training: {
        ...{ bptt: 4, batchSize: 2, updates: 4, reportEvery: 2, learningRate: { logUniform: [1e-3, 1e-2] } },
        optimizer: { choice: ['adam', { kind: 'sgd', momentum: { uniform: [0.1, 0.9] } }] },
      },
    });
    await finish(
      dataSource,
      sweepId,
      ({ configuration }) => configuration % 4,
      ({ configuration }) => ({
        ...{ updates: 4 + (configuration % 3), seconds: configuration % 5 },
        metrics: configuration % 2 ? { 'validation.loss': configuration % 3 } : {},
      }),
    );
    const rows = await held();
    expect(rows).toHaveLength(20);
    const orders: [BoardSort, (row: Held) => unknown][] = [
      [{ by: 'value' }, ({ score }) => score],
      [{ by: 'updates' }, (row: any) => row.updates],
      [{ by: 'seconds' }, (row: any) => row.seconds],
      [{ by: 'metric', name: 'validation.loss' }, ({ metrics }) => metrics['validation.loss']],
      [{ by: 'parameter', name: 'training.learningRate' }, ({ parameters }) => parameters['training.learningRate']],
      [
        { by: 'parameter', name: 'training.optimizer.momentum' },
        (row) => row.parameters['training.optimizer.momentum'],
      ],
      [{ by: 'parameter', name: 'model.cell' }, ({ parameters }) => parameters['model.cell']],
    ];
    for (const [sort, keyOf] of orders)
      for (const descending of [false, true]) {
        const request = { place: { sweepId }, sign: 1, filter: { conditions: [] }, limit: 3 };
        const read = (from?: any) => sortedPage(dataSource, request, sort, descending, from) as never;
        const { forward, back } = await walk(request, read);
        expect(back).toEqual(forward);
        const standings = new Map(reference(rows).map((row) => [row.configuration, row]));
        expect(forward).toHaveLength(20);
        for (const row of forward) expect(row).toEqual(standings.get(row.configuration));
        const keys = forward.map(({ configuration }) =>
          keyOf(rows.find((row) => row.configuration === configuration)!),
        );
        const missing = keys.findIndex((key) => key === undefined);
        const present = missing < 0 ? keys : keys.slice(0, missing);
        expect(keys.slice(present.length).every((key) => key === undefined)).toBe(true);
        const sorted = [...present].sort((a: any, b: any) => (a < b ? -1 : Number(a > b)) * (descending ? -1 : 1));
        expect(present).toEqual(sorted);
      }
  });
});

describe('the row of a configuration', () => {
  const only = (): Promise<any[]> => dataSource.query('select * from configurations order by configuration');

  it('is the mean over the seeds that have a value, with the best seed', async () => {
    const sweepId = await sweepOf(1, { search: { trials: 1, repeats: 3 } });
    await finish(dataSource, sweepId, ({ seed }) => [3, 1, null][seed]!);
    const [row] = await only();
    expect(row).toMatchObject({ score: 2, deviation: Math.SQRT2, repeats: 2, state: 'completed' });
    const [{ seed }] = await dataSource.query('select seed::integer from trials where id = $1', [row.best_trial]);
    expect(seed).toBe(1);
  });

  it('appears once a running trial has reported, and disappears when its only trial restarts', async () => {
    const sweepId = await sweepOf(1);
    expect(await only()).toEqual([]);
    await dataSource.query(`update trials set state = 'running', value = 4 where sweep_id = $1`, [sweepId]);
    expect((await only())[0]).toMatchObject({ score: 4, state: 'running' });
    await dataSource.query(`update trials set state = 'pending' where sweep_id = $1`, [sweepId]);
    expect((await only())[0]).toMatchObject({ score: null, repeats: 0 });
  });

  it('keeps what its trials had reached where its sweep is cancelled, or its time is used up', async () => {
    for (const end of [
      (id: string) => cancelSweep(dataSource, id),
      async (id: string) => {
        await dataSource.query(`update sweeps set wall_seconds = 0 where id = $1`, [id]);
        await endOverspentSweeps(dataSource.manager);
      },
    ]) {
      const sweepId = await sweepOf(3, { search: { trials: 3, repeats: 2 } });
      const set = (number: number, state: string, value: number | null) =>
        dataSource.query(`update trials set state = $3, value = $4 where sweep_id = $1 and number = $2`, [
          ...[sweepId, number, state, value],
        ]);
      // The first has one seed that was trained to its end, the second none, and the third has reported nothing.
      for (const [number, value] of [3, 9, 4, 6, null, null].entries()) await set(number, 'running', value);
      await set(0, 'completed', 3);
      await end(sweepId);
      const rows = await dataSource.query(
        `select configuration, score, repeats, state from configurations where sweep_id = $1 and score is not null order by 1`,
        [sweepId],
      );
      expect(rows).toEqual([
        { configuration: 0, score: 3, repeats: 1, state: 'completed' },
        { configuration: 1, score: 5, repeats: 2, state: 'cancelled' },
      ]);
    }
  });

  it('ranks larger values first if the goal is to maximize', async () => {
    const objective = { metric: 'validation.loss', goal: 'maximize', use: 'best' };
    const sweepId = await sweepOf(2, { objective });
    await finish(dataSource, sweepId, ({ configuration }) => configuration + 1);
    expect((await only()).map(({ score }) => score)).toEqual([-1, -2]);
  });

  it('includes both of two seeds that end at the same time in separate transactions', async () => {
    const sweepId = await sweepOf(1, { search: { trials: 1, repeats: 2 } });
    await allowAnyState(dataSource);
    const end = (seed: number, value: number): [string, unknown[]] => [
      `update trials set state = 'completed', value = $2 where sweep_id = $3 and number = $1`,
      [seed, value, sweepId],
    ];
    const [first, second] = [dataSource.createQueryRunner(), dataSource.createQueryRunner()];
    await first.startTransaction();
    await second.startTransaction();
    await first.query(...end(0, 1));
    const waiting = second.query(...end(1, 3));
    await first.commitTransaction();
    await waiting;
    await second.commitTransaction();
    await Promise.all([first.release(), second.release()]);
    expect((await only())[0]).toMatchObject({ score: 2, repeats: 2 });
  });
});
