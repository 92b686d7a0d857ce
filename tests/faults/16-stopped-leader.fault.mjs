import { setTimeout as sleep } from 'node:timers/promises';
import { require, requireNothingLost, sweepOf, until, withFleet } from './support/fleet.mjs';

export const title = 'the leading API is stopped (SIGSTOP) and continued later; then the leader is killed';

export default () =>
  withFleet({}, async (fleet) => {
    const leaderOf = () =>
      fleet
        .query(`select pid from pg_locks where locktype = 'advisory' and granted and objid = ${0x756e0002}`)
        .then(([row]) => row?.pid);
    const first = await fleet.startApi();
    const led = await until('one leads', leaderOf);
    const second = await fleet.startApi();
    await fleet.startWorker();
    const takenOver = async (before) => {
      const began = performance.now();
      await until('another leads', async () => ![undefined, before].includes(await leaderOf()), 30);
      return (performance.now() - began) / 1000;
    };
    first.kill('SIGSTOP');
    const afterStop = await takenOver(led);
    // The second API, at its own address, accepts and runs a sweep while the first is stopped.
    const { id } = await fleet.submit(sweepOf(8, 50));
    await fleet.ended(id, 60);
    await requireNothingLost(fleet, id, 8);
    const now = await leaderOf();
    const written = () =>
      fleet.one(
        `select md5(string_agg(t, '' order by t))
         from (select row(trials.*)::text as t from trials union all select row(sweeps.*)::text from sweeps) t`,
      );
    const before = await written();
    first.kill('SIGCONT');
    await sleep(2000);
    require((await leaderOf()) === now, 'the old leader leads again');
    require((await written()) === before, 'the old leader wrote something');
    second.kill('SIGKILL');
    const afterKill = await takenOver(now);
    require(afterStop < 10 &&
      afterKill < 10, `${afterStop.toFixed(1)} s after a stop, ${afterKill.toFixed(1)} s after a kill`);
    return `another led ${afterStop.toFixed(1)} s after SIGSTOP and ${afterKill.toFixed(1)} s after SIGKILL; the old one wrote nothing`;
  });
