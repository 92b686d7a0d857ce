// Leaderboards over a million trials: the time of a page at any depth, in the database and over HTTP; also curves, points and files.
// npm run bench -- leaderboard [TRIALS] [POINTS] [URL] [--plans]: with --plans, the plan of each query as docs/leaderboard.md has it;
// with the address of a database that an earlier run has filled, on that.
import { Buffer } from 'node:buffer';
import { rmSync } from 'node:fs';
import { createRequire } from 'node:module';
import { availableParallelism, loadavg } from 'node:os';
import pg from 'pg';
import { startStackPostgres } from '../support/postgres.cjs';
import { temporaryFolder } from '../support/servers.cjs';
import { fillBoards } from './board-data.mjs';
import { startApi } from './start-api.mjs';

const require = createRequire(import.meta.url);
const rounds = 300;
const limit = 50;
const secret = 'a-key-for-the-bench';
const objective = 'minimize validation.bitsPerToken';
const none = { conditions: [] };

const at = (values, part) =>
  values.toSorted((a, b) => a - b)[Math.min(values.length - 1, Math.floor(values.length * part))];
const ms = (value) => (value < 10 ? value.toFixed(2) : value.toFixed(0));

const cases = (sweepId, comparisonKey) => {
  const [one, team] = [{ sweepId }, { comparisonKey, objective }];
  return [...listedCases(one, team), ...scannedCases(one, team)];
};

/** Pages whose order an index stores: the filter, as the database and as HTTP take it. */
function listedCases(one, team) {
  const value = (low, high) => ({ conditions: [{ path: 'value', low, high }] });
  return [
    { what: 'sweep, by value', place: one, filter: none, query: '', listed: true },
    { what: 'sweep, cell, by value', place: one, filter: { cell: 'gru', ...none }, query: 'cell=gru', listed: true },
    {
      what: 'sweep, state, by value',
      place: one,
      filter: { state: 'pruned', ...none },
      query: 'state=pruned',
      listed: true,
    },
    {
      what: 'sweep, range of values, by value',
      place: one,
      filter: value(2, 3),
      query: 'where=value:2..3',
      listed: true,
    },
    { what: 'team, by value', place: team, filter: none, query: '', listed: true },
    { what: 'team, cell, by value', place: team, filter: { cell: 'gru', ...none }, query: 'cell=gru', listed: true },
    {
      what: 'team, range of values, by value',
      place: team,
      filter: value(2, 3),
      query: 'where=value:2..3',
      listed: true,
    },
  ];
}

/** Pages that PostgreSQL has to filter or sort: the filter and the order, as the database and as HTTP take them. */
function scannedCases(one, team) {
  const rate = { conditions: [{ path: 'training.learningRate', low: 1e-3, high: 1e-2 }] };
  const width = { conditions: [{ path: 'model.hiddenSize', equals: '64' }] };
  const by = (by, name) => ({ by, name });
  return [
    {
      what: 'sweep, range of a parameter, by value',
      place: one,
      filter: rate,
      query: 'where=training.learningRate:1e-3..1e-2',
    },
    {
      what: 'sweep, a parameter, cell and state, by value',
      place: one,
      filter: { cell: 'gru', state: 'pruned', ...width },
      query: 'where=model.hiddenSize:64&cell=gru&state=pruned',
    },
    { what: 'sweep, worst first', place: one, filter: none, sort: by('value'), descending: true, query: 'order=desc' },
    {
      what: 'sweep, by a parameter',
      place: one,
      filter: none,
      sort: by('parameter', 'training.learningRate'),
      query: 'sort=parameter:training.learningRate',
    },
    {
      what: 'sweep, by a metric',
      place: one,
      filter: none,
      sort: by('metric', 'validation.loss'),
      query: 'sort=metric:validation.loss',
    },
    { what: 'sweep, by time of finishing', place: one, filter: none, sort: by('finishedAt'), query: 'sort=finishedAt' },
    { what: 'team, a parameter, by value', place: team, filter: width, query: 'where=model.hiddenSize:64' },
    {
      what: 'team, by a parameter',
      place: team,
      filter: none,
      sort: by('parameter', 'training.learningRate'),
      query: 'sort=parameter:training.learningRate',
    },
  ];
}

/** Rows anywhere in the order of a case, with their ranks and places. */
async function positions(client, { place, filter, sort }, count) {
  const where = [
    'score is not null',
    'sweepId' in place
      ? `sweep_id = '${place.sweepId}'`
      : `comparison_key = '${place.comparisonKey}' and objective = '${objective}'`,
    ...(filter.cell ? [`cell = '${filter.cell}'`] : []),
    ...(filter.state ? [`state = '${filter.state}'`] : []),
    ...filter.conditions.flatMap(({ path, low, high, equals }) => {
      const own = path === 'value' ? 'score' : `(parameters ->> '${path}')::double precision`;
      return equals === undefined ? [`${own} between ${low} and ${high}`] : [`${own} = ${equals}`];
    }),
  ];
  const json = sort?.by === 'parameter' ? 'parameters' : 'metrics';
  const key =
    { value: 'score', finishedAt: 'extract(epoch from finished_at)::double precision * 1000' }[sort?.by] ??
    (sort ? `(${json} ->> '${sort.name}')::double precision` : 'null');
  const { rows } = await client.query(
    `select * from (
       select score, sweep_id as "sweepId", configuration, rank() over (order by score)::integer as rank,
              row_number() over (order by score, sweep_id, configuration)::integer as place, (${key})::text as key
       from configurations where ${where.join(' and ')}
     ) placed order by hashtext(place::text) limit ${count}`,
  );
  return rows;
}

const pageOf = (database, each, from) => {
  const { rankedPage, sortedPage } = require('../../dist/libs/database/src/index.js');
  const request = { place: each.place, sign: 1, filter: each.filter, limit };
  return each.sort
    ? sortedPage(database, request, each.sort, each.descending ?? false, from)
    : rankedPage(database, request, from);
};

/** Milliseconds that PostgreSQL plans and runs the statements of a page, as it says itself. */
async function inDatabase(dataSource, each, found) {
  const took = [];
  let wrong = 0;
  for (const [index, position] of found.entries()) {
    const direction = index % 2 ? 'next' : 'previous';
    const asked = [];
    const spy = { query: (sql, values) => (asked.push([sql, values]), dataSource.query(sql, values)) };
    const page = await pageOf(spy, each, { position, direction });
    let own = 0;
    for (const [sql, values] of asked) {
      const [row] = await dataSource.query(`explain (analyze, timing off, buffers off, format json) ${sql}`, values);
      const [{ 'Planning Time': planning, 'Execution Time': execution }] = row['QUERY PLAN'];
      own += planning + execution;
    }
    took.push(own);
    const next = page.rows[0];
    if (
      !each.sort &&
      direction === 'next' &&
      next &&
      next.rank !== (next.score === position.score ? position.rank : position.place + 1)
    )
      wrong += 1;
  }
  if (wrong > 0) throw new Error(`${each.what}: ${wrong} wrong ranks`);
  return took;
}

async function overHttp(url, each, found) {
  const sort = each.sort ? (each.sort.name ? `${each.sort.by}:${each.sort.name}` : each.sort.by) : 'value';
  const path = 'sweepId' in each.place ? `/v1/sweeps/${each.place.sweepId}/leaderboard` : '/v1/leaderboard';
  const took = [];
  for (const [index, { key, rank, place, ...row }] of found.entries()) {
    const position = each.sort ? { ...row, key } : { ...row, rank, place };
    const order = `${sort} ${each.descending ? 'descending' : 'ascending'}`;
    const cursor = Buffer.from(
      JSON.stringify({ sort: order, way: index % 2 ? 'next' : 'previous', total: null, ...position }),
    ).toString('base64url');
    const began = performance.now();
    const response = await fetch(`${url}${path}?limit=${limit}&${each.query}&cursor=${cursor}`, {
      headers: { authorization: `Bearer ${secret}` },
    });
    const { items, detail } = await response.json();
    took.push(performance.now() - began);
    if (!response.ok) throw new Error(detail);
    if (items.length === 0 && index % 2 && place < 10) throw new Error(`${each.what}: an empty page`);
  }
  return took;
}

/** The statement of a page in the middle, and what PostgreSQL does for it. */
async function planOf(dataSource, each, [position]) {
  const asked = [];
  const spy = { query: (sql, values) => (asked.push([sql, values]), dataSource.query(sql, values)) };
  await pageOf(spy, each, { position, direction: 'next' });
  const [[sql, values]] = asked;
  const lines = await dataSource.query(`explain (analyze, buffers, costs off, timing off, summary on) ${sql}`, values);
  return lines
    .map((line) => line['QUERY PLAN'])
    .filter((line) => !/^(Planning:| {2}Buffers: shared hit=\d+$)/.test(line))
    .join('\n');
}

/** Milliseconds until the whole response has arrived, and its size in bytes. */
async function fetched(url, path) {
  const began = performance.now();
  const response = await fetch(url + path, { headers: { authorization: `Bearer ${secret}` } });
  const bytes = (await response.arrayBuffer()).byteLength;
  if (!response.ok) throw new Error(`${path}: ${response.status}`);
  return { took: performance.now() - began, bytes };
}

async function measureOthers(url, sweepId) {
  const paths = [
    ['500 curves, 200 points each', `/v1/sweeps/${sweepId}/curves`],
    ['10,000 points with their parameters', `/v1/sweeps/${sweepId}/points`],
    ['best so far of 100,000 trials', `/v1/sweeps/${sweepId}/history`],
    ['the sweep itself', `/v1/sweeps/${sweepId}`],
    ['all boards', '/v1/boards'],
    ['export of a sweep as CSV', `/v1/sweeps/${sweepId}/export`],
  ];
  console.log('\n| what, over HTTP | median ms of 5 | kB |\n| --- | --- | --- |');
  for (const [what, path] of paths) {
    const all = [];
    for (let round = 0; round < 5; round += 1) all.push(await fetched(url, path));
    console.log(
      `| ${what} | ${ms(
        at(
          all.map(({ took }) => took),
          0.5,
        ),
      )} | ${Math.round(all[0].bytes / 1000)} |`,
    );
  }
}

/** Starts a server with an empty database, or uses the one at `url`, which an earlier run filled. */
async function openServer(url) {
  if (!url) return startStackPostgres();
  const folder = temporaryFolder();
  return { url, folder, close: () => rmSync(folder, { recursive: true, force: true }) };
}

async function fillOnce(client, trials, points) {
  const {
    rows: [{ count }],
  } = await client.query('select count(*)::integer as count from sweeps');
  if (count > 0) return 'filled before';
  const began = performance.now();
  await fillBoards(client, trials, points, (done) => process.stderr.write(`\r${done} `));
  process.stderr.write('\n');
  return `made in ${Math.round((performance.now() - began) / 1000)} s`;
}

async function saySize(client, how) {
  const {
    rows: [{ bytes, version, trials, points }],
  } = await client.query(
    `select pg_size_pretty(pg_database_size(current_database())) as bytes, current_setting('server_version') as version,
            (select count(*) from trials)::integer as trials, (select sum(cardinality(updates)) from metric_chunks)::integer as points`,
  );
  console.log(
    `${trials.toLocaleString('en')} trials, ${points.toLocaleString('en')} points of curves: ${bytes}, ${how}; ` +
      `PostgreSQL ${version} with default settings; ${rounds} pages of ${limit} rows at uniform depths (40 where not listed), ` +
      `forward and back in turn; load average ${loadavg()[0].toFixed(1)} on ${availableParallelism()} cores`,
  );
}

export default async function leaderboard(args) {
  const [trials = 1_000_000, points = 50] = args.filter((each) => /^\d+$/.test(each)).map(Number);
  const { DataSource } = require('typeorm');
  const { dataSourceOptions, migrate } = require('../../dist/libs/database/src/index.js');
  const server = await openServer(args.find((each) => each.startsWith('postgres:')));
  const dataSource = await new DataSource(dataSourceOptions(server.url)).initialize();
  const client = new pg.Client({ connectionString: server.url });
  try {
    await migrate(dataSource);
    await client.connect();
    await saySize(client, await fillOnce(client, trials, points));
    const sweepId = 'bench000';
    const {
      rows: [{ comparison_key: comparisonKey }],
    } = await client.query('select comparison_key from boards limit 1');
    const api = await startApi(server.url, server.folder, { UNROLL_KEY: secret });
    console.log(
      '\n| page | listed | database p50 ms | p99 ms | HTTP p50 ms | p99 ms |\n| --- | --- | --- | --- | --- | --- |',
    );
    const plans = [];
    for (const each of cases(sweepId, comparisonKey)) {
      const found = await positions(client, each, each.listed ? rounds : 40);
      await inDatabase(dataSource, each, found);
      const database = await inDatabase(dataSource, each, found);
      if (args.includes('--plans')) plans.push([each.what, await planOf(dataSource, each, found)]);
      await overHttp(api.url, each, found);
      const http = await overHttp(api.url, each, found);
      const took = [database, http].map((all) => `${ms(at(all, 0.5))} | ${ms(at(all, 0.99))}`).join(' | ');
      console.log(`| ${each.what} | ${each.listed ? 'yes' : ''} | ${took} |`);
    }
    await measureOthers(api.url, sweepId);
    for (const [what, plan] of plans) console.log(`\n### ${what}\n\n\`\`\`\n${plan}\n\`\`\``);
    await api.stop();
  } finally {
    await client.end();
    await dataSource.destroy();
    await server.close();
  }
}
