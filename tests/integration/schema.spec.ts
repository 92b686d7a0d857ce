import {
  dataSourceOptions,
  liveSchema,
  migrate,
  migrations,
  patientOptions,
  schemaFingerprint,
  schemaIsCurrent,
  schemaVersion,
} from '@unroll/database';
import { readdirSync, readFileSync } from 'node:fs';
import type { Socket } from 'node:net';
import { join } from 'node:path';
import { DataSource, type MigrationInterface, type QueryRunner } from 'typeorm';
import { createDatabase, revertBefore } from '../support/database';
import { until } from '../support/until';

describe('the schema', () => {
  let dataSource: DataSource;

  beforeEach(async () => {
    dataSource = new DataSource(dataSourceOptions(await createDatabase({ empty: true })));
    await dataSource.initialize();
  });

  afterEach(() => dataSource.destroy());

  it('made by the migrations is the one that the entities describe', async () => {
    await migrate(dataSource);
    const { upQueries } = await dataSource.driver.createSchemaBuilder().log();
    expect(upQueries.map(({ query }) => query)).toEqual([]);
  });

  it('is current after the migrations, and not before', async () => {
    expect(await schemaIsCurrent(dataSource)).toBe(false);
    await migrate(dataSource);
    expect(await schemaIsCurrent(dataSource)).toBe(true);
  });

  /** Every function and trigger of the database, as PostgreSQL writes them. */
  async function functionsAndTriggers(): Promise<Record<string, string>> {
    const rows = await dataSource.query<{ name: string; text: string }[]>(
      `select proname as name, pg_get_functiondef(pg_proc.oid) as text from pg_proc
       where pronamespace = 'public'::regnamespace
       union all select tgrelid::regclass || ' ' || tgname, pg_get_triggerdef(pg_trigger.oid) from pg_trigger
       where not tgisinternal order by name`,
    );
    return Object.fromEntries(rows.map(({ name, text }) => [name, text]));
  }

  it('has the functions and triggers that schema/ describes, and no others', async () => {
    await migrate(dataSource);
    const migrated = await functionsAndTriggers();
    expect(Object.keys(migrated)).toHaveLength(43);
    for (const name of Object.keys(migrated))
      if (name.includes(' ')) await dataSource.query(`drop trigger ${name.split(' ')[1]} on ${name.split(' ')[0]}`);
    for (const name of Object.keys(migrated)) if (!name.includes(' ')) await dataSource.query(`drop function ${name}`);
    expect(await functionsAndTriggers()).toEqual({});
    for (const statement of liveSchema) await dataSource.query(statement);
    expect(await functionsAndTriggers()).toEqual(migrated);
  });

  it('compiles no function for the cost of the plans that its settings rule out', async () => {
    await migrate(dataSource);
    const functions = await dataSource.query<{ name: string; settings: string[] }[]>(
      `select proname as name, proconfig as settings from pg_proc
       where pronamespace = 'public'::regnamespace and array_to_string(proconfig, ' ') like '%enable\\_%=off%'`,
    );
    expect(functions.map(({ name }) => name)).toEqual(expect.arrayContaining(['claim_trials', 'commit_work']));
    expect(functions.filter(({ settings }) => !settings.includes('jit=off'))).toEqual([]);
    // Nor other statements, unless a pooler's connection takes no settings.
    expect(await dataSource.query('show jit')).toEqual([{ jit: 'off' }]);
  });

  it('is recreated by a migration that names the fingerprint of schema/, whenever that changes', () => {
    const folder = join(__dirname, '..', '..', 'libs', 'database', 'src', 'migrations');
    const named = readdirSync(folder)
      .sort()
      .map((name) => readFileSync(join(folder, name), 'utf8'))
      .filter((text) => text.includes('recreateLiveSchema'))
      .at(-1);
    // Edited schema/? Add a migration that calls recreateLiveSchema with this fingerprint: databases that exist keep the old text
    // otherwise.
    expect(named).toContain(`recreateLiveSchema(runner, '${schemaFingerprint}')`);
  });

  it('has the version of the newest migration', () => {
    expect(schemaVersion).toBe(Math.max(...migrations.map(({ name }) => Number(/\d+$/.exec(name)![0]))));
  });

  it('is migrated on connections that wait for any length of time, as others do not', () => {
    type Sockets = { extra: { stream: () => Socket } };
    const { extra } = dataSource.options as unknown as Sockets;
    const timeouts = [extra, (patientOptions(dataSource.options) as unknown as Sockets).extra].map(
      ({ stream }) => stream().destroy().timeout,
    );
    expect(timeouts).toEqual([20_000, undefined]);
  });

  it('is created once by processes that migrate at the same time', async () => {
    const others = await Promise.all(Array.from({ length: 3 }, () => new DataSource(dataSource.options).initialize()));
    await Promise.all([dataSource, ...others].map(migrate));
    expect(await dataSource.query('select name from migrations')).toHaveLength(migrations.length);
    await Promise.all(others.map((other) => other.destroy()));
  });

  it('stores each point of a judged curve once, and restores the whole curve on the way back', async () => {
    await migrate(dataSource);
    await dataSource.query(
      `insert into sweeps (id, name, state, spec, objective, datasets, configurations, total)
       values ('s', 's', 'completed', '{}', '{"metric": "m", "goal": "minimize"}', '{}', 2, 2)`,
    );
    const parts = [
      [0, 0, 4, [2, 4], [9, 8]],
      [0, 1, 12, [6, 12], [7, NaN]],
      [1, 0, 4, [4], [5]],
    ] as const;
    for (const [configuration, rung, update, updates, values] of parts)
      await dataSource.query(
        `insert into verdicts (sweep_id, configuration, rung, update, updates, values, score, decision, why)
         values ('s', $1, $2, $3, $4, $5, 0, 'continue', '')`,
        [configuration, rung, update, updates, values],
      );
    const stored = (): Promise<unknown> =>
      dataSource.query(`select updates, values from verdicts order by configuration, rung`);
    const before = await stored();
    await revertBefore(dataSource, 'Populations');
    expect(await stored()).toEqual([
      { updates: [2, 4], values: [9, 8] },
      { updates: [2, 4, 6, 12], values: [9, 8, 7, NaN] },
      { updates: [4], values: [5] },
    ]);
    await migrate(dataSource);
    expect(await stored()).toEqual(before);
  });

  it('adds the token type to existing leaderboards', async () => {
    await migrate(dataSource);
    await revertBefore(dataSource, 'BoardTokens');
    await dataSource.query(
      `insert into sweeps (id, name, state, spec, objective, datasets, configurations, total)
       values ('s', 's', 'completed', '{}', '{"metric": "m", "goal": "minimize"}', '{}', 2, 2)`,
    );
    const before = ['regression', 'classification', 'language-model'].map((task) => ({ task, tokens: 'character' }));
    for (const { task, tokens } of before)
      await dataSource.query(
        `insert into boards (sweep_id, board, objective, metric, goal, dataset, fingerprint, reading, task, tokens)
         values ('s', $1, 'minimize m', 'm', 'minimize', 'd', 'print', '{}', $1, $2)`,
        [task, tokens],
      );
    const stored = (): Promise<unknown> => dataSource.query('select task, tokens from boards order by task desc');
    await migrate(dataSource);
    const [regression, ...others] = before;
    expect(await stored()).toEqual([{ ...regression, tokens: null }, others[1], others[0]]);
    await revertBefore(dataSource, 'BoardTokens');
    expect(await stored()).toEqual([regression, others[1], others[0]]);
  });

  it('gives way, when reports lose their foreign keys, to transactions that use the tables in any order', async () => {
    await migrate(dataSource);
    for (const [first, second] of [
      ['trials', 'metric_chunks'],
      ['samples', 'trials'],
    ] as const) {
      await revertBefore(dataSource, 'UncheckedDetails');
      const runner = dataSource.createQueryRunner();
      await runner.startTransaction();
      await runner.query(`select from ${first}`);
      const migrating = migrate(dataSource);
      await until(async () => {
        const [{ waits }] = await dataSource.query(
          `select exists (select from pg_stat_activity where wait_event_type = 'Lock' and datname = current_database()) as waits`,
        );
        return waits as boolean;
      });
      await runner.query(`select from ${second}`);
      await runner.commitTransaction();
      await runner.release();
      await migrating;
      expect(await schemaIsCurrent(dataSource)).toBe(true);
    }
  });

  it.each([
    ['a backup, which reads tables by their names', 'audit', 'trials'],
    ['a transaction that uses them otherwise', 'trials', 'audit'],
  ])('is migrated beside %s, whatever a migration locks', async (_, first, second) => {
    await migrate(dataSource);
    class Alters9999999999999 implements MigrationInterface {
      async up(runner: QueryRunner): Promise<void> {
        for (const table of [second, first]) await runner.query(`alter table ${table} add altered text`);
      }
      async down(): Promise<void> {}
    }
    const newer = new DataSource({ ...dataSource.options, migrations: [...migrations, Alters9999999999999] });
    const runner = dataSource.createQueryRunner();
    await runner.startTransaction();
    await runner.query(`select from ${first}`);
    const migrating = migrate(newer);
    await until(async () => {
      const [{ waits }] = await dataSource.query(
        `select exists (select from pg_stat_activity where wait_event_type = 'Lock' and datname = current_database()) as waits`,
      );
      return waits as boolean;
    });
    await runner.query(`select from ${second}`);
    await runner.commitTransaction();
    await runner.release();
    await migrating;
    expect(await dataSource.query(`select altered from ${first} union all select altered from ${second}`)).toEqual([]);
  });

  it('lets roles that write what attempts used write it for sweeps too', async () => {
    await migrate(dataSource);
    await revertBefore(dataSource, 'OwnLogs');
    const role = `writer_${process.pid}`;
    // `public`: every role, which is none itself.
    await dataSource.query(`create role ${role}; grant insert on usage_log to ${role}, public`);
    await migrate(dataSource);
    const granted = await dataSource.query(
      `select coalesce(rolname, 'public') as role, privilege_type as privilege from pg_class cross join aclexplode(relacl)
       left join pg_roles on pg_roles.oid = grantee where relname = 'sweep_usage_log' and grantee <> relowner order by 1`,
    );
    expect(granted).toEqual(['public', role].map((each) => ({ role: each, privilege: 'INSERT' })));
    await dataSource.query(`drop owned by ${role}; drop role ${role}`);
  });

  it('can be reverted', async () => {
    await migrate(dataSource);
    await revertBefore(dataSource, 'First');
    expect(await dataSource.query(`select tablename from pg_tables where schemaname = 'public'`)).toEqual([
      { tablename: 'migrations' },
    ]);
  });
});
