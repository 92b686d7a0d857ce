import { readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { require, requireNothingLost, sweepOf, until, withFleet } from './support/fleet.mjs';
import { openProxy } from './support/proxy.mjs';
import { openPostgres } from './support/servers.mjs';
import { hasRedis, startRedis } from '../support/servers.cjs';

export const title = 'PostgreSQL crashes as soon as it has answered a claim, before that is on its disk';

/** Attempts that workers were told of, by their histories, which nobody knows. */
async function unknownAttempts(fleet) {
  const told = readdirSync(fleet.histories)
    .flatMap((name) => readFileSync(join(fleet.histories, name), 'utf8').split('\n').slice(0, -1))
    .map((line) => JSON.parse(line))
    .flatMap(({ event, phase, attempts }) => (event === 'claim' && phase === 'told' ? attempts : []));
  const [{ known }] = await fleet.query(`select coalesce(array_agg(id), '{}') as known from attempts`);
  return told.filter((id) => !known.includes(id));
}

export default async ({ full }) => {
  const servers = { postgres: await openPostgres(), redis: hasRedis ? await startRedis() : undefined };
  const { postgres } = servers;
  try {
    return await withFleet({ servers }, async (fleet) => {
      // PostgreSQL may write its log between a claim and the crash: it crashes until so many attempts were undone.
      const [undoings, most] = full ? [20, 60] : [1, 12];
      // Two in each claim: none of the crashes waits for a claim after the last trial.
      const trials = 2 * most + 2;
      await fleet.startApi();
      // It writes by itself as rarely as it may.
      await fleet.admin(`alter system set wal_writer_delay = '10s'`);
      await fleet.admin('select pg_reload_conf()');
      let crashes = true;
      let crashed = 0;
      let crashing;
      let undone = [];
      const proxy = await openProxy(new URL(fleet.databaseUrl), {
        onAnswer(type, body, connection) {
          if (type === 'D' && body.includes('"claim"')) connection.claimed = true;
          if (type !== 'Z' || !connection.claimed) return true;
          connection.claimed = false;
          // The worker gets this answer, and then none.
          if (crashes && !crashing) crashing = postgres.crash();
          return true;
        },
      });
      try {
        const worker = await fleet.startWorker({ DATABASE_URL: proxy.url(fleet.databaseUrl), UNROLL_LANES: '2' });
        const { id } = await fleet.submit(sweepOf(trials, 100));
        while (crashes) {
          await until('a claim was answered', () => crashing !== undefined, 60);
          await crashing;
          await postgres.start();
          crashed += 1;
          undone = await unknownAttempts(fleet);
          require(crashed < most || undone.length > 0, `${crashed} crashes undid no claim`);
          crashes = undone.length < undoings && crashed < most;
          crashing = undefined;
        }
        await fleet.ended(id, 120);
        await requireNothingLost(fleet, id, trials);
        require(/late results were refused/.test(worker.log), 'the worker was not told');
        return `${crashed} crashes undid the claims of ${undone.length} attempts; ${trials} results, none of them theirs`;
      } finally {
        proxy.close();
      }
    });
  } finally {
    servers.redis?.kill();
    await postgres.stop();
  }
};
