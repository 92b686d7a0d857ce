import { Queue } from 'bullmq';
import { require, requireNothingLost, sweepOf, withFleet } from './support/fleet.mjs';
import { hasRedis } from '../support/servers.cjs';

export const title = 'each ticket is delivered ten times';
export const skipped = () => (hasRedis ? undefined : 'this machine has no redis-server');

export default ({ full }) =>
  withFleet({}, async (fleet) => {
    const trials = full ? 400 : 40;
    await fleet.startApi();
    await fleet.startWorker({ UNROLL_LANES: '2' });
    await fleet.startWorker({ UNROLL_LANES: '2' });
    const prefix = `unroll-${new URL(fleet.databaseUrl).pathname.slice(1)}`;
    const queue = new Queue('tickets', { connection: { url: fleet.servers.redis.url }, prefix });
    const seen = new Set();
    let copies = 0;
    let over = false;
    const doubling = (async () => {
      while (!over)
        for (const job of await queue.getWaiting(0, 200)) {
          if (seen.has(job.id)) continue;
          const added = await queue.addBulk(
            Array.from({ length: 9 }, () => ({
              name: 'claim',
              data: job.data,
              opts: { attempts: 1, removeOnComplete: true, removeOnFail: true },
            })),
          );
          for (const { id } of [job, ...added]) seen.add(id);
          copies += added.length;
        }
    })();
    const { id } = await fleet.submit(sweepOf(trials, 20));
    await fleet.ended(id, 300);
    over = true;
    await doubling;
    await queue.close();
    await requireNothingLost(fleet, id, trials);
    const attempts = await fleet.one(`select count(*)::integer from attempts`);
    require(attempts === trials, `${attempts} attempts for ${trials} trials`);
    return `${copies} copies of tickets: ${trials} results by ${attempts} attempts`;
  });
