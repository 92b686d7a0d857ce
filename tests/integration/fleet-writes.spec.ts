import {
  claimableWork,
  extendSweep,
  joinGroup,
  keptDiagnostics,
  keptPoints,
  thinSweeps,
  claimTrials,
  commitWork,
  drainWorker,
  refreshReported,
  renewLeases,
  type Claim,
} from '@unroll/database';
import type { DataSource, QueryRunner } from 'typeorm';
import { FirstTickets, issueTickets } from '../../apps/api/src/scheduler/advance';
import { attemptWork, claimant, completed } from '../support/attempts';
import { useDatabase } from '../support/database';
import { smallSweep, writeSweep } from '../support/sweeps';
import { until } from '../support/until';

const database = useDatabase({ clear: true });

/** The version of an attempt's row: another after each write. */
const versionOf = async (id: string): Promise<string> =>
  (await database.query('select xmin::text, ctid::text from attempts where id = $1', [id]))[0];
const countOf = async (of: Pick<DataSource, 'query'>, table: string): Promise<number> =>
  (await of.query(`select count(*)::integer as count from ${table}`))[0].count;
const count = (table: string): Promise<number> => countOf(database, table);
/** Tables that a fleet writes into. */
const written = [
  'sweeps',
  'trials',
  'attempts',
  'metric_chunks',
  'configurations',
  'boards',
  'workers',
  'changes',
  'shares',
];
const claimOne = async (): Promise<Claim> => {
  await writeSweep(database, smallSweep({ search: { trials: 1 } }));
  return (await claimTrials(database, claimant))!;
};

/** What a worker without work tells of itself, beside its id. */
const idle = {
  ...{ host: 'h', pid: 1, trainers: [2], engine: 'cpu', device: 'cpu', lanes: 4, slots: 1 },
  ...{ memoryUsed: null, memoryTotal: null, stepsPerSecond: null },
};

describe('what a fleet tells the database', () => {
  it('a renewal writes nothing while most of the lease is left', async () => {
    const [{ attemptId }] = (await claimOne()).trials as [Claim['trials'][number]];
    const before = await versionOf(attemptId);
    await renewLeases(database, [attemptId], claimant.leaseSeconds);
    expect(await versionOf(attemptId)).toEqual(before);
    await database.query(`update attempts set lease_until = clock_timestamp() + interval '14 seconds'`);
    await renewLeases(database, [attemptId], claimant.leaseSeconds);
    const [{ left }] = await database.query(
      `select extract(epoch from lease_until - clock_timestamp())::double precision as left from attempts`,
    );
    expect(left).toBeGreaterThan(14);
  });

  it('reports of running trials reach leaderboards and the live channel by one refresh for all', async () => {
    const claim = await claimOne();
    const [trial] = claim.trials as [Claim['trials'][number]];
    await database.query('delete from changes');
    for (const updates of [1, 2, 3])
      await commitWork(database, [
        attemptWork(trial, { updates, value: 10 - updates, metrics: { loss: 10 - updates } }),
      ]);
    expect([await count('changes'), await count('configurations')]).toEqual([0, 0]);
    let next = '0';
    // A refresh stops short of any open transaction of the server, of other databases too; the next one goes on.
    await until(async () => {
      next = await refreshReported(database, next);
      return (await count('changes')) > 0;
    });
    expect([await count('changes'), await count('configurations')]).toEqual([1, 1]);
    expect(await database.query('select score, updates from configurations')).toEqual([{ score: 7, updates: 3 }]);
    await refreshReported(database, next);
    expect(await count('changes')).toBe(1);
    // A result is there at once.
    await commitWork(database, [attemptWork(trial, { updates: 4, value: 1, metrics: { loss: 1 }, end: completed })]);
    expect(await database.query('select score, state from configurations')).toEqual([{ score: 1, state: 'completed' }]);
  });

  it('a batch is one statement, whatever it holds', async () => {
    await writeSweep(database, smallSweep({ search: { trials: 4 } }));
    const claim = (await claimTrials(database, claimant))!;
    const asked: string[] = [];
    const one = { query: (sql: string, values: unknown[]) => (asked.push(sql), database.query(sql, values)) };
    const held = claim.trials.map(({ attemptId }) => attemptId);
    const worker = { id: 'w', host: 'h', pid: 1, trainers: [2], engine: 'cpu', device: 'cpu', lanes: 4, slots: 1 };
    const work = claim.trials.map((trial, index) =>
      attemptWork(trial, {
        value: index,
        sample: 'text',
        curves: [{ name: 'loss', updates: [1], values: [index] }],
        diagnostics: [{ update: 1, figures: {} as never }],
        ...(index % 2 ? { end: { ...completed, snapshots: {} as never } } : {}),
      }),
    );
    const baselines = [{ comparisonKey: 'key', name: 'last', metrics: {} }];
    const figures = { memoryUsed: null, memoryTotal: null, stepsPerSecond: null };
    const life = { held, leaseSeconds: 20, worker: { ...worker, ...figures } };
    expect(await commitWork(one as never, work, baselines, undefined, life)).toEqual({
      pruned: [],
      cancelled: [],
      refused: [],
    });
    expect(asked).toHaveLength(1);
    const tables = ['metric_chunks', 'diagnostics', 'samples', 'snapshots', 'baselines', 'workers'];
    expect(await Promise.all(tables.map(count))).toEqual([4, 4, 4, 2, 1, 1]);

    // A worker that only says that it is alive has not changed.
    const before = await count('changes');
    await renewLeases(database, [], 20, life.worker);
    expect(await count('changes')).toBe(before);
    await renewLeases(database, [], 20, { ...life.worker, stepsPerSecond: 3 });
    expect(await count('changes')).toBe(before + 1);
  });

  it('is deleted with its trials, even what was committed while the deletion waited', async () => {
    const [trial] = (await claimOne()).trials as [Claim['trials'][number]];
    const runner = database.createQueryRunner();
    await runner.startTransaction();
    const reported = {
      ...{ value: 1, sample: 'text', curves: [{ name: 'loss', updates: [1], values: [1] }] },
      ...{ diagnostics: [{ update: 1, figures: {} as never }], end: { ...completed, snapshots: {} as never } },
    };
    await commitWork(runner.manager as never, [attemptWork(trial, reported)]);
    const deleting = database.query(`delete from sweeps where id in (select sweep_id from trials where id = $1)`, [
      trial.trialId,
    ]);
    await until(async () => {
      const [{ waits }] = await database.query(
        `select exists (select from pg_stat_activity where query like 'delete from sweeps%' and wait_event_type = 'Lock'
           and datname = current_database()) as waits`,
      );
      return waits as boolean;
    });
    await runner.commitTransaction();
    await runner.release();
    await deleting;
    const tables = ['trials', 'attempts', 'metric_chunks', 'diagnostics', 'samples', 'snapshots'];
    expect(await Promise.all(tables.map(count))).toEqual([0, 0, 0, 0, 0, 0]);
  });

  it('is answered with how a worker is to leave, as long as somebody wants that', async () => {
    const life = { ...idle, id: 'leaving', use: [10, 100] };
    expect((await renewLeases(database, [], 20, life)).drain).toBeUndefined();
    await drainWorker(database, 'leaving', 'finish');
    expect((await renewLeases(database, [], 20, life)).drain).toBe('finish');
    expect((await renewLeases(database, [], 20)).drain).toBeUndefined();
    await drainWorker(database, 'leaving', null);
    expect((await renewLeases(database, [], 20, life)).drain).toBeUndefined();
    expect(await database.query(`select use from workers where id = 'leaving'`)).toEqual([{ use: [10, 100] }]);
  });
});

describe('a fence', () => {
  it('does not wait for attempts that have ended, which a deletion may hold', async () => {
    await writeSweep(database, smallSweep({ search: { trials: 2 } }));
    const claim = (await claimTrials(database, claimant))!;
    const [ended, live] = claim.trials as [Claim['trials'][number], Claim['trials'][number]];
    await commitWork(database, [attemptWork(ended, { end: completed })]);
    const runner = database.createQueryRunner();
    await runner.startTransaction();
    try {
      await runner.query('select from attempts where id = $1 for update', [ended.attemptId]);
      const held = [ended.attemptId, live.attemptId];
      const told = await commitWork(database, [attemptWork(live)], [], undefined, { held, leaseSeconds: 200 });
      expect(told.refused).toEqual([ended.attemptId]);
      expect((await renewLeases(database, held, 2000)).refused).toEqual([ended.attemptId]);
    } finally {
      await runner.rollbackTransaction();
      await runner.release();
    }
  });
});

// PostgreSQL gathers statistics by itself, of tables with new rows, at any of these moments.
const moments = ['few wait', 'few run', 'many wait', 'many run'] as const;
describe.each(['nothing is known', ...moments])(
  'what a fleet reads of a database, by statistics of when %s',
  (moment) => {
    const database = useDatabase();
    // It gathers none that this does not ask for.
    beforeAll(async () => {
      for (const table of written) await database.query(`alter table ${table} set (autovacuum_enabled = false)`);
    });
    const reached = async (now: (typeof moments)[number]): Promise<void> => {
      if (now !== moment) return;
      for (const table of written) if ((await countOf(database, table)) > 0) await database.query(`analyze ${table}`);
    };

    const alone = { ...claimant, lanes: 1, workerId: 'alone' };
    const life = (held: string[]) => ({ held, leaseSeconds: 20, worker: { ...idle, id: 'alone' } });
    const reported = (trial: Claim['trials'][number], updates: number, end?: typeof completed) =>
      attemptWork(trial, {
        ...{ updates, value: updates, metrics: { loss: updates }, judged: false, end },
        curves: [{ name: 'loss', updates: [updates], values: [updates] }],
      });

    /** Rows of tables that the server has read for a connection. */
    async function rowsRead(runner: QueryRunner): Promise<number> {
      const [{ rows }] = await runner.query(
        'select sum(seq_tup_read + idx_tup_fetch)::integer as rows from pg_stat_xact_user_tables',
      );
      return rows;
    }

    /** One trial's way, as a worker with one lane tells it. `step` is called with each call's name. */
    async function oneTrial(one: never, step: (name: string, call: () => Promise<unknown>) => Promise<void>) {
      let claim: Claim | undefined;
      await step('claim', async () => (claim = await claimTrials(one, alone)));
      const [trial] = claim!.trials as [Claim['trials'][number]];
      const { attemptId } = trial;
      await step('renewal', () => renewLeases(one, [attemptId], 20));
      await step('renewal of a lease that is due', () => renewLeases(one, [attemptId], 200));
      await step('report', () => commitWork(one, [reported(trial, 1)], [], undefined, life([attemptId])));
      await step('result', () => commitWork(one, [reported(trial, 2, completed)], [], undefined, life([attemptId])));
      await step('second claim', async () => (claim = await claimTrials(one, alone)));
      const training = claim!.trials.map((each) => each.attemptId);
      await step('join', () => joinGroup(one, alone, claim!, 1, training));
    }

    it('is what concerns its own trials, however many run and wait beside them, by plans from when there were few', async () => {
      const runner = database.createQueryRunner();
      await runner.connect();
      try {
        const one = { query: (sql: string, values: unknown[]) => runner.query(sql, values) } as never;
        await writeSweep(database, smallSweep({ search: { trials: 40 } }));
        await reached('few wait');
        // PostgreSQL keeps a generic plan from the sixth call on.
        for (let round = 0; round < 8; round += 1) await oneTrial(one, async (_, call) => void (await call()));
        await reached('few run');
        await writeSweep(database, smallSweep({ search: { trials: 800 } }));
        await reached('many wait');
        await claimTrials(database, { ...claimant, lanes: 16 });
        await claimTrials(database, { ...claimant, lanes: 400 });
        await reached('many run');

        const reads: Record<string, number> = {};
        await oneTrial(one, async (name, call) => {
          // What a transaction reads is counted at once; the counts of other connections are not among it.
          await runner.startTransaction();
          const before = await rowsRead(runner);
          await call();
          reads[name] = (await rowsRead(runner)) - before;
          await runner.commitTransaction();
        });
        expect(Object.entries(reads).filter(([, rows]) => rows > 100)).toEqual([]);
        expect(reads.claim).toBeGreaterThan(0);
      } finally {
        await runner.release();
      }
    });
  },
);

describe('workers with labels', () => {
  it('leaves sweeps that require labels to workers that have all of them, and issues tickets while one of those is free', async () => {
    const requires = { gpu: 'a100', zone: 'eu' };
    const demanding = await writeSweep(database, smallSweep({ requires }));
    await database.query('update sweeps set requires = $1', [requires]);
    const other = await writeSweep(database);
    const by = (labels?: Record<string, string>) =>
      claimTrials(database, { ...claimant, lanes: 8, ...(labels && { labels }) });
    const tickets = async () => (await claimableWork(database.manager, 64, 30)).map(({ sweepId }) => sweepId);
    await renewLeases(database, [], 20, { ...idle, id: 'worker1', labels: { gpu: 'a100' } });
    expect(await tickets()).toEqual([other]);
    await renewLeases(database, [], 20, { ...idle, id: 'worker2', labels: { ...requires, rack: '7' } });
    expect(await tickets()).toEqual([demanding, other]);

    expect((await by({ gpu: 'a100' }))?.sweepId).toBe(other);
    expect(await by()).toBeUndefined();
    expect(await by({ gpu: 'h100', zone: 'eu' })).toBeUndefined();
    expect((await by({ ...requires, rack: '7' }))?.sweepId).toBe(demanding);
  });
});

describe('tickets', () => {
  it('are no more than the trainers of live workers, which claim more trials without one', async () => {
    await database.query('update workers set drain = $1', ['finish']);
    await writeSweep(database, smallSweep({ search: { trials: 20 } }));
    let waiting = 0;
    const queue = {
      waiting: () => Promise.resolve(waiting),
      add: (tickets: readonly object[]) => Promise.resolve(void (waiting += tickets.length)),
    };
    const issue = async () => {
      await issueTickets(database.manager, queue as never);
      return waiting;
    };
    await renewLeases(database, [], 20, { ...idle, id: 'worker3', slots: 2 });
    expect(await issue()).toBe(2);
    expect(await issue()).toBe(2);
    await renewLeases(database, [], 20, { ...idle, id: 'worker4', slots: 3 });
    expect(await issue()).toBe(5);
    // Who leaves takes none. Of workers that have not said yet that they are alive, nobody knows how many there are.
    await database.query('update workers set drain = $1', ['finish']);
    expect(await issue()).toBe(20);
    // Sweeps that have just begun issue their first.
    const first = new FirstTickets(queue);
    for (let sweep = 0; sweep < 100; sweep += 1) await first.issue({ sweepId: 'a', signature: 'b' });
    expect(waiting).toBe(64);
  });

  it('of a sweep that has just begun do not wait for a count, which follows', async () => {
    const calls: string[] = [];
    let fails = false;
    let amount = 0;
    const queue = {
      waiting: () => {
        calls.push('count');
        return fails ? Promise.reject(new Error('no answer')) : Promise.resolve(amount);
      },
      add: () => Promise.resolve(void calls.push('add')),
    };
    const first = new FirstTickets(queue);
    const ticket = { sweepId: 'a', signature: 'b' };
    await first.issue(ticket);
    expect(calls.splice(0)).toEqual(['count', 'add', 'count']);
    fails = true;
    await expect(first.issue(ticket)).rejects.toThrow('no answer');
    expect(calls.splice(0)).toEqual(['add', 'count']);
    // What that count did not say is asked anew.
    fails = false;
    await first.issue(ticket);
    expect(calls.splice(0)).toEqual(['count', 'add', 'count']);
    // The window was full then, and no longer is.
    amount = 64;
    await first.issue(ticket);
    amount = 0;
    calls.splice(0);
    await first.issue(ticket);
    expect(calls.splice(0)).toEqual(['count', 'add', 'count']);
  });
});

describe('details of a sweep that ended long ago', () => {
  it('are thinned, a batch of trials at a time, and keep their ends and extremes', async () => {
    const id = await writeSweep(database, smallSweep({ search: { trials: 120 } }));
    const length = 3 * keptPoints;
    // In chunks of 100 points: the lowest value and the highest are at points that an even spacing leaves out.
    await database.query(
      `insert into metric_chunks (trial_id, name, first_update, updates, values)
       select id, 'loss', chunk * 100 + 1, array_agg(chunk * 100 + place),
              array_agg(case chunk * 100 + place when 503 then -1 when 1001 then 'Infinity'::double precision else 5 end)
       from trials, generate_series(0, $1 / 100 - 1) as chunk, generate_series(1, 100) as place where number in (0, 110) group by id, chunk`,
      [length],
    );
    await database.query(
      `insert into metric_chunks (trial_id, name, first_update, updates, values) select id, 'short', 1, '{1,2}', '{3,4}' from trials where number = 0`,
    );
    const texts = `select id, place, place, 'text ' || place from trials, generate_series(1, 9) as place where number in (0, 110)`;
    await database.query(`insert into samples (trial_id, place, update, content) ${texts}`);
    await database.query(
      `insert into diagnostics (trial_id, update, figures) select id, update, '[]' from trials, generate_series(1, 3 * $1 + 1) as update where number in (0, 110)`,
      [keptDiagnostics],
    );
    await database.query(
      `insert into snapshots (trial_id, content) select id, '{}' from trials where number in (0, 110)`,
    );
    const others = async (number: number): Promise<unknown> =>
      (
        await database.query(
          `select (select array_agg(place) from samples where trial_id = id) as samples,
             (select json_build_array(count(*), min(update), max(update)) from diagnostics where trial_id = id) as diagnostics,
             (select count(*)::integer from snapshots where trial_id = id) as snapshots from trials where number = $1`,
          [number],
        )
      )[0];
    const points = async (number: number, name: string) => {
      const rows = await database.query(
        `select update, point.value from trials join metric_chunks on trial_id = id, unnest(metric_chunks.updates, values) as point (update, value)
         where number = $1 and name = $2 order by update`,
        [number, name],
      );
      return new Map<number, number>(
        rows.map(({ update, value }: { update: number; value: number }) => [update, value]),
      );
    };
    expect(await thinSweeps(database.manager, 365)).toBe(false);
    await database.query(
      `update sweeps set state = 'completed', finished_at = clock_timestamp() - interval '400 days'`,
    );
    expect(await thinSweeps(database.manager, 401)).toBe(false);
    expect(await thinSweeps(database.manager, 365)).toBe(true);
    const first = await points(0, 'loss');
    expect([first.size, first.get(1), first.get(503), first.get(1001), first.has(length)]).toEqual([
      ...[keptPoints + 3, 5, -1, Infinity, true],
    ]);
    expect((await points(0, 'short')).size).toBe(2);
    expect((await points(110, 'loss')).size).toBe(length);
    // 151 of them: each fourth, and the last.
    expect(await others(0)).toEqual({ samples: [9], diagnostics: [39, 1, 3 * keptDiagnostics + 1], snapshots: 0 });
    expect(await others(110)).toMatchObject({ diagnostics: [3 * keptDiagnostics + 1, 1, 151], snapshots: 1 });
    expect(await thinSweeps(database.manager, 365)).toBe(true);
    expect((await points(110, 'loss')).size).toBe(keptPoints + 3);
    expect(await thinSweeps(database.manager, 365)).toBe(false);
    // What a sweep that runs again adds is looked at later.
    await database.transaction(async (manager) => {
      await extendSweep(manager, { id, state: 'completed' }, smallSweep(), { configurations: 120, trials: 120 });
    });
    expect(await database.query('select thinned from sweeps')).toEqual([{ thinned: 0 }]);
  });
});
