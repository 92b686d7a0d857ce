import { execFileSync } from 'node:child_process';
import { setTimeout as sleep } from 'node:timers/promises';
import { require, requireNothingLost, sweepOf, until, withFleet } from './support/fleet.mjs';
import { openProxy } from './support/proxy.mjs';
import { hasRedis } from '../support/servers.cjs';

export const title = 'a worker is cut off from Redis alone, then from PostgreSQL alone (network namespace)';

const name = `unroll-${process.pid}`;
const ip = (...args) => execFileSync('ip', args, { stdio: 'pipe' });

export function skipped() {
  if (!hasRedis) return 'this machine has no redis-server';
  try {
    ip('netns', 'add', name);
    ip('netns', 'delete', name);
    return undefined;
  } catch {
    return 'network namespaces need root and the program ip';
  }
}

/** Creates a network namespace with two routes out, each of which can be cut alone. */
function openNamespace() {
  ip('netns', 'add', name);
  ip('-n', name, 'link', 'set', 'lo', 'up');
  const hosts = [0, 1].map((way) => {
    const [outside, inside] = [`ur${process.pid % 10_000}${way}o`, `ur${process.pid % 10_000}${way}i`];
    ip('link', 'add', outside, 'type', 'veth', 'peer', 'name', inside);
    ip('link', 'set', inside, 'netns', name);
    const net = `10.213.${(process.pid + way) % 250}`;
    ip('addr', 'add', `${net}.1/24`, 'dev', outside);
    ip('link', 'set', outside, 'up');
    ip('-n', name, 'addr', 'add', `${net}.2/24`, 'dev', inside);
    ip('-n', name, 'link', 'set', inside, 'up');
    return `${net}.1`;
  });
  return {
    hosts,
    cut: (way) => ip('-n', name, 'route', 'add', 'blackhole', `${hosts[way]}/32`),
    mend: (way) => ip('-n', name, 'route', 'del', 'blackhole', `${hosts[way]}/32`),
    close: () => ip('netns', 'delete', name),
  };
}

export default ({ full }) =>
  withFleet({ leaseSeconds: full ? 20 : 2 }, async (fleet) => {
    const network = openNamespace();
    const proxies = [];
    try {
      const byWay = async (url, host) => {
        const proxy = await openProxy(new URL(url), { host });
        proxies.push(proxy);
        return proxy.url(url);
      };
      const environment = {
        DATABASE_URL: await byWay(fleet.databaseUrl, network.hosts[0]),
        REDIS_URL: await byWay(fleet.servers.redis.url, network.hosts[1]),
      };
      await fleet.startApi();
      const cutOff = await fleet.startWorker(environment, ['ip', 'netns', 'exec', name]);

      network.cut(1);
      const first = await fleet.submit(sweepOf(8, 100));
      await fleet.ended(first.id, 90);
      network.mend(1);
      await requireNothingLost(fleet, first.id, 8);

      const second = await fleet.submit(sweepOf(4, full ? 2500 : 700));
      await until('it runs', async () => (await fleet.counts(second.id)).running === 4);
      network.cut(0);
      await fleet.startWorker();
      await fleet.ended(second.id, 180);
      await sleep(500);
      network.mend(0);
      await until('the disconnected worker learns of it', () => /refused|given to another worker/.test(cutOff.log), 60);
      await requireNothingLost(fleet, second.id, 4);
      const states = await fleet.query(
        `select attempts.state, count(*)::integer as count from attempts join trials on trials.id = trial_id
         where sweep_id = $1 group by 1 order by 1`,
        [second.id],
      );
      require(states.some(({ state }) => state === 'lost'), 'no lease ran out: nothing was cut off');
      return `without Redis: 8 results; without PostgreSQL: 4 attempts lost, 4 results from another worker, none from the late one`;
    } finally {
      for (const running of fleet.processes) running.kill();
      for (const proxy of proxies) proxy.close();
      network.close();
    }
  });
