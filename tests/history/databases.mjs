// The databases of simulations: clones of one with the current schema.
import { randomInt } from 'node:crypto';
import { createRequire } from 'node:module';
import pg from 'pg';

const require = createRequire(import.meta.url);

/** Runs a statement on a database. */
export async function administer(url, statement) {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  await client.query(statement);
  await client.end();
}

/** An empty database with the current schema. Returns its name. */
export async function openTemplate(adminUrl) {
  const { dataSourceOptions, migrate } = require('../../dist/libs/database/src/index.js');
  const { DataSource } = require('typeorm');
  const name = `template_${process.pid}_${randomInt(2 ** 31)}`;
  await administer(adminUrl, `create database ${name}`);
  const dataSource = await new DataSource(dataSourceOptions(adminUrl.replace(/[^/]*$/, name))).initialize();
  await migrate(dataSource);
  await dataSource.destroy();
  return name;
}
