import { require, requireNothingLost, sweepOf, until, withFleet } from './support/fleet.mjs';
import { openProxy } from './support/proxy.mjs';

export const title = 'a worker crashes after a result is committed and before it learns of the commit';

export default ({ full }) =>
  withFleet({}, async (fleet) => {
    const crashes = full ? 100 : 2;
    await fleet.startApi();
    let worker;
    let crashed = 0;
    const proxy = await openProxy(new URL(fleet.databaseUrl), {
      onAsk(text, connection) {
        if (text.includes('"state":"completed"')) connection.result = true;
      },
      onAnswer(type, body, connection) {
        // Ready for the next query, and in no transaction: what was asked before is committed.
        if (type !== 'Z' || !connection.result || body.toString() !== 'I') return true;
        connection.result = false;
        crashed += 1;
        worker.kill();
        return false;
      },
    });
    try {
      const { id } = await fleet.submit(sweepOf(crashes, 10));
      while (!(await fleet.one(`select finished_at is not null from sweeps where id = $1`, [id]))) {
        worker = await fleet.startWorker({ DATABASE_URL: proxy.url(fleet.databaseUrl), UNROLL_LANES: '1' });
        const before = crashed;
        await until(
          'the worker has crashed',
          async () =>
            crashed > before || (await fleet.one(`select finished_at is not null from sweeps where id = $1`, [id])),
          60,
        );
        if (crashed > before) await worker.ended;
      }
      await requireNothingLost(fleet, id, crashes);
      const attempts = await fleet.one(`select count(*)::integer from attempts where state = 'succeeded'`);
      const others = await fleet.one(
        `select count(*)::integer from attempts join trials on trials.id = trial_id where attempts.started_at > trials.finished_at`,
      );
      require(crashed === crashes &&
        attempts === crashes &&
        others === 0, `${crashed} crashes, ${attempts} results, ${others} trained again`);
      return `${crashes} crashes between commit and answer: ${attempts} results, none trained again`;
    } finally {
      proxy.close();
    }
  });
