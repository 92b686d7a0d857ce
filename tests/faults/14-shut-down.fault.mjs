import { require, requireNothingLost, sweepOf, until, withFleet } from './support/fleet.mjs';

export const title = 'SIGTERM to a worker with running trials';

export default ({ full }) =>
  withFleet({ environment: { UNROLL_CHECKPOINT_SECONDS: '3600' } }, async (fleet) => {
    const [slots, lanes] = full ? [2, 4] : [1, 3];
    await fleet.startApi();
    const first = await fleet.startWorker({ UNROLL_SLOTS: String(slots), UNROLL_LANES: String(lanes) });
    const { id } = await fleet.submit(sweepOf(slots * lanes, full ? 4000 : 800));
    await until(
      'all run, and have reported',
      async () =>
        (await fleet.one(`select count(*)::integer from trials where state = 'running' and value is not null`)) ===
        slots * lanes,
      120,
    );
    const reported = await fleet.one(`select min(updates) from trials`);
    const asked = performance.now();
    first.kill('SIGTERM');
    const { code, at } = await first.ended;
    const took = (at - asked) / 1000;
    const [{ released, least }] = await fleet.query(
      `select count(*) filter (where attempts.state = 'released')::integer as released, min(checkpoint_update) as least
       from attempts join trials on trials.id = trial_id`,
    );
    require(took < 10 &&
      (code === 0 || code === null), `it took ${took.toFixed(1)} s and ended with ${code}\n${first.log.slice(-500)}`);
    require(released === slots * lanes, `${released} attempts were released`);
    require(least >= reported, `a checkpoint of update ${least}, though ${reported} had been reported`);
    await fleet.startWorker();
    await fleet.ended(id, 180);
    await requireNothingLost(fleet, id, slots * lanes);
    const from = await fleet.one(`select min(resumed_from) from attempts where state = 'succeeded'`);
    require(from >= least, `another worker started at update ${from}`);
    return `ended in ${took.toFixed(1)} s with ${released} checkpoints; another worker continued from update ${from}`;
  });
