import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { require, requireNothingLost, sweepOf, until, withFleet } from './support/fleet.mjs';

export const title =
  'database and artifacts are restored from different moments; workers of two versions run side by side';

const environment = { UNROLL_CHECKPOINT_UPDATES: '50' };

/** The artifacts are older than the rows: a checkpoint that a row names is missing. */
const olderArtifacts = () =>
  withFleet({ environment }, async (fleet) => {
    await fleet.startApi();
    const worker = await fleet.startWorker();
    const { id } = await fleet.submit(sweepOf(2, 800));
    await until(
      'checkpoints are named',
      async () => (await fleet.one(`select min(checkpoint_update) from trials`)) > 0,
    );
    worker.kill();
    await worker.ended;
    rmSync(join(fleet.artifacts, 'checkpoints'), { recursive: true });
    await fleet.startWorker();
    await fleet.ended(id, 120);
    await requireNothingLost(fleet, id, 2);
    return fleet.one(
      `select regexp_replace(message, 'checkpoints/\\S+', 'CHECKPOINT') from attempts where state = 'released' limit 1`,
    );
  });

/** The rows are older than the artifacts: they do not know some results and checkpoints. */
const olderDatabase = () =>
  withFleet({ environment }, async (fleet) => {
    const api = await fleet.startApi();
    const worker = await fleet.startWorker();
    const { id } = await fleet.submit(sweepOf(12, 300));
    await until('some have completed', async () => ((await fleet.counts(id)).completed ?? 0) >= 4);
    for (const running of [worker, api]) running.kill();
    await Promise.all([worker.ended, api.ended]);
    const database = new URL(fleet.databaseUrl).pathname.slice(1);
    const endOthers = `select pg_terminate_backend(pid) from pg_stat_activity where datname = '${database}'`;
    await fleet.pool.end();
    await fleet.admin(endOthers);
    await fleet.admin(`create database ${database}_saved template ${database}`);
    fleet.pool = new (await import('pg')).default.Pool({ connectionString: fleet.databaseUrl, max: 3 });
    const again = [await fleet.startApi(), await fleet.startWorker()];
    await until('more have completed', async () => ((await fleet.counts(id)).completed ?? 0) >= 8);
    for (const running of again) running.kill();
    await Promise.all(again.map(({ ended }) => ended));
    await fleet.pool.end();
    fleet.databaseUrl = `${fleet.databaseUrl}_saved`;
    fleet.standardEnvironment.DATABASE_URL = fleet.databaseUrl;
    fleet.pool = new (await import('pg')).default.Pool({ connectionString: fleet.databaseUrl, max: 3 });
    const back = (await fleet.counts(id)).completed;
    await fleet.startApi();
    await fleet.startWorker();
    await fleet.ended(id, 120);
    await requireNothingLost(fleet, id, 12);
    return back;
  });

/** A newer version migrates while a worker of this one runs. */
const twoVersions = () =>
  withFleet({}, async (fleet) => {
    await fleet.startApi();
    const old = await fleet.startWorker({ UNROLL_LANES: '1' });
    const { id } = await fleet.submit(sweepOf(6, 150));
    await until('one has completed', async () => (await fleet.counts(id)).completed >= 1);
    await fleet.query(`insert into migrations (timestamp, name) values (9999999999999, 'Newer9999999999999')`);
    await until('the old worker reports it', () => /schema of another version/.test(old.log), 30);
    await until('it finishes what it started', async () => !(await fleet.counts(id)).running, 30);
    const { pending } = await fleet.counts(id);
    require(pending > 0, 'nothing was left to refuse');
    const api = await fleet.startApi().catch((error) => error.message);
    require(/created by a newer version/.test(String(api)), `an old API started on a newer schema: ${String(api)}`);
    await fleet.query(`delete from migrations where timestamp = 9999999999999`);
    await fleet.ended(id, 60);
    await requireNothingLost(fleet, id, 6);
    return pending;
  });

export default async () => {
  const message = await olderArtifacts();
  require(/starts over/.test(message), `the message was: ${message}`);
  const back = await olderDatabase();
  const refused = await twoVersions();
  const older = `artifacts older: "${message}", 2 results; rows older (${back} of 12 results known): 12 results`;
  return `${older}; a newer schema: the old worker refused all ${refused} trials and reported why, 6 results`;
};
