import { Client } from 'pg';
import { from, to } from 'pg-copy-streams';
import type { Readable, Writable } from 'node:stream';
import { DataSource } from 'typeorm';
import { advisoryLocks, dataSourceOptions, migrate, migrations } from '../data-source';

/** Tables that are left out: who follows the changes reads everything again. */
const leftOut = ['migrations', 'changes'];

/** Tables that have no rows, or no others than these, in a database that nobody has used; and what people call them. */
const usedTables = [
  { table: 'sweeps', words: 'sweeps' },
  { table: 'datasets', words: 'data sets' },
  { table: 'views', words: 'saved views' },
  { table: 'registered_models', words: 'registered models' },
  { table: 'members', words: 'members', except: `id = 'local'` },
  { table: 'api_keys', words: 'keys' },
  { table: 'audit', words: 'an audit' },
];

/** The contents of a table in a backup. */
export interface SavedTable {
  name: string;
  columns: string[];
  rows: number;
}

/** What a backup has of a database. */
export interface SavedDatabase {
  /** The names of its migrations, in order. */
  migrations: string[];
  tables: SavedTable[];
}

/** The database cannot be saved or restored. The message is one line. */
export class BackupRefused extends Error {
  override readonly name = 'BackupRefused';
}

async function withClient<Result>(url: string, use: (client: Client) => Promise<Result>): Promise<Result> {
  const client = new Client({ connectionString: url, application_name: 'unroll backup' });
  await client.connect();
  try {
    return await use(client);
  } finally {
    await client.end();
  }
}

async function ask<Row>(client: Client, statement: string, values: unknown[] = []): Promise<Row[]> {
  return (await client.query(statement, values)).rows as Row[];
}

const quoted = (name: string): string => `"${name.replaceAll('"', '""')}"`;

/**
 * Writes all tables, as of one moment, by `write`, in PostgreSQL's text format. `use` is called in the same moment, with the names of the
 * artifacts that the rows mention: checkpoints and models by name, contents of data sets by fingerprint.
 * @throws BackupRefused for a schema of another version
 */
export function saveDatabase(
  url: string,
  write: (table: string, rows: Readable) => Promise<void>,
  use: (saved: SavedDatabase, artifacts: string[], fingerprints: string[]) => Promise<void>,
): Promise<void> {
  return withClient(url, async (client) => {
    await client.query('begin isolation level repeatable read read only');
    const applied = await appliedMigrations(client);
    if (applied.some((name) => !isKnown(name))) throw new BackupRefused(newer);
    if (applied.length < migrations.length)
      throw new BackupRefused('the database has the schema of an earlier version: start this one once, then save it');
    const tables: SavedTable[] = [];
    for (const { name, columns } of await readTables(client)) {
      const copy = client.query(to(`copy ${quoted(name)} (${columns.map(quoted).join(', ')}) to stdout`));
      await write(name, copy);
      tables.push({ name, columns, rows: copy.rowCount });
    }
    const artifacts = await ask<{ name: string }>(
      client,
      `select model as name from trials where model is not null union select checkpoint from trials where checkpoint is not null
       union select checkpoint from verdicts where checkpoint is not null order by name`,
    );
    const contents = await ask<{ name: string }>(
      client,
      'select distinct fingerprint as name from datasets order by name',
    );
    const names = (rows: { name: string }[]): string[] => rows.map(({ name }) => name);
    await use({ migrations: applied, tables }, names(artifacts), names(contents));
  });
}

/**
 * Fills an empty database with a backup, and migrates it to this version. `begin` is called when nothing speaks against that, `read` for
 * each table.
 * @throws BackupRefused if the backup is of a newer version, or the database is used or not empty; nothing is written then
 */
export async function restoreDatabase(
  url: string,
  saved: SavedDatabase,
  begin: () => Promise<void>,
  read: (table: string, rows: Writable) => Promise<void>,
): Promise<void> {
  if (saved.migrations.some((name) => !isKnown(name))) throw new BackupRefused(newer);
  await withClient(url, requireUnused);
  await begin();
  await withSchema(url, saved.migrations);
  await withClient(url, async (client) => {
    await client.query('begin');
    const tables = await inOrder(client, saved.tables);
    // Migrations have written what every new database begins with.
    await client.query(`truncate ${tables.map(({ name }) => quoted(name)).join(', ')}`);
    for (const { name } of tables) await client.query(`alter table ${quoted(name)} disable trigger user`);
    for (const { name, columns, rows } of tables) {
      const copy = client.query(from(`copy ${quoted(name)} (${columns.map(quoted).join(', ')}) from stdin`));
      await read(name, copy);
      if (copy.rowCount !== rows)
        throw new BackupRefused(`the table ${name} has ${copy.rowCount} rows instead of ${rows}`);
    }
    for (const { name } of tables) await client.query(`alter table ${quoted(name)} enable trigger user`);
    await advanceSequences(client);
    await client.query('commit');
  });
  const dataSource = await new DataSource(dataSourceOptions(url)).initialize();
  try {
    await migrate(dataSource);
  } finally {
    await dataSource.destroy();
  }
}

const newer = 'it was written by a newer version of Unroll: use that version';
const isKnown = (name: string): boolean => migrations.some((migration) => migration.name === name);

async function appliedMigrations(client: Client): Promise<string[]> {
  const [{ exists }] = (await ask<{ exists: boolean }>(
    client,
    `select to_regclass('migrations') is not null as exists`,
  )) as [{ exists: boolean }];
  if (!exists) return [];
  const rows = await ask<{ name: string }>(client, 'select name from migrations order by timestamp');
  return rows.map(({ name }) => name);
}

/** Our tables and their stored columns. The queue has a schema of its own, and is filled again from these. */
async function readTables(client: Client): Promise<Omit<SavedTable, 'rows'>[]> {
  return ask(
    client,
    `select table_name as name, array_agg(column_name::text order by ordinal_position) as columns from information_schema.columns
     join information_schema.tables using (table_schema, table_name)
     where table_schema = 'public' and table_type = 'BASE TABLE' and is_generated = 'NEVER' and table_name <> all($1)
     group by table_name order by table_name`,
    [leftOut],
  );
}

async function requireUnused(client: Client): Promise<void> {
  const [{ won }] = (await ask<{ won: boolean }>(client, 'select pg_try_advisory_lock($1) as won', [
    advisoryLocks.lead,
  ])) as [{ won: boolean }];
  if (!won) throw new BackupRefused('an API uses the database: stop it first');
  const existing = new Set((await readTables(client)).map(({ name }) => name));
  const found: string[] = [];
  for (const { table, words, except = 'false' } of usedTables) {
    if (!existing.has(table)) continue;
    if ((await ask(client, `select from ${table} where not (${except}) limit 1`)).length > 0) found.push(words);
  }
  if (found.length > 0) throw new BackupRefused(`the database has ${found.join(', ')}: restore into an empty one`);
}

/** Gives an empty database the schema after these migrations. */
async function withSchema(url: string, names: readonly string[]): Promise<void> {
  const wanted = migrations.filter(({ name }) => names.includes(name));
  const dataSource = await new DataSource({ ...dataSourceOptions(url), migrations: wanted }).initialize();
  try {
    await dataSource.runMigrations({ transaction: 'all' });
    const rows = await dataSource.query<{ name: string }[]>('select name from migrations');
    if (rows.length > wanted.length)
      throw new BackupRefused('the database has the schema of a newer version than the backup: restore into a new one');
  } finally {
    await dataSource.destroy();
  }
}

/** Tables so that each comes after those that its rows refer to. */
async function inOrder(client: Client, tables: readonly SavedTable[]): Promise<SavedTable[]> {
  const references = await ask<{ own: string; other: string }>(
    client,
    `select own.relname as own, other.relname as other from pg_constraint
     join pg_class own on own.oid = conrelid join pg_class other on other.oid = confrelid where contype = 'f' and conrelid <> confrelid`,
  );
  const ordered: SavedTable[] = [];
  for (let left = [...tables]; left.length > 0;) {
    const isFree = ({ name }: SavedTable): boolean =>
      !references.some(({ own, other }) => own === name && left.some((each) => each.name === other));
    ordered.push(...left.filter(isFree));
    left = left.filter((table) => !isFree(table));
  }
  return ordered;
}

async function advanceSequences(client: Client): Promise<void> {
  const columns = await ask<{ table: string; column: string }>(
    client,
    `select table_name as table, column_name as column from information_schema.columns
     where table_schema = 'public' and column_default like 'nextval(%'`,
  );
  for (const { table, column } of columns)
    await client.query(
      `select setval(pg_get_serial_sequence($1, $2), coalesce(max(${quoted(column)}), 0) + 1, false) from ${quoted(table)}`,
      [quoted(table), column],
    );
}
