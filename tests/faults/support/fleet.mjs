// A fleet of real processes on its own database: an API, workers and their trainers, which scenarios kill, stop and disconnect.
import { spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { mkdirSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath, pathToFileURL } from 'node:url';
import pg from 'pg';
import checker from '../../history/checker.cjs';
import recorder from '../../history/recorder.cjs';
import { freePort, hasRedis, startRedis, temporaryFolder } from '../../support/servers.cjs';
import { openPostgres } from './servers.mjs';

const entry = (app) => fileURLToPath(new URL(`../../../dist/apps/${app}/src/main.js`, import.meta.url));
const preload = fileURLToPath(new URL('../../history/preload.cjs', import.meta.url));
const key = 'a-key-for-scenarios';
let shared;

/** The servers shared by scenarios that do not break them. */
export const sharedServers = async () =>
  (shared ??= { postgres: await openPostgres(), redis: hasRedis ? await startRedis() : undefined });

export async function closeSharedServers() {
  shared?.redis?.kill();
  await shared?.postgres.stop();
  shared = undefined;
}

/** Resolves with the first truthy value of `condition`; fails after `seconds`, naming `what` it waited for. */
export async function until(what, condition, seconds = 60) {
  const deadline = performance.now() + seconds * 1000;
  for (;;) {
    const value = await condition();
    if (value) return value;
    if (performance.now() > deadline) throw new Error(`${what}: still false after ${seconds} s`);
    await sleep(30);
  }
}

export function require(condition, what) {
  if (!condition) throw new Error(what);
}

/** How a process ended, and when. */
const isAlive = (pid) => {
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
};

function ending(child) {
  return new Promise((resolve) =>
    child.once('close', (code, signal) => resolve({ code, signal, at: performance.now() })),
  );
}

export class Fleet {
  processes = [];
  key = key;
  standardEnvironment = {};
  /** What users were told, for the history. */
  told = [];

  static async open({ leaseSeconds = 3, servers, environment = {} } = {}) {
    const fleet = new Fleet();
    fleet.servers = servers ?? (await sharedServers());
    const name = `unroll_${randomBytes(6).toString('hex')}`;
    fleet.adminUrl = fleet.servers.postgres.url;
    await fleet.admin(`create database ${name}`);
    fleet.databaseUrl = fleet.adminUrl.replace(/[^/]*$/, name);
    fleet.folder = temporaryFolder();
    fleet.artifacts = join(fleet.folder, 'artifacts');
    fleet.histories = join(fleet.folder, 'history');
    mkdirSync(fleet.histories);
    fleet.standardEnvironment = {
      ...Object.fromEntries(
        Object.entries(process.env).filter(
          ([each]) => !/^(UNROLL_|DATABASE_URL|REDIS_URL|ARTIFACTS_URL|JEST)/.test(each),
        ),
      ),
      DATABASE_URL: fleet.databaseUrl,
      ...(fleet.servers.redis ? { REDIS_URL: fleet.servers.redis.url } : {}),
      ARTIFACTS_URL: pathToFileURL(fleet.artifacts).href,
      UNROLL_KEY: key,
      UNROLL_DATA: fleet.folder,
      UNROLL_LEASE_SECONDS: String(leaseSeconds),
      HISTORY_FOLDER: fleet.histories,
      UNROLL_LANES: '4',
      NODE_ENV: 'production',
      UNROLL_LOG_LEVEL: 'warn',
      ...environment,
    };
    fleet.pool = new pg.Pool({ connectionString: fleet.databaseUrl, max: 3 });
    fleet.pool.on('error', () => undefined);
    return fleet;
  }

  async admin(statement) {
    const client = new pg.Client({ connectionString: this.adminUrl });
    await client.connect();
    await client.query(statement);
    await client.end();
  }

  async query(statement, values = []) {
    return (await this.pool.query(statement, values)).rows;
  }

  async one(statement, values = []) {
    return Object.values((await this.query(statement, values))[0])[0];
  }

  /** Starts a process of the fleet and resolves when it is ready; `before` is a program, with arguments, that runs it. */
  async start(app, environment = {}, before = []) {
    const [program, ...args] = [...before, process.execPath, '--require', preload, entry(app)];
    const child = spawn(program, args, {
      env: { ...this.standardEnvironment, ...environment },
      stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
      detached: true,
    });
    const running = {
      app,
      child,
      pid: child.pid,
      log: '',
      ended: ending(child),
      kill: (signal = 'SIGKILL') => child.kill(signal),
    };
    for (const stream of [child.stdout, child.stderr]) stream.on('data', (data) => (running.log += data));
    this.processes.push(running);
    const ready = new Promise((resolve) => child.once('message', resolve));
    const first = await Promise.race([ready, running.ended]);
    if (first.type !== 'ready')
      throw new Error(`the ${app} did not start: ${first.message ?? running.log.slice(-2000)}`);
    if (first.port) running.url = `http://127.0.0.1:${first.port}`;
    return running;
  }

  async startApi(environment = {}) {
    const api = await this.start('api', { UNROLL_PORT: String(await freePort()), ...environment });
    this.url = api.url;
    // Once the API has migrated the database, and before a worker claims anything.
    if (!this.isRecorded) await recorder.installRecorder((statement) => this.query(statement));
    this.isRecorded = true;
    return api;
  }

  startWorker(environment = {}, before = []) {
    return this.start('worker', environment, before);
  }

  async call(path, { body, ...options } = {}) {
    const response = await fetch(this.url + path, {
      ...options,
      ...(body ? { method: 'POST', body: JSON.stringify(body) } : {}),
      headers: {
        authorization: `Bearer ${key}`,
        ...(body ? { 'content-type': 'application/json' } : {}),
        ...options.headers,
      },
    });
    if (!response.ok) throw new Error(`${response.status}: ${await response.text()}`);
    return response.json();
  }

  async submit(spec, headers = {}) {
    const sweep = await this.call('/v1/sweeps', { body: spec, headers });
    this.told.push({ by: 'client', event: 'submit', phase: 'ok', at: new Date().toISOString(), sweep: sweep.id });
    return sweep;
  }

  /** Writes the history of the scenario, and requires that the checker finds nothing in it. Returns what it was checked against. */
  async checkHistory() {
    if (!this.isRecorded) return '';
    const clients = readdirSync(this.histories).flatMap((name) =>
      // A process that was killed may have left half a line.
      readFileSync(join(this.histories, name), 'utf8').split('\n').slice(0, -1),
    );
    const server = await recorder.recorded((statement) => this.query(statement));
    const events = [...clients.map((line) => JSON.parse(line)), ...this.told, ...server];
    const file = join(this.folder, 'history.jsonl');
    recorder.writeHistory(file, events);
    const { violations, written, acknowledged } = checker.check(events);
    const [first] = violations;
    require(!first, `${violations.length} violations in ${file}, first ${first?.rule}: ${first?.what}`);
    return `; ${written} rows written and ${acknowledged} answers checked`;
  }

  counts(id) {
    return this.query(`select state, count(*)::integer as count from trials where sweep_id = $1 group by state`, [
      id,
    ]).then((rows) => Object.fromEntries(rows.map(({ state, count }) => [state, count])));
  }

  /** Resolves when a sweep has ended, with its number of trials by state. */
  async ended(id, seconds = 120) {
    await until(
      `sweep ${id} has ended`,
      async () => await this.one(`select finished_at is not null from sweeps where id = $1`, [id]),
      seconds,
    ).catch(async (error) => {
      throw new Error(`${error.message}; its trials: ${JSON.stringify(await this.counts(id))}`);
    });
    return this.counts(id);
  }

  /** Live trainers, as reported by the workers. */
  async trainers() {
    // A worker that was killed is listed for a while.
    const rows = await this.query('select trainers from workers order by last_seen');
    return rows.flatMap(({ trainers }) => trainers).filter(isAlive);
  }

  async close() {
    for (const running of this.processes) {
      running.kill('SIGCONT');
      running.kill('SIGKILL');
    }
    await Promise.all(this.processes.map(({ ended }) => ended));
    await this.pool.end().catch(() => undefined);
  }
}

/** Opens a fleet, passes it to `scenario`, and ends all its processes. */
export async function withFleet(options, scenario) {
  const fleet = await Fleet.open(options);
  try {
    const figure = await scenario(fleet);
    return typeof figure === 'string' ? figure + (await fleet.checkHistory()) : figure;
  } catch (error) {
    const logs = fleet.processes.map(({ app, pid, log }) => `--- ${app} ${pid}\n${log.slice(-800)}`).join('\n');
    throw new Error(
      `${error.message}\n${process.env.FAULTS_LOGS ? logs : '(FAULTS_LOGS=1 shows what the processes said)'}`,
      { cause: error },
    );
  } finally {
    await fleet.close();
  }
}

/** A sweep of small networks on built-in data without a download; `updates` is the length of a trial. */
export function sweepOf(trials, updates, changes = {}) {
  const { training, search, ...rest } = changes;
  return {
    name: 'faults',
    dataset: { name: 'adding-problem', steps: 6, sequences: 60 },
    task: 'regression',
    model: { cell: 'lstm', hiddenSize: 8 },
    training: {
      batchSize: 4,
      updates,
      reportEvery: Math.max(1, Math.floor(updates / 4)),
      learningRate: { logUniform: [1e-4, 1e-2] },
      ...training,
    },
    search: { trials, ...search },
    ...rest,
  };
}

/** Requires what must hold for any sweep after faults: every trial completed once, by one attempt that succeeded. */
export async function requireNothingLost(fleet, id, trials) {
  const counts = await fleet.counts(id);
  require(counts.completed === trials, `${trials} trials should have completed: ${JSON.stringify(counts)}`);
  const twice = await fleet.one(
    `select count(*)::integer from (select trial_id from attempts join trials on trials.id = trial_id
     where sweep_id = $1 and attempts.state = 'succeeded' group by trial_id having count(*) <> 1) twice`,
    [id],
  );
  require(twice === 0, `${twice} trials have more than one result`);
  // Every curve must have each point once, in order, up to the last update.
  const torn = await fleet.one(
    `select count(*)::integer from (
       select trial_id, name, array_agg(point order by first_update, place) as points, max(trials.updates) as updates
       from metric_chunks join trials on trials.id = trial_id, unnest(metric_chunks.updates) with ordinality as point (point, place)
       where sweep_id = $1 group by trial_id, name) curves
     where points <> (select array_agg(distinct point order by point) from unnest(points) point)
        or points[array_length(points, 1)] <> updates`,
    [id],
  );
  require(torn === 0, `${torn} curves have duplicate, unordered or missing points`);
}
