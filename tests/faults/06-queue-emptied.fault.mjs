import { Redis } from 'ioredis';
import { require, requireNothingLost, sweepOf, until, withFleet } from './support/fleet.mjs';
import { hasRedis, startRedis } from '../support/servers.cjs';
import { openPostgres } from './support/servers.mjs';

export const title =
  'the queue is emptied (FLUSHALL) in the middle of a sweep, and Redis is killed and comes back empty';
export const skipped = () => (hasRedis ? undefined : 'this machine has no redis-server');

export default async ({ full }) => {
  const servers = { postgres: await openPostgres(), redis: await startRedis() };
  try {
    return await withFleet({ servers }, async (fleet) => {
      const trials = full ? 400 : 60;
      await fleet.startApi();
      // A sweep of many trials without a worker: the queue contains only the window.
      const many = await fleet.submit(sweepOf(100_000, 1));
      const redis = new Redis(servers.redis.url);
      redis.on('error', () => undefined);
      const list = `unroll-${new URL(fleet.databaseUrl).pathname.slice(1)}:tickets:wait`;
      const waiting = () => redis.llen(list);
      await until('the window is full', async () => (await waiting()) === 64);
      const [keys, rows] = [await redis.dbsize(), await fleet.one(`select count(*)::integer from trials`)];
      require(keys < 64 + 20 && rows <= 1024, `${keys} keys in Redis and ${rows} rows for 100,000 trials`);
      await fleet.call(`/v1/sweeps/${many.id}/cancel`, { body: {} });

      await fleet.startWorker({ UNROLL_LANES: '2' });
      const { id } = await fleet.submit(sweepOf(trials, 150));
      const half = (part) =>
        until('some have completed', async () => ((await fleet.counts(id)).completed ?? 0) >= part * trials, 120);
      await half(0.2);
      await redis.flushall();
      const flushed = performance.now();
      await until('tickets are there again', async () => (await waiting()) > 0, 60);
      const rebuilt = (performance.now() - flushed) / 1000;
      await half(0.4);
      servers.redis.kill();
      await half(0.6);
      await servers.redis.start();
      const back = performance.now();
      await until('tickets are there again', async () => (await waiting().catch(() => 0)) > 0, 60);
      const again = (performance.now() - back) / 1000;
      await fleet.ended(id, 300);
      await requireNothingLost(fleet, id, trials);
      redis.disconnect();
      const times = `${rebuilt.toFixed(1)} s after FLUSHALL and ${again.toFixed(1)} s after Redis came back`;
      const sizes = `100,000 pending trials: ${keys} keys in Redis, ${rows} rows`;
      return `rebuilt ${times}; ${trials} results, 0 lost; ${sizes}`;
    });
  } finally {
    servers.redis.kill();
    await servers.postgres.stop();
  }
};
