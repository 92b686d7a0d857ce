import { dataSourceOptions, migrate } from '@unroll/database';
import { randomBytes } from 'node:crypto';
import { Client } from 'pg';
import { DataSource } from 'typeorm';

const server = (): string => process.env.UNROLL_TEST_POSTGRES!;

/** An empty database of a name that nobody else has. */
export async function createDatabase(): Promise<string> {
  const name = `unroll_${randomBytes(6).toString('hex')}`;
  const client = new Client({ connectionString: `${server()}/postgres` });
  await client.connect();
  await client.query(`create database ${name}`);
  await client.end();
  return `${server()}/${name}`;
}

/** A database with the schema, and a connection to it that the test closes. */
export async function openDatabase(): Promise<DataSource> {
  const dataSource = new DataSource(dataSourceOptions(await createDatabase()));
  await dataSource.initialize();
  await migrate(dataSource);
  return dataSource;
}

/** The address of the database behind a connection. */
export function urlOf({ options }: DataSource): string {
  return (options as { url: string }).url;
}
