import {
  cancelSweep,
  claimTrials,
  commitWork,
  deleteSweep,
  endOverspentSweeps,
  foldUsage,
  giveUpAttempts,
  retryTrial,
  Sweep,
} from '@unroll/database';
import { attemptWork, claimant, completed } from '../support/attempts';
import { useDatabase } from '../support/database';
import { smallSweep, writeSweep } from '../support/sweeps';

const dataSource = useDatabase({ clear: true });
const week = 604_800;

/** Inserts a sweep with a budget of one hour. */
async function submit(trials = 8): Promise<string> {
  const id = await writeSweep(dataSource, smallSweep({ search: { trials } }));
  await dataSource.getRepository(Sweep).update({ id }, { gpuHours: 1 });
  return id;
}

const stateOf = async (id: string): Promise<string> => {
  await endOverspentSweeps(dataSource.manager);
  return (await dataSource.getRepository(Sweep).findOneByOrFail({ id })).state;
};

/** Attempts that run have run for so many minutes. */
const ranFor = (minutes: number): Promise<unknown> =>
  dataSource.query(
    `update attempts set started_at = clock_timestamp() - make_interval(mins => $1) where state = 'running'`,
    [minutes],
  );

const claim = async (lanes: number) => (await claimTrials(dataSource, { ...claimant, lanes }))!.trials;

/** How often rows are added up before the budget is looked at: never, in between, or after each end. */
describe.each(['never', 'once', 'always'])('budget.gpuHours, added up %s', (often) => {
  const fold = async (when: string): Promise<void> => {
    if (often === 'always' || often === when) await foldUsage(dataSource.manager, week);
  };

  it('counts whatever has become of attempts, as their share of the lanes, and those that run', async () => {
    const id = await submit();
    const [first, second] = await claim(2);
    // 10 minutes in a trainer of two lanes each.
    await ranFor(20);
    await commitWork(dataSource, [attemptWork(first!, { value: 1, end: completed })]);
    await fold('always');
    await giveUpAttempts(dataSource.manager, [second!.attemptId], { state: 'failed', message: 'crashed' });
    await fold('once');
    const [third] = await claim(1);
    await ranFor(30);
    await commitWork(dataSource, [attemptWork(third!, { end: { ...completed, trialState: 'failed' } })]);
    await retryTrial(dataSource, third!.trialId);
    await fold('always');
    expect(await stateOf(id)).toBe('running');
    await claim(1);
    await ranFor(9);
    expect(await stateOf(id)).toBe('running');
    await ranFor(11);
    expect(await stateOf(id)).toBe('completed');
  });
});

it('does not read again what ended attempts used, and forgets it with the sweep', async () => {
  const id = await submit();
  const [first] = await claim(1);
  await ranFor(40);
  await commitWork(dataSource, [attemptWork(first!, { value: 1, end: completed })]);
  await foldUsage(dataSource.manager, week);
  await foldUsage(dataSource.manager, week);
  expect(await dataSource.query('select sweep_id, round(seconds / 60) as minutes from sweep_usage')).toEqual([
    { sweep_id: id, minutes: 40 },
  ]);
  // Nobody looks at the attempt, whatever it says now.
  await dataSource.query(`update attempts set started_at = '2020-01-01' where state <> 'running'`);
  expect(await stateOf(id)).toBe('running');
  await claim(1);
  await ranFor(10);
  await cancelSweep(dataSource, id);
  await deleteSweep(dataSource, id);
  await foldUsage(dataSource.manager, week);
  expect(await dataSource.query('select from sweep_usage')).toEqual([]);
  expect(await dataSource.query('select from sweep_usage_log')).toEqual([]);
});

/** An attempt that ran for so many minutes and has ended. */
async function ended(minutes: number): Promise<void> {
  const [trial] = await claim(1);
  await ranFor(minutes);
  await commitWork(dataSource, [attemptWork(trial!, { value: 1, end: completed })]);
}

it('counts what a leader of an earlier version, which adds up for teams alone, has emptied the log of', async () => {
  const id = await submit();
  await ended(59);
  const logged = await dataSource.query('delete from usage_log returning *');
  expect(Object.keys(logged[0][0])).toEqual(['team_id', 'member', 'began', 'ended', 'lanes']);
  expect(await stateOf(id)).toBe('running');
  await foldUsage(dataSource.manager, week);
  await claim(1);
  await ranFor(2);
  expect(await stateOf(id)).toBe('completed');
});

it('logs nothing for teams of an attempt that has none', async () => {
  const id = await submit();
  const [trial] = await claim(1);
  await dataSource.query(`delete from usage_log; update attempts set team_id = ''`);
  await commitWork(dataSource, [attemptWork(trial!, { value: 1, end: completed })]);
  expect(await dataSource.query('select from usage_log')).toEqual([]);
  expect(await dataSource.query('select from sweep_usage_log where sweep_id = $1', [id])).toHaveLength(1);
});

it('counts what ended before a deletion of its sweep that came to nothing', async () => {
  const id = await submit();
  await ended(59);
  const runner = dataSource.createQueryRunner();
  await runner.startTransaction();
  await runner.query('delete from sweeps where id = $1', [id]);
  await foldUsage(dataSource.manager, week);
  await runner.rollbackTransaction();
  await runner.release();
  await foldUsage(dataSource.manager, week);
  await claim(1);
  await ranFor(2);
  expect(await stateOf(id)).toBe('completed');
});

it('is not added up for sweeps without it', async () => {
  await writeSweep(dataSource, smallSweep());
  const trials = await claim(2);
  await commitWork(
    dataSource,
    trials.map((trial) => attemptWork(trial, { value: 1, end: completed })),
  );
  await foldUsage(dataSource.manager, week);
  expect(await dataSource.query('select from sweep_usage')).toEqual([]);
});
