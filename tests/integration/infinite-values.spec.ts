import {
  claimTrials,
  commitWork,
  earlierOutcomes,
  endSatisfiedSweeps,
  finishedConfigurations,
  readCurves,
} from '@unroll/database';
import { Committer } from '../../apps/worker/src/committer';
import { GroupRun } from '../../apps/worker/src/group-run';
import { Spool } from '../../apps/worker/src/spool';
import { attemptWork, claimant, completed } from '../support/attempts';
import { useApi } from '../support/api';
import { useDatabase } from '../support/database';
import { temporaryFolder } from '../support/servers.cjs';
import { smallSweep, writeSweep } from '../support/sweeps';

const dataSource = useDatabase();
const api = useApi(dataSource);
const metric = 'validation.perplexity';

describe('values that are not finite', () => {
  it('are stored, and infinite ones rank last in every order and form; what is not a number has no rank', async () => {
    const objective = { metric, goal: 'minimize', use: 'best' } as const;
    const sweepId = await writeSweep(dataSource, smallSweep({ objective, search: { trials: 4 } }));
    const claim = (await claimTrials(dataSource, claimant))!;
    const run = new GroupRun(claim);
    const committer = new Committer(dataSource, new Spool(temporaryFolder()));
    const refused: string[] = [];
    committer.onLost = (lost) => void refused.push(...lost.refused);
    committer.add(run);
    const { groupId } = claim;
    const values = [3, Infinity, 2, NaN];
    for (const [index, { attemptId }] of claim.trials.entries()) {
      const report = { update: 2, metrics: { [metric]: values[index]! } };
      run.report({ type: 'report', groupId, attemptId, report });
      const outcome = { state: 'completed' as const, updates: 2, seconds: 1, stepsPerSecond: 2 };
      run.outcome({ type: 'outcome', groupId, attemptId, outcome, model: null });
    }
    await committer.commit();
    expect(refused).toEqual([]);
    const message = `${metric} was not a number in every report: the trial has no value and no rank`;
    expect(await dataSource.query('select state, value, message from trials order by number')).toEqual([
      { state: 'completed', value: 3, message: null },
      { state: 'completed', value: Infinity, message: null },
      { state: 'completed', value: 2, message: null },
      { state: 'completed', value: null, message },
    ]);
    const ids = claim.trials.map(({ trialId }) => trialId);
    const curves = await readCurves(dataSource, ids);
    expect(ids.map((id) => curves.get(id)![0]!.values)).toEqual(values.map((value) => [value]));
    await expectRankedLast(sweepId);
  });
});

describe('values as large as a double', () => {
  it('of several seeds have a mean, and hold up neither the commits nor the search', async () => {
    const objective = { metric, goal: 'minimize', use: 'best' } as const;
    const spec = smallSweep({ objective, search: { trials: 6, repeats: 2 }, budget: { patience: 5 } });
    const sweepId = await writeSweep(dataSource, spec);
    const { trials } = (await claimTrials(dataSource, { ...claimant, lanes: 12 }))!;
    const largest = Number.MAX_VALUE;
    const values = [[1e200, 3e200], [largest, largest], [largest, 1e-200], [2, 4], [Infinity, 1e200], [1e308, 9e307]]; // oxfmt-ignore
    const work = values.flat().map((value, index) => {
      const metrics = { [metric]: value, 'train.loss': index % 2 === 0 ? value : 1 };
      return attemptWork(trials[index]!, { value, metrics, updates: 4, end: completed });
    });
    // Seeds of one configuration end in one commit, and in two.
    await commitWork(dataSource, work.slice(0, 3));
    await commitWork(dataSource, work.slice(3));
    const rows = await dataSource.query(
      `select score, deviation, metrics from configurations where sweep_id = $1 order by configuration`,
      [sweepId],
    );
    const halves = values.map(([a, b]) => a! / 2 + b! / 2);
    for (const [index, { score, metrics }] of rows.entries()) {
      const expected = halves[index]!;
      expect([index, Number.isFinite(expected) ? score / expected : score]).toEqual([
        index,
        Number.isFinite(expected) ? expect.closeTo(1, 12) : expected,
      ]);
      if (Number.isFinite(expected)) expect(metrics[metric]).toBe(score);
    }
    expect(rows[0].deviation / 1e200).toBeCloseTo(Math.SQRT2, 12);
    expect(rows[3]).toMatchObject({ score: 3, deviation: Math.SQRT2 });
    const numbers = values.flat().map((_, number) => number);
    const learned = await finishedConfigurations(dataSource.manager, sweepId, numbers);
    expect(learned.map(({ configuration, value }) => [configuration, value])).toEqual(
      expect.arrayContaining([
        [0, rows[0].score],
        [3, 3],
        [4, null],
      ]),
    );
    const [{ key }] = await dataSource.query(`select comparison_key as key from boards where sweep_id = $1`, [sweepId]);
    const earlier = await earlierOutcomes(dataSource.manager, sweepId, [key], objective, 10);
    expect(earlier.map(({ value }) => value)).toEqual(
      rows
        .map(({ score }: any) => score)
        .filter(Number.isFinite)
        .sort((a: number, b: number) => a - b),
    );
    await endSatisfiedSweeps(dataSource.manager);
    const { items } = (await (await api.call(`/v1/sweeps/${sweepId}/leaderboard`)).json()) as any;
    expect(items.map(({ configuration }: any) => configuration)).toEqual(
      [3, 0, 5, 2, 1, 4].sort((a, b) => rows[a].score - rows[b].score || a - b),
    );
  });
});

async function expectRankedLast(sweepId: string): Promise<void> {
  const read = async (path: string): Promise<any> => (await api.call(`/v1/sweeps/${sweepId}${path}`)).json();
  const ranks = ({ items }: any): unknown[] => items.map(({ rank, value }: any) => [rank, value]);
  const order = [
    [1, 2],
    [2, 3],
    [3, 'Infinity'],
  ];
  expect(ranks(await read('/leaderboard'))).toEqual(order);
  for (const [sort, expected] of [
    ['best', order],
    ['desc', order.toReversed()],
  ] as const) {
    const pages: unknown[] = [];
    for (let cursor: string | null = ''; cursor !== null;) {
      const page: any = await read(`/leaderboard?limit=1&order=${sort}${cursor && `&cursor=${cursor}`}`);
      pages.push(...ranks(page));
      cursor = page.nextCursor;
    }
    expect(pages).toEqual(expected);
  }
  const csv = (await (await api.call(`/v1/sweeps/${sweepId}/export?format=csv`)).text()).split('\r\n');
  const place = csv[0]!.split(',').indexOf('value');
  expect(csv.slice(1, 4).map((line) => line.split(',')[place])).toEqual(['2', '3', 'Infinity']);
  const { items } = await read('/trials');
  expect(items.map(({ value }: any) => value)).toEqual([3, 'Infinity', 2, null]);
  expect((await read('')).best).toMatchObject({ value: 2 });
  expect((await read('/points')).items.map(({ value }: any) => value).sort()).toEqual([2, 3, null]);
  expect((await read('/history')).items.map(({ value }: any) => value)).toEqual([3, 2]);
}
