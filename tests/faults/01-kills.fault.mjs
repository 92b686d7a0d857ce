import { setTimeout as sleep } from 'node:timers/promises';
import { require, requireNothingLost, sweepOf, withFleet } from './support/fleet.mjs';

export const title = 'a worker or a trainer is killed every 2 s while it has attempts in flight';

export default ({ full }) =>
  withFleet({ environment: { UNROLL_CHECKPOINT_UPDATES: '50' } }, async (fleet) => {
    // At small size the kills end after a few, so that a slow machine, which is killed more often per trial, ends as well.
    const [trials, updates, every, least, most] = full ? [1000, 100, 2000, 50, Infinity] : [16, 300, 500, 2, 3];
    await fleet.startApi();
    let over = false;
    const kills = { worker: 0, trainer: 0 };
    const keepAlive = async () => {
      // A worker that is killed while it starts is restarted like any other.
      while (!over)
        await fleet.startWorker().then(
          ({ ended }) => ended,
          () => undefined,
        );
    };
    const workers = [keepAlive(), keepAlive()];
    const { id } = await fleet.submit(sweepOf(trials, updates));
    const killing = (async () => {
      for (let turn = 0; !over && kills.worker + kills.trainer < most; turn += 1) {
        await sleep(every);
        // A trial that crashed twice alone in a trainer is spared: after a third crash it would rightly fail as a poison trial.
        const busy = await fleet.query(
          `select workers.pid, workers.trainers, exists (
             select from attempts now where now.worker_id = workers.id and now.state = 'running' and now.lanes = 1 and 2 <= (
               select count(*) from attempts earlier
               where earlier.trial_id = now.trial_id and earlier.state = 'failed' and earlier.lanes = 1)) as spared
           from workers where exists (select from attempts where worker_id = workers.id and state = 'running'
             and started_at < clock_timestamp() - interval '100 milliseconds') order by random()`,
        );
        const victim = busy.find(({ pid }) =>
          fleet.processes.some(
            (each) => each.pid === pid && each.child.exitCode === null && each.child.signalCode === null,
          ),
        );
        if (over || !victim) continue;
        const kind = turn % 2 || victim.spared ? 'worker' : 'trainer';
        try {
          process.kill(kind === 'worker' ? victim.pid : victim.trainers[0], 'SIGKILL');
          kills[kind] += 1;
        } catch {
          // It has just ended.
        }
      }
    })();
    try {
      await fleet.ended(id, full ? 1800 : 200);
    } finally {
      over = true;
      await killing;
    }
    for (const running of fleet.processes) if (running.app === 'worker') running.kill();
    await Promise.all(workers);
    await requireNothingLost(fleet, id, trials);
    const total = kills.worker + kills.trainer;
    require(total >= least, `only ${total} kills: fewer than ${least}`);
    const attempts = await fleet.one(`select count(*)::integer from attempts`);
    const killed = `${kills.worker} kills of workers and ${kills.trainer} of trainers`;
    return `${trials} results, 0 duplicated, 0 lost, after ${killed}; ${attempts} attempts`;
  });
