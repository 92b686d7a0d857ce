import { claimTrials, commitWork, giveUpAttempts, retryTrial } from '@unroll/database';
import { attemptWork, claimant } from '../support/attempts';
import { useDatabase } from '../support/database';
import { smallSweep, writeSweep } from '../support/sweeps';

const dataSource = useDatabase({ clear: true });

/** A trial that has reported up to update 5, with a checkpoint at update 2. */
async function atUpdateTwo() {
  await writeSweep(dataSource, smallSweep({ search: { trials: 1 } }));
  const trial = (await claimTrials(dataSource, claimant))!.trials[0]!;
  const curves = [
    { name: 'train.loss', updates: [1, 2, 3], values: [NaN, 8, 7] },
    { name: 'validation.bitsPerToken', updates: [1, 2, 3], values: [6, 5, 4] },
  ];
  const checkpoint = { name: 'state-2', update: 2 };
  await commitWork(dataSource, [attemptWork(trial, { value: 4, updates: 3, curves, checkpoint })]);
  const later = [{ name: 'validation.bitsPerToken', updates: [4, 5], values: [2, 1] }];
  await commitWork(dataSource, [attemptWork(trial, { value: 1, updates: 5, curves: later })]);
  return trial;
}

const lose = (attemptId: string, forget = false): Promise<unknown> =>
  dataSource.transaction((manager) =>
    giveUpAttempts(manager, [attemptId], { state: 'lost', message: 'the worker did not renew its lease', forget }),
  );

it('a trial that waits shows what its checkpoint has, by the objective, and nothing if it starts over', async () => {
  const shown = (): Promise<unknown[]> =>
    dataSource.query(
      `select value, trials.metrics, trials.updates, score from trials left join configurations using (sweep_id, configuration)`,
    );
  const bits = (best: number, loss: number) => ({ 'validation.bitsPerToken': best, 'train.loss': loss });
  const { attemptId, trialId } = await atUpdateTwo();
  expect(await shown()).toMatchObject([{ value: 1, updates: 5 }]);
  await lose(attemptId);
  expect(await shown()).toEqual([{ value: 5, metrics: bits(5, 8), updates: 2, score: 5 }]);
  await dataSource.query(
    `update sweeps set objective = '{"metric": "validation.bitsPerToken", "goal": "maximize", "use": "best"}'`,
  );
  const { trials: again } = (await claimTrials(dataSource, claimant))!;
  await lose(again[0]!.attemptId);
  expect(await shown()).toMatchObject([{ value: 6, metrics: { 'validation.bitsPerToken': 6 }, updates: 2, score: -6 }]);
  const { trials: third } = (await claimTrials(dataSource, claimant))!;
  await lose(third[0]!.attemptId, true);
  expect(await shown()).toEqual([{ value: null, metrics: {}, updates: 0, score: null }]);
  // One that had failed beyond its checkpoint has what that has once it is retried.
  await dataSource.query(
    `update trials set state = 'running', value = 4, updates = 9, checkpoint = 'state-1', checkpoint_update = 1,
            adopted = '{"update": 1, "metrics": {"validation.bitsPerToken": 7}}'`,
  );
  await dataSource.query(`update trials set state = 'failed'`);
  await retryTrial(dataSource, trialId);
  expect(await shown()).toEqual([{ value: 7, metrics: { 'validation.bitsPerToken': 7 }, updates: 1, score: -7 }]);
});
