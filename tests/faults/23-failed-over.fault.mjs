import pg from 'pg';
import { require, requireNothingLost, sharedServers, sweepOf, until, withFleet } from './support/fleet.mjs';
import { missing, openReplicated } from './support/replicated.mjs';

export const title = "PostgreSQL's primary is killed under load, and its replica promoted";
export const skipped = missing;

/** Whether the replica receives what the primary writes. */
async function streams(url) {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  const { rows } = await client.query(
    `select count(*)::integer as count from pg_stat_replication where state = 'streaming'`,
  );
  await client.end();
  return rows[0].count === 1;
}

/** Runs a sweep while the primary dies. Returns what the fleet's history was checked against. */
async function failedOver(isSynchronous, full) {
  const postgres = await openReplicated(isSynchronous);
  try {
    const { redis } = await sharedServers();
    return await withFleet({ servers: { postgres, redis }, leaseSeconds: 5 }, async (fleet) => {
      const trials = full ? 64 : 16;
      await fleet.startApi();
      await Promise.all([fleet.startWorker(), fleet.startWorker()]);
      await until('the replica streams', () => streams(postgres.primaryUrl));
      const { id } = await fleet.submit(sweepOf(trials, full ? 1000 : 300));
      await until('results arrive', async () => (await fleet.counts(id)).completed > 2, 180);
      postgres.failOver();
      await until(
        'the sweep has ended',
        () => fleet.one(`select finished_at is not null from sweeps where id = $1`, [id]).catch(() => false),
        300,
      );
      await requireNothingLost(fleet, id, trials);
      return `${trials} results`;
    });
  } finally {
    postgres.stop();
  }
}

export default async ({ full }) => {
  const kept = await failedOver(true, full);
  // Without synchronous commit, what the replica had not received is lost, and the history says how much that is.
  const lost = await failedOver(false, full).catch((error) => error.message);
  require(/results|lost acknowledged write/.test(lost), lost);
  return `with synchronous commit: ${kept}; without: ${lost}`;
};
