import { dataSourceOptions } from '@unroll/database';
import { randomBytes } from 'node:crypto';
import { Client } from 'pg';
import { DataSource } from 'typeorm';

const server = (): string => process.env.UNROLL_TEST_POSTGRES!;
const template = (): string => process.env.UNROLL_TEST_TEMPLATE!;

/** A new name with the template's as its prefix: the teardown of the run drops what is left. */
const newName = (): string => `${template()}_${randomBytes(6).toString('hex')}`;

async function administer<Row>(statement: string): Promise<Row[]> {
  const client = new Client({ connectionString: `${server()}/postgres` });
  await client.connect();
  try {
    return (await client.query(statement)).rows as Row[];
  } finally {
    await client.end();
  }
}

/** Creates a database for one test, with the current schema unless `empty`; returns its URL. */
export async function createDatabase({ empty = false } = {}): Promise<string> {
  const name = newName();
  await administer(empty ? `create database ${name}` : `create database ${name} template ${template()}`);
  return `${server()}/${name}`;
}

/** Drops a database. PostgreSQL waits 5 seconds for connections to end; one that is open still is a leak. */
async function dropDatabase(name: string): Promise<void> {
  try {
    await administer(`drop database ${name}`);
  } catch (error) {
    const open = await administer(
      `select application_name, state, query from pg_stat_activity where datname = '${name}'`,
    );
    await administer(`drop database ${name} with (force)`);
    throw new Error(`this file left connections open: ${JSON.stringify(open)}`, { cause: error });
  }
}

/** The database of a test file, and the test's own connection to it. */
export class TestDatabase extends DataSource {
  /** Called before the connection closes, last first: whatever else holds connections is closed here. */
  readonly closing: (() => Promise<unknown> | undefined)[] = [];

  constructor(readonly name: string) {
    super(dataSourceOptions(`${server()}/${name}`));
  }

  get url(): string {
    return `${server()}/${this.name}`;
  }

  async open(): Promise<void> {
    await administer(`create database ${this.name} template ${template()}`);
    await this.initialize();
  }

  async close(): Promise<void> {
    for (const close of this.closing.reverse()) await close();
    if (this.isInitialized) await this.destroy();
    await dropDatabase(this.name);
  }
}

/**
 * Gives the surrounding block a database with the current schema, a clone of the template of the run. It is dropped after
 * the block, which fails if a connection to it is still open. With `clear`, every test begins without sweeps.
 */
export function useDatabase({ clear = false } = {}): TestDatabase {
  const database = new TestDatabase(newName());
  beforeAll(() => database.open());
  if (clear) afterEach(() => database.query('delete from sweeps'));
  afterAll(() => database.close());
  return database;
}

/** Reverts the migrations of a database back to the state before the one named, such as `Names`. */
export async function revertBefore(dataSource: DataSource, name: string): Promise<void> {
  for (;;) {
    const [last] = await dataSource.query<{ name: string }[]>(
      'select name from migrations order by timestamp desc limit 1',
    );
    if (!last) throw new Error(`no migration ${name} was applied`);
    await dataSource.undoLastMigration();
    if (last.name.replace(/\d+$/, '') === name) return;
  }
}
