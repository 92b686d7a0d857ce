import { randomInt } from 'node:crypto';
import { createRequire } from 'node:module';
import { setTimeout as sleep } from 'node:timers/promises';
import { hasRedis } from '../support/servers.cjs';
import { require as requires, requireNothingLost, sharedServers, sweepOf, withFleet } from './support/fleet.mjs';
import { openProxy } from './support/proxy.mjs';

const require = createRequire(import.meta.url);

export const title = 'a fleet whose network takes 200 ms, loses every twentieth packet and breaks connections';
export const skipped = () => (hasRedis ? undefined : 'this machine has no redis-server');

/** Milliseconds one way; a lost packet is sent again after a timeout that doubles each time (RFC 6298), and what follows it waits. */
const oneWay = 100;
const loss = 0.05;
const retransmission = 300;
/** Seconds between two connections that stall for good, and until such a one breaks. */
const stallEvery = 5;
const stallSeconds = 4;

/** What a network does with a packet: how long it takes. A proxy, since not every kernel has netem. */
function networkOf(seed) {
  const { stream } = require('../../dist/libs/random/src/index.js');
  const draws = stream(seed, 'data');
  let index = 0;
  const draw = () => draws.uniform(0, (index += 1));
  const counts = { packets: 0, lost: 0 };
  const delay = () => {
    counts.packets += 1;
    let milliseconds = oneWay * (0.9 + 0.2 * draw());
    for (let timeout = retransmission; draw() < loss; timeout *= 2) {
      counts.lost += 1;
      milliseconds += timeout;
    }
    return milliseconds;
  };
  return { draw, delay, counts };
}

export default async ({ full, seed = randomInt(2 ** 31) }) => {
  const servers = await sharedServers();
  const network = networkOf(seed);
  const proxies = await Promise.all(
    [servers.postgres.url, servers.redis.url].map((url) => openProxy(new URL(url), { delay: network.delay })),
  );
  let over = false;
  let stalls = 0;
  try {
    return await withFleet({ leaseSeconds: 20 }, async (fleet) => {
      const far = {
        DATABASE_URL: proxies[0].url(fleet.databaseUrl),
        REDIS_URL: proxies[1].url(servers.redis.url),
      };
      // The schema is made nearby: hundreds of statements, one after the other.
      const near = await fleet.startApi();
      await fleet.startApi(far);
      near.kill('SIGTERM');
      await near.ended;
      await Promise.all([fleet.startWorker(far), fleet.startWorker(far)]);
      const stalling = (async () => {
        while (!over) {
          await sleep(stallEvery * 1000);
          if (proxies[network.draw() < 0.7 ? 0 : 1].stall(network.draw(), stallSeconds * 1000)) stalls += 1;
        }
      })();
      const trials = full ? 200 : 32;
      const began = performance.now();
      const sweeps = [
        await fleet.submit(sweepOf(trials, 200)),
        await fleet.submit(sweepOf(trials, 200, { stopping: { rule: 'asha', minUpdates: 50 } })),
      ];
      for (const { id } of sweeps) await fleet.ended(id, 600);
      over = true;
      await stalling;
      await requireNothingLost(fleet, sweeps[0].id, trials);
      const seconds = (performance.now() - began) / 1000;
      const lost = await fleet.one(`select count(*)::integer from attempts where state = 'lost'`);
      const { packets, lost: repeated } = network.counts;
      requires(
        stalls > 0 && repeated > 0,
        `${stalls} connections stalled, ${repeated} packets were lost: the network was too good`,
      );
      return (
        `seed ${seed}: 2 sweeps of ${trials} trials in ${seconds.toFixed(0)} s, 0 results lost or twice, ${lost} leases lost, ` +
        `by ${packets} chunks of which ${repeated} were sent again, and ${stalls} connections that stalled and broke`
      );
    });
  } finally {
    over = true;
    for (const proxy of proxies) proxy.close();
  }
};
