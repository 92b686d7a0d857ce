import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { openBalancer } from './support/balancer.mjs';
import { require, requireNothingLost, sweepOf, until, withFleet } from './support/fleet.mjs';

export const title =
  'two APIs behind one address under load: the leader is killed, then APIs and workers are replaced one by one';

/** Submits until it is accepted, as a client does that repeats a request with its key. Returns how often it was tried. */
async function submitted(fleet, spec) {
  const headers = { 'idempotency-key': randomUUID() };
  for (let tries = 1; ; tries += 1)
    try {
      return { id: (await fleet.submit(spec, headers)).id, tries };
    } catch (error) {
      if (tries === 100) throw error;
      await sleep(100);
    }
}

/** Reads the events of a sweep at one API until it has ended there; resolves with how many came. */
async function eventsAt(api, key, id) {
  const response = await fetch(`${api.url}/v1/sweeps/${id}/events`, { headers: { authorization: `Bearer ${key}` } });
  let count = 0;
  let text = '';
  for await (const chunk of response.body.pipeThrough(new globalThis.TextDecoderStream())) {
    text += chunk;
    count += chunk.split('\n').filter((line) => line.startsWith('data:')).length;
    if (/"state":"completed"/.test(text) && count > 2) break;
  }
  return count;
}

export default ({ full }) =>
  withFleet({}, async (fleet) => {
    const leader = () =>
      fleet
        .query(
          `select pid, client_port from pg_locks join pg_stat_activity using (pid)
           where locktype = 'advisory' and granted and objid = ${0x756e0002} and datname = current_database()`,
        )
        .then(([row]) => row?.pid);
    const first = await fleet.startApi();
    const led = await until('one leads', leader);
    const second = await fleet.startApi();
    const balancer = await openBalancer([first, second]);
    fleet.url = balancer.url;
    let workers = await Promise.all([fleet.startWorker(), fleet.startWorker()]);
    const sweeps = [];
    let over = false;
    const [trials, updates] = full ? [16, 400] : [4, 100];
    const load = (async () => {
      while (!over) {
        sweeps.push(await submitted(fleet, sweepOf(trials, updates)));
        await sleep(full ? 500 : 1500);
      }
    })();
    await until(
      'the fleet works',
      async () => sweeps.length > 0 && (await fleet.counts(sweeps[0].id)).completed > 0,
      120,
    );

    // Events from either: of one sweep, at both.
    const { id } = await fleet.submit(sweepOf(4, 200));
    const events = await Promise.all([first, second].map((api) => eventsAt(api, fleet.key, id)));

    first.kill('SIGKILL');
    const began = performance.now();
    await until('another leads', async () => ![undefined, led].includes(await leader()), 60);
    const failover = (performance.now() - began) / 1000;

    // As a Deployment does: the new one is ready before the old one is told to end.
    const third = await fleet.startApi();
    fleet.url = balancer.url;
    balancer.use([second, third]);
    const fourth = await fleet.startApi();
    fleet.url = balancer.url;
    balancer.use([third, fourth]);
    second.kill('SIGTERM');
    for (const old of workers) {
      const next = await fleet.startWorker();
      old.kill('SIGTERM');
      await old.ended;
      workers = [...workers.slice(1), next];
    }
    over = true;
    await load;
    for (const sweep of sweeps) {
      await fleet.ended(sweep.id, 240);
      await requireNothingLost(fleet, sweep.id, trials);
    }
    balancer.close();
    require(failover < 10, `another API led after ${failover.toFixed(1)} s`);
    require(Math.min(...events) > 2, `events: ${events.join(' and ')}`);
    const repeated = sweeps.reduce((sum, { tries }) => sum + tries - 1, 0);
    return (
      `another led ${failover.toFixed(1)} s after SIGKILL; 3 APIs and 4 workers took turns, ${sweeps.length} sweeps of ${trials} trials ` +
      `complete, ${repeated} submissions were repeated; events of one sweep at two APIs: ${events.join(' and ')}`
    );
  });
