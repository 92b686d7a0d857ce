import { Redis } from 'ioredis';
import { hasRedis, startRedis } from '../support/servers.cjs';
import { require, requireNothingLost, sweepOf, until, withFleet } from './support/fleet.mjs';
import { openProxy } from './support/proxy.mjs';
import { openPostgres } from './support/servers.mjs';

export const title = "Redis's primary is killed under load, and its replica promoted";
export const skipped = () => (hasRedis ? undefined : 'this machine has no redis-server');

/** A primary and its replica behind one address, as Sentinel or a managed service has them. */
async function openReplicatedRedis() {
  const [primary, replica] = [await startRedis(), await startRedis()];
  const ports = [primary, replica].map(({ url }) => Number(new URL(url).port));
  const target = { hostname: '127.0.0.1', port: ports[0] };
  const proxy = await openProxy(target);
  const own = new Redis(replica.url);
  own.on('error', () => undefined);
  await own.replicaof('127.0.0.1', ports[0]);
  return {
    url: proxy.url(primary.url),
    /** Whether the replica has all that the primary had when it was last in step. */
    isInStep: async () => /master_link_status:up/.test(await own.info('replication')),
    /** Replication is asynchronous: what the primary had acknowledged a moment ago may be missing. */
    failOver: async () => {
      primary.kill();
      await own.replicaof('no', 'one');
      target.port = ports[1];
    },
    stop: () => {
      own.disconnect();
      proxy.close();
      primary.kill();
      replica.kill();
    },
  };
}

export default async ({ full }) => {
  const servers = { postgres: await openPostgres(), redis: await openReplicatedRedis() };
  try {
    return await withFleet({ servers, leaseSeconds: 5 }, async (fleet) => {
      const trials = full ? 64 : 16;
      await fleet.startApi();
      await Promise.all([fleet.startWorker(), fleet.startWorker()]);
      await until('the replica is in step', servers.redis.isInStep);
      const first = await fleet.submit(sweepOf(trials, full ? 1000 : 300));
      await until('results arrive', async () => (await fleet.counts(first.id)).completed > 2, 180);
      // Submissions before, while and after it fails over: each that is accepted counts.
      const before = await fleet.submit(sweepOf(4, 100));
      const [during] = await Promise.all([fleet.submit(sweepOf(4, 100)), servers.redis.failOver()]);
      const began = performance.now();
      const after = await fleet.submit(sweepOf(4, 100));
      const queue = new Redis(servers.redis.url);
      queue.on('error', () => undefined);
      const list = `unroll-${new URL(fleet.databaseUrl).pathname.slice(1)}:tickets:wait`;
      await until('tickets or an end', async () => {
        const counts = await fleet.counts(after.id);
        return (await queue.llen(list).catch(() => 0)) > 0 || counts.completed === 4;
      });
      const back = (performance.now() - began) / 1000;
      queue.disconnect();
      for (const [{ id }, count] of [
        [first, trials],
        [before, 4],
        [during, 4],
        [after, 4],
      ]) {
        await fleet.ended(id, 240);
        await requireNothingLost(fleet, id, count);
      }
      require(back < 60, `tickets came after ${back.toFixed(1)} s`);
      const lost = await fleet.one(`select count(*)::integer from attempts where state = 'lost'`);
      return `tickets or results ${back.toFixed(1)} s after it failed over; ${trials + 12} results of 4 sweeps, 0 lost, ${lost} leases lost`;
    });
  } finally {
    servers.redis.stop();
    await servers.postgres.stop();
  }
};
