import { advisoryLocks, claimTrials, commitWork, dataSourceOptions, lockRung, type Claim } from '@unroll/database';
import { readdir, readFile, readlink } from 'node:fs/promises';
import { DataSource } from 'typeorm';
import { useApi } from '../support/api';
import { attemptWork, claimant, completed } from '../support/attempts';
import { useDatabase } from '../support/database';
import { describeWith } from '../support/machine';
import { pooler, startPooler, type Pooler } from '../support/pooler.cjs';
import { smallSweep, writeSweep } from '../support/sweeps';
import { until } from '../support/until';

/** Fewer than the clients: each transaction of a client may run on another connection. */
const serverConnections = 2;
const clients = 8;

describeWith('pgbouncer', pooler !== undefined)('through PgBouncer in transaction mode', () => {
  const database = useDatabase();
  let pooled: Pooler;
  beforeAll(async () => {
    pooled = await startPooler(process.env.UNROLL_TEST_POSTGRES!, serverConnections);
  });
  // It keeps connections to the database, which cannot be dropped before they end.
  database.closing.push(() => pooled.stop());
  const api = useApi(database, () => ({
    DATABASE_URL: pooled.url(database.url),
    DATABASE_DIRECT_URL: database.url,
  }));

  const workers: DataSource[] = [];
  database.closing.push(() => Promise.all(workers.map((worker) => worker.destroy())));
  beforeAll(async () => {
    for (let number = 0; number < clients; number += 1)
      workers.push(
        await new DataSource(dataSourceOptions(pooled.url(database.url), { most: 2, pooled: true })).initialize(),
      );
  });

  it('more workers than connections claim and commit, and each trial gets one result', async () => {
    const id = await writeSweep(database, smallSweep({ search: { trials: 64 } }));
    const finished: string[] = [];
    const work = async (worker: DataSource, number: number): Promise<void> => {
      for (;;) {
        const by = { ...claimant, workerId: `worker${number}` };
        const claim: Claim | undefined = await claimTrials(worker, by);
        if (!claim) return;
        const all = claim.trials.map((trial) => attemptWork(trial, { value: 1, end: completed }));
        // In a transaction, with the lock that a stopping rule takes, which ends with it.
        const judge = async (manager: Parameters<typeof lockRung>[0]): Promise<string[]> => {
          await lockRung(manager, id, 0);
          return [];
        };
        const lost = await commitWork(worker, all, [], number % 2 === 0 ? judge : undefined);
        expect(lost).toEqual({ pruned: [], cancelled: [], refused: [] });
        finished.push(...claim.trials.map(({ trialId }) => trialId));
      }
    };
    await Promise.all(workers.map(work));
    expect(finished).toHaveLength(64);
    expect(new Set(finished).size).toBe(64);
    // A lock that a pooled connection kept would stay; the leader, which completes the sweep, takes others for a moment.
    await until(async () => {
      const [locks] = await database.query<{ count: number }[]>(
        `select count(*)::integer as count from pg_locks join pg_database on pg_database.oid = database
         where locktype = 'advisory' and datname = current_database() and classid <> 0`,
      );
      return locks!.count === 0;
    });
  });

  it('the leader holds its lock on a connection of its own, and completes sweeps', async () => {
    const [sweep] = await database.query<{ id: string }[]>('select id from sweeps');
    await until(async () => {
      const answer = await api.call(`/v1/sweeps/${sweep!.id}`);
      return ((await answer.json()) as { state: string }).state === 'completed';
    });
    const [leader] = await database.query<{ pid: number }[]>(
      `select distinct pid from pg_locks join pg_database on pg_database.oid = database
       where locktype = 'advisory' and datname = current_database() and granted and objid = $1`,
      [advisoryLocks.lead],
    );
    const [connection] = await database.query<{ port: number }[]>(
      'select client_port as port from pg_stat_activity where pid = $1',
      [leader!.pid],
    );
    // PgBouncer names the connections that it holds; the leader's is not among them.
    expect(await portsOf(pooled.pid)).not.toContain(connection!.port);
  });
});

/** The local ports of a process's connections. */
async function portsOf(pid: number): Promise<number[]> {
  const links = await Promise.all(
    (await readdir(`/proc/${pid}/fd`)).map((fd) => readlink(`/proc/${pid}/fd/${fd}`).catch(() => '')),
  );
  const inodes = new Set(links.flatMap((link) => /^socket:\[(\d+)\]$/.exec(link)?.[1] ?? []));
  const lines = (await readFile('/proc/net/tcp', 'utf8')).split('\n').slice(1);
  return lines.flatMap((line) => {
    const fields = line.trim().split(/\s+/);
    return inodes.has(fields[9] ?? '') ? [parseInt(fields[1]!.split(':')[1]!, 16)] : [];
  });
}
