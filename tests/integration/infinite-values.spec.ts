import { claimTrials, readCurves } from '@unroll/database';
import { Committer } from '../../apps/worker/src/committer';
import { GroupRun } from '../../apps/worker/src/group-run';
import { Spool } from '../../apps/worker/src/spool';
import { claimant } from '../support/attempts';
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
