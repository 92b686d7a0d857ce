import { claimTrials, commitWork, retryTrial, type AttemptWork, type ClaimedTrial } from '@unroll/database';
import { proposeTrials } from '../../apps/api/src/scheduler/advance';
import { Searches } from '../../apps/api/src/scheduler/searches';
import { replaySweep } from '../../apps/api/src/sweeps/replay';
import { attemptWork, claimant, claims, completed } from '../support/attempts';
import { useDatabase } from '../support/database';
import { useSearchThreads } from '../support/search-threads';
import { emptySweep, smallSweep } from '../support/sweeps';

const dataSource = useDatabase({ clear: true });
const threads = useSearchThreads();

const end = (trial: ClaimedTrial, value: number): AttemptWork =>
  attemptWork(trial, { value, updates: 4, end: completed });

/** Claims all pending trials and ends each with its learning rate. */
async function trainAll(): Promise<void> {
  for await (const { trials } of claims(dataSource))
    await commitWork(
      dataSource,
      trials.map((trial) => end(trial, trial.spec.training.learningRate)),
    );
}

it('a search learns the value of a configuration that had failed, once it is retried, and replays identically', async () => {
  const spec = smallSweep({ search: { algorithm: 'tpe', trials: 40, seed: 3 } });
  const sweep = await emptySweep(dataSource, spec, 4);
  const searches = new Searches(threads);
  await proposeTrials(dataSource.manager, searches);
  const fail = async (trial: ClaimedTrial): Promise<unknown> =>
    commitWork(dataSource, [
      attemptWork(trial, { end: { ...completed, trialState: 'failed', message: 'out of luck' } }),
    ]);
  const { trials } = (await claimTrials(dataSource, claimant))!;
  const failed = trials[0]!.trialId;
  for (const trial of trials.slice(0, 2)) await fail(trial);
  for (const trial of trials.slice(2)) await commitWork(dataSource, [end(trial, 2)]);
  const logged = async (): Promise<unknown[]> =>
    (await dataSource.query(`select learned from proposals order by first desc limit 1`))[0].learned;
  await proposeTrials(dataSource.manager, searches);
  expect(await logged()).toEqual(
    expect.arrayContaining([
      [0, null, 1],
      [1, null, 1],
      [2, 2, 1],
    ]),
  );
  // While it waits again, and where it fails again, there is nothing to learn.
  for (const outcome of ['fails', 'succeeds']) {
    await retryTrial(dataSource, failed);
    const again = (await claimTrials(dataSource, { ...claimant, lanes: 1 }))!.trials[0]!;
    expect(again.trialId).toBe(failed);
    await trainAll();
    await proposeTrials(dataSource.manager, searches);
    expect(JSON.stringify(await logged())).not.toContain('[0,');
    if (outcome === 'fails') await fail(again);
    else await commitWork(dataSource, [end(again, 0.01)]);
    await trainAll();
    // A leader that knows nothing but the log goes on in the same way.
    await searches.forget(sweep.id);
    await proposeTrials(dataSource.manager, searches);
    const own = (await logged()).filter((each) => (each as number[])[0] === 0);
    expect(own).toEqual(outcome === 'fails' ? [] : [[0, 0.01, 1]]);
  }
  await trainAll();
  await proposeTrials(dataSource.manager, searches);
  expect(JSON.stringify(await logged())).not.toContain('[0,');
  expect((await replaySweep(dataSource, threads, sweep)).proposals.different).toBe(0);
});
