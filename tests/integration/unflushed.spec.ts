import {
  advisoryLocks,
  changesAfter,
  changesBegin,
  claimTrials,
  commitWork,
  flush,
  joinGroup,
  refreshReported,
  renewLeases,
  unflushed,
} from '@unroll/database';
import type { DataSource } from 'typeorm';
import { Watch } from '../../apps/api/src/scheduler/watch';
import { openApi } from '../support/api';
import { useDatabase } from '../support/database';
import { until } from '../support/until';

const database = useDatabase();

describe('a statement that is not flushed', () => {
  it('leaves the next one of its connection as it was', async () => {
    const runner = database.createQueryRunner();
    try {
      await runner.connect();
      await runner.query('create temporary table noted (at integer)');
      const during = await runner.query(
        `with ${unflushed} insert into noted select 1 from unflushed returning current_setting('synchronous_commit') as setting`,
      );
      expect(during).toEqual([{ setting: 'off' }]);
      expect(await runner.query('show synchronous_commit')).toEqual([{ synchronous_commit: 'on' }]);
    } finally {
      await runner.release();
    }
  });

  it('is that of a claim, a renewal and a refresh, but never one that keeps a report', async () => {
    const trial = {
      id: 'worker',
      host: 'h',
      pid: 1,
      trainers: [],
      engine: 'cpu',
      device: '',
      labels: {},
      lanes: 1,
      slots: 1,
    };
    const worker = {
      ...trial,
      ...{ memoryUsed: null, memoryTotal: null, stepsPerSecond: null, use: [], memoryClass: null, room: null },
    };
    const claimant = { workerId: 'worker', host: 'h', engine: 'cpu', lanes: 1, leaseSeconds: 20 };
    const of = (work: (manager: DataSource) => Promise<unknown>): Promise<string> =>
      database.transaction(async (manager) => {
        // A manager queries as its data source does, in the transaction.
        await work(manager as never);
        const [row] = await manager.query<[{ synchronous_commit: string }]>('show synchronous_commit');
        return row.synchronous_commit;
      });
    expect(await of((manager) => claimTrials(manager, claimant))).toBe('off');
    const group = { sweepId: 'gone', signature: 'gone', groupId: 'gone' };
    expect(await of((manager) => joinGroup(manager, claimant, group, 1))).toBe('off');
    expect(await of((manager) => renewLeases(manager, [], 20, worker))).toBe('off');
    expect(await of((manager) => renewLeases(manager, ['gone'], 20))).toBe('off');
    expect(await of((manager) => refreshReported(manager, '0'))).toBe('off');
    const report = {
      attemptId: 'gone',
      trialId: 'gone',
      curves: [],
      diagnostics: [],
      value: 1,
      metrics: {},
      updates: 1,
      sample: null,
    };
    expect(await of((manager) => commitWork(manager, [report]))).toBe('on');
  });

  it('is on the disk before a reader of changes goes on after it, or somebody is told of it', async () => {
    const flushed = async (read: () => Promise<unknown>): Promise<boolean> => {
      await database.query(
        `with ${unflushed} insert into changes (xid, kind, id) select pg_current_xact_id()::text::bigint, 'worker', 'w' from unflushed`,
      );
      const [{ end }] = await database.query<[{ end: string }]>('select pg_current_wal_insert_lsn() as end');
      await read();
      const [{ done }] = await database.query<[{ done: boolean }]>('select pg_current_wal_flush_lsn() >= $1 as done', [
        end,
      ]);
      return done;
    };
    const begin = await changesBegin(database);
    const read = async (): Promise<number> => (await changesAfter(database, begin, 10)).length;
    await database.query(
      `insert into changes (xid, kind, id) values (pg_current_xact_id()::text::bigint, 'worker', 'w')`,
    );
    // What other transactions of the database hold back is not read yet. PostgreSQL flushes by itself while this waits.
    await until(async () => (await read()) > 0);
    expect(await flushed(read)).toBe(true);
    expect(await flushed(() => changesBegin(database))).toBe(true);
    expect(await flushed(() => flush(database))).toBe(true);
  });
});

describe('the leader', () => {
  it('begins anew by another connection, also where the first was lost between two runs', async () => {
    const lead = async (): Promise<number | undefined> =>
      (
        await database.query<{ pid: number }[]>(
          `select pid from pg_locks where locktype = 'advisory' and granted and objid = $1
             and database = (select oid from pg_database where datname = current_database())`,
          [advisoryLocks.lead],
        )
      )[0]?.pid;
    const api = await openApi(database.url);
    const reset = jest.spyOn(Watch.prototype, 'reset');
    try {
      await until(async () => (await lead()) !== undefined);
      const first = await lead();
      reset.mockClear();
      // Within a run, its connection is not idle for as long.
      const end = `select pg_terminate_backend(pid) from pg_stat_activity
        where pid = $1 and state = 'idle' and state_change < clock_timestamp() - interval '50 milliseconds'`;
      await until(async () => (await database.query<unknown[]>(end, [first])).length === 1);
      await until(async () => ![undefined, first].includes(await lead()));
      expect(reset).toHaveBeenCalled();
    } finally {
      reset.mockRestore();
      await api.close();
    }
  });
});
