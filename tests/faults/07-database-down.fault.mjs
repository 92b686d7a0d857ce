import { setTimeout as sleep } from 'node:timers/promises';
import { require, requireNothingLost, sweepOf, until, withFleet } from './support/fleet.mjs';
import { hasRedis, startRedis } from '../support/servers.cjs';
import { openPostgres } from './support/servers.mjs';

export const title = 'PostgreSQL is down for longer than a lease while results arrive';

export default async ({ full }) => {
  const servers = { postgres: await openPostgres(), redis: hasRedis ? await startRedis() : undefined };
  try {
    return await withFleet({ servers, leaseSeconds: full ? 20 : 3 }, async (fleet) => {
      const [trials, seconds] = full ? [24, 60] : [8, 6];
      await fleet.startApi();
      await fleet.startWorker({ UNROLL_SLOTS: '2', UNROLL_LANES: String(trials / 2) });
      const { id } = await fleet.submit(sweepOf(trials, full ? 1500 : 800));
      await until('all run', async () => (await fleet.counts(id)).running === trials);
      const ids = (await fleet.query(`select id from attempts order by id`)).map((row) => row.id);
      const claimedFor = await fleet.one(
        `select max(lease_until) - clock_timestamp() < interval '21 seconds' from attempts`,
      );
      require(claimedFor, 'a lease was longer than it should be');
      await servers.postgres.stop();
      await sleep(seconds * 1000);
      await servers.postgres.start();
      const back = performance.now();
      await fleet.ended(id, 60);
      const took = (performance.now() - back) / 1000;
      await requireNothingLost(fleet, id, trials);
      const now = (await fleet.query(`select id from attempts order by id`)).map((row) => row.id);
      require(JSON.stringify(now) === JSON.stringify(ids), `trained again: ${now.length - ids.length} more attempts`);
      require(took < 30, `it took ${took.toFixed(1)} s`);
      return `${seconds} s down: all ${trials} results in ${took.toFixed(1)} s after its return, none trained again`;
    });
  } finally {
    servers.redis?.kill();
    await servers.postgres.stop();
  }
};
