import { require, requireNothingLost, sweepOf, withFleet } from './support/fleet.mjs';
import { openProxy } from './support/proxy.mjs';

export const title = 'the API is killed at every point between a submission and its tickets';

export default ({ full }) =>
  withFleet({ environment: { UNROLL_LEASE_SECONDS: '5' } }, async (fleet) => {
    const points = full ? 60 : 5;
    let left = Infinity;
    let api;
    const proxy = await openProxy(new URL(fleet.databaseUrl), {
      onAnswer(type) {
        // After each answer of the database: the statement is done, and the API does not know.
        if (type !== 'Z' || (left -= 1) > 0) return true;
        left = Infinity;
        api.kill();
        return false;
      },
    });
    try {
      const start = async () => (api = await fleet.startApi({ DATABASE_URL: proxy.url(fleet.databaseUrl) }));
      await start();
      await fleet.startWorker();
      let killed = 0;
      for (let point = 1; point <= points; point += 1) {
        const spec = sweepOf(3, 5, { name: `point ${point}` });
        const headers = { 'idempotency-key': `point-${point}` };
        left = full ? point : point * 5;
        let sweep = await fleet.submit(spec, headers).catch(() => undefined);
        if (left === Infinity || (await Promise.race([api.ended, new Promise((done) => setTimeout(done, 3000))]))) {
          await api.ended;
          killed += 1;
          await start();
        }
        // As the command line does: a request with the same key gives the same sweep.
        sweep = await fleet.submit(spec, headers);
        await fleet.ended(sweep.id, 60);
        await requireNothingLost(fleet, sweep.id, 3);
      }
      left = Infinity;
      const [{ sweeps, trials, attempts }] = await fleet.query(
        `select (select count(*)::integer from sweeps) as sweeps, (select count(*)::integer from trials) as trials,
                (select count(*)::integer from attempts) as attempts`,
      );
      require(sweeps === points && trials === 3 * points && attempts === trials, JSON.stringify({
        sweeps,
        trials,
        attempts,
      }));
      require(killed >= points * 0.8, `only ${killed} of ${points} kills struck`);
      return `${killed} kills at ${points} points: ${sweeps} sweeps, ${trials} trials, each run once`;
    } finally {
      proxy.close();
    }
  });
