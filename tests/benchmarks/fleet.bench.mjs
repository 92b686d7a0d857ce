// A fleet of simulated workers on one API: npm run bench -- fleet [WORKERS]; or what each call costs PostgreSQL: fleet costs
//   --bouncer [N]    through PgBouncer in transaction mode, with N connections to PostgreSQL (50)
//   --redis          the queue on Redis
//   --seconds N      of the measurement (30), and --trial N: of a trial (10)
//   --dist FOLDER    another build, beside which this one is compared
// Each worker is the built one, with a trainer that trains nothing: it claims, renews every 2 s, reports once a second, and commits.
import { fork } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { parseArgs } from 'node:util';
import pg from 'pg';
import { printCosts } from './fleet/costs.mjs';
import { openPostgres } from './fleet/servers.mjs';
import { startApi } from './start-api.mjs';

const require = createRequire(import.meta.url);
const { pooler, startPooler } = require('../support/pooler.cjs');
const { hasRedis, startRedis } = require('../support/servers.cjs');
const key = 'a-key-for-benchmarks-of-fleets';
const sizes = [100, 300, 1_000, 3_000];
/** Simulated workers of one process. */
const perProcess = 125;

/** CPU seconds of a process; with `family`, of those that it has started too, the ended ones included. */
function processorTime(pid, family = false) {
  const read = (each) => {
    try {
      const fields = readFileSync(`/proc/${each}/stat`, 'utf8')
        .replace(/^.*\) /s, '')
        .split(' ');
      const [own, ended] = [Number(fields[11]) + Number(fields[12]), Number(fields[13]) + Number(fields[14])];
      return { parent: Number(fields[1]), own: own / 100, ended: ended / 100 };
    } catch {
      return { parent: 0, own: 0, ended: 0 };
    }
  };
  const { own, ended } = read(pid);
  if (!family) return own;
  const children = readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .map((name) => read(Number(name)))
    .filter(({ parent }) => parent === pid);
  return own + ended + children.reduce((sum, child) => sum + child.own, 0);
}

const percentile = (times, share) => times[Math.min(times.length - 1, Math.floor(times.length * share))] ?? NaN;

async function submit(url, trials) {
  const sweep = {
    name: 'fleet',
    dataset: { name: 'adding-problem', steps: 8, sequences: 20 },
    task: 'regression',
    model: { cell: 'rnn', hiddenSize: 8 },
    training: { updates: 1000, reportEvery: 100, learningRate: { logUniform: [1e-4, 1e-2] } },
    search: { trials },
  };
  const headers = { authorization: `Bearer ${key}`, 'content-type': 'application/json' };
  const response = await fetch(`${url}/v1/sweeps`, { method: 'POST', headers, body: JSON.stringify(sweep) });
  if (!response.ok) throw new Error(await response.text());
}

/** Starts processes of simulated workers, which have joined the fleet when this resolves. */
async function startWorkers(count, environment, { dist, trial }) {
  const script = fileURLToPath(new URL('fleet/simulated-workers.mjs', import.meta.url));
  const processes = [];
  for (let left = count; left > 0; left -= perProcess) {
    const args = [dist, String(Math.min(left, perProcess)), String(trial)];
    processes.push(fork(script, args, { env: environment, stdio: ['ignore', 'ignore', 'inherit', 'ipc'] }));
  }
  const heard = (child, type) =>
    new Promise((done, fail) => {
      child.on('message', (message) => message.type === type && done(message));
      child.on('exit', (code) => fail(new Error(`a process of workers ended with code ${code}`)));
    });
  await Promise.all(processes.map((child) => heard(child, 'ready')));
  return {
    pids: processes.map(({ pid }) => pid),
    begin: () => processes.forEach((child) => child.send('begin')),
    tell: () => Promise.all(processes.map((child) => (child.send('tell'), heard(child, 'told')))),
    stop: () =>
      Promise.all(
        processes.map((child) => new Promise((done) => (child.on('exit', done), child.send('end', () => undefined)))),
      ),
  };
}

/** What the database counts: trials that have completed, leases that were lost, connections, statements. */
async function count(client) {
  const { rows } = await client.query(
    `select (select count(*)::integer from trials where state = 'completed') as completed,
       (select count(*)::integer from attempts where state = 'lost') as lost,
       (select count(*)::integer from pg_stat_activity where datname = current_database() and application_name <> 'bench') as connections,
       (select sum(calls)::integer from pg_stat_statements) as statements,
       (select sum(wal_bytes)::double precision from pg_stat_statements) as wal`,
  );
  return rows[0];
}

/** The statements that take most of the server's time. */
async function slowest(client, most) {
  const { rows } = await client.query(
    `select calls::integer, total_exec_time as time, left(regexp_replace(query, '\\s+', ' ', 'g'), 90) as query
     from pg_stat_statements order by total_exec_time desc limit $1`,
    [most],
  );
  return rows;
}

async function measure(fleet, client, pids, seconds) {
  const times = () => Object.fromEntries(Object.entries(pids).map(([name, read]) => [name, read()]));
  await client.query('select pg_stat_statements_reset()');
  fleet.begin();
  const [before, used, began] = [await count(client), times(), performance.now()];
  let most = before.connections;
  const waits = [];
  const events = new Map();
  while (performance.now() - began < seconds * 1000) {
    await sleep(250);
    const { rows } = await client.query(
      `select count(*)::integer as all, (count(*) filter (where wait_event_type = 'Lock'))::integer as waiting,
         array_agg(coalesce(wait_event, 'the processor')) filter (where state <> 'idle') as events
       from pg_stat_activity where datname = current_database() and application_name <> 'bench'`,
    );
    most = Math.max(most, rows[0].all);
    for (const each of rows[0].events ?? []) events.set(each, (events.get(each) ?? 0) + 1);
    waits.push(rows[0].waiting);
  }
  const [after, usedAfter] = [await count(client), times()];
  const took = (performance.now() - began) / 1000;
  const told = await fleet.tell();
  const cpu = Object.fromEntries(Object.keys(pids).map((name) => [name, usedAfter[name] - used[name]]));
  const waiting = waits.reduce((sum, each) => sum + each, 0) / waits.length;
  const busy = [...events].map(([name, seen]) => [name, seen / waits.length]).sort(([, a], [, b]) => b - a);
  return { before, after, took, told, cpu, connections: most, waiting, busy };
}

/**
 * Claims by the second of a trial's length in which they began: workers that began together claim together. Each with how many a second
 * there were, and what half of them took at most.
 */
function printPhases(told, trial) {
  const all = told.flatMap(({ calls, claimsBegan }) => claimsBegan.map((at, index) => [at, calls.claim[index]]));
  const first = all.reduce((least, [at]) => Math.min(least, at), Infinity);
  const last = all.reduce((most, [at]) => Math.max(most, at), 0);
  const rounds = Math.max(1, (last - first) / 1000 / trial);
  const phases = Array.from({ length: trial }, (_, second) => {
    const times = all.filter(([at]) => Math.floor((at - first) / 1000) % trial === second).map(([, time]) => time);
    times.sort((a, b) => a - b);
    return `${(times.length / rounds).toFixed(0)}${times.length > 0 ? ` (${percentile(times, 0.5).toFixed(0)} ms)` : ''}`;
  });
  console.log(`| claims in each second of a trial's length | ${phases.join(', ')} |`);
}

function print(workers, trial, { before, after, took, told, cpu, connections, waiting, busy }) {
  const results = after.completed - before.completed;
  const each = (number, digits = 1) => (number / Math.max(1, results)).toFixed(digits);
  console.log(`\n${workers} workers, ${(workers / trial).toFixed(0)} results a second if nothing took time`);
  console.log(`| results a second | ${(results / took).toFixed(1)} |\n| --- | --- |`);
  console.log(`| leases lost | ${after.lost - before.lost} |`);
  console.log(`| connections to PostgreSQL, most | ${connections} |`);
  console.log(`| connections that wait for a lock, on average | ${waiting.toFixed(2)} |`);
  const shown = busy.slice(0, 4).map(([name, seen]) => `${name} ${seen.toFixed(2)}`);
  console.log(`| connections that do something, on average, by what holds them up | ${shown.join(', ')} |`);
  for (const name of ['claim', 'commit', 'renewal']) {
    const all = told.flatMap(({ calls }) => calls[name]).sort((a, b) => a - b);
    const [half, most] = [percentile(all, 0.5), percentile(all, 0.99)].map((time) => time.toFixed(1));
    console.log(`| ${name}, ms: half, 99 % (${all.length}) | ${half}, ${most} |`);
  }
  printPhases(told, trial);
  for (const name of ['claim', 'commit', 'renewal', 'queue'])
    console.log(
      `| round trips of ${name}, per result | ${each(told.reduce((sum, { trips }) => sum + trips[name], 0))} |`,
    );
  console.log(
    `| connections that workers open, per result | ${each(told.reduce((sum, { opened }) => sum + opened, 0))} |`,
  );
  console.log(`| statements, those in functions left out, per result | ${each(after.statements)} |`);
  console.log(`| WAL, KB per result | ${each(after.wal / 1024)} |`);
  for (const [name, used] of Object.entries(cpu)) {
    const part = `${((100 * used) / took).toFixed(0)} % of a core`;
    console.log(`| CPU of ${name}, ms per result | ${each(1000 * used, 2)} (${part}) |`);
  }
  const errors = new Map();
  for (const { errors: own } of told)
    for (const [text, times] of own) errors.set(text, (errors.get(text) ?? 0) + times);
  for (const [text, times] of errors) console.log(`${times} × ${text}`);
}

async function run(workers, options) {
  const folder = mkdtempSync(join(tmpdir(), 'unroll-fleet-'));
  const closing = [() => rmSync(folder, { recursive: true, force: true })];
  try {
    const direct = options.bouncer === undefined;
    // A queue on PostgreSQL needs sessions of its own, which go past PgBouncer.
    const pastPooler = (options.redis ? 0 : 3) * workers;
    const postgres = await openPostgres(60 + (direct ? 4 * workers : options.bouncer + pastPooler));
    closing.push(() => postgres.stop());
    // PgBouncer's own default: a new connection makes its plans anew.
    const pooled = direct ? undefined : await startPooler(postgres.url, options.bouncer, { serverIdleSeconds: 600 });
    if (pooled) closing.push(() => pooled.stop());
    const redis = options.redis ? await startRedis() : undefined;
    if (redis) closing.push(() => redis.kill());
    const given = {
      UNROLL_KEY: key,
      ARTIFACTS_URL: pathToFileURL(join(folder, 'artifacts')).href,
      UNROLL_LANES: '1',
      UNROLL_SLOTS: '1',
      ...(redis ? { REDIS_URL: redis.url } : {}),
      ...(pooled ? { DATABASE_DIRECT_URL: postgres.url } : {}),
    };
    const databaseUrl = pooled?.url() ?? postgres.url;
    const api = await startApi(databaseUrl, folder, given, options.dist);
    closing.push(() => api.stop());
    const client = new pg.Client({ connectionString: postgres.url, application_name: 'bench' });
    await client.connect();
    closing.push(() => client.end());
    // Where the server has ended first, the next statement tells.
    client.on('error', () => undefined);
    await client.query('create extension pg_stat_statements');
    const shared = { DATABASE_URL: databaseUrl, UNROLL_DATA: folder, UNROLL_LOG_LEVEL: 'silent', ...given };
    const fleet = await startWorkers(workers, { ...process.env, ...shared }, options);
    closing.push(() => fleet.stop());
    const { seconds, trial } = options;
    await submit(api.url, Math.ceil(workers * (2 + (2 * trial + seconds) / trial)));
    // All of them have begun a trial, and the first ones have ended.
    await sleep(1000 * (trial + 2));
    const pids = {
      PostgreSQL: () => processorTime(postgres.pid, true),
      ...(pooled ? { PgBouncer: () => processorTime(pooled.pid) } : {}),
      'the API': () => processorTime(api.pid),
      'the workers': () => fleet.pids.reduce((sum, pid) => sum + processorTime(pid), 0),
    };
    print(workers, trial, await measure(fleet, client, pids, seconds));
    for (const { calls, time, query } of options.slowest ? await slowest(client, 12) : [])
      console.log(`  ${(time / 1000).toFixed(2).padStart(7)} s ${String(calls).padStart(7)} × ${query}`);
  } finally {
    for (const close of closing.reverse()) await close();
  }
}

export default async function fleet(args) {
  const { values, positionals } = parseArgs({
    args,
    allowPositionals: true,
    options: {
      bouncer: { type: 'string' },
      redis: { type: 'boolean' },
      seconds: { type: 'string', default: '30' },
      trial: { type: 'string', default: '10' },
      slowest: { type: 'boolean' },
      dist: { type: 'string', default: fileURLToPath(new URL('../../dist', import.meta.url)) },
    },
  });
  if (values.bouncer !== undefined && !pooler) throw new Error('pgbouncer is not installed');
  if (values.redis && !hasRedis) throw new Error('redis-server is not installed');
  const options = {
    ...values,
    dist: resolve(values.dist),
    bouncer: values.bouncer === undefined ? undefined : Number(values.bouncer),
    seconds: Number(values.seconds),
    trial: Number(values.trial),
  };
  if (positionals[0] === 'costs') return printCosts(options.dist);
  const where = options.bouncer === undefined ? '' : `, through PgBouncer with ${options.bouncer} connections`;
  console.log(`trials of ${options.trial} s, queue on ${options.redis ? 'Redis' : 'PostgreSQL'}${where}`);
  for (const workers of positionals.length > 0 ? positionals.map(Number) : sizes) await run(workers, options);
}
