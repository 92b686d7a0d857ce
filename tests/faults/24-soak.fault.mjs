import { Redis } from 'ioredis';
import { randomInt, randomUUID } from 'node:crypto';
import { mkdirSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { soak } from '../history/soak.mjs';
import { hasRedis, startRedis } from '../support/servers.cjs';
import { require as requires, requireNothingLost, sharedServers, sweepOf, until, withFleet } from './support/fleet.mjs';
import { bytesOf, databaseFigures, judge, lineOf, memoryOf } from './support/samples.mjs';
import { openPostgres } from './support/servers.mjs';

const require = createRequire(import.meta.url);

export const title = 'a fleet under load for hours, whose processes crash at random, takes no more with time';
export const skipped = () => (hasRedis ? undefined : 'this machine has no redis-server');

const trials = 8;
/** Sweeps that are kept: older ones are deleted, so that what is stored stays the same. */
const keptSweeps = 12;
const sampleSeconds = 5;

/** Numbers in [0, 1) from a seed. */
function drawsOf(seed) {
  const { stream } = require('../../dist/libs/random/src/index.js');
  const draws = stream(seed, 'data');
  let index = 0;
  return () => draws.uniform(0, (index += 1));
}

/** Submits sweeps, two at a time; each must end with every result, and the old ones are deleted. */
async function load(fleet, done, state) {
  const ended = [];
  while (!done()) {
    const specs = [sweepOf(trials, 40), sweepOf(trials, 24, { stopping: { rule: 'asha', minUpdates: 6 } })];
    for (const [index, spec] of specs.entries()) {
      const headers = { 'idempotency-key': randomUUID() };
      const { id } = await again(() => fleet.submit(spec, headers));
      await until(
        `sweep ${id} has ended`,
        () => fleet.one('select finished_at is not null from sweeps where id = $1', [id]).catch(() => false),
        300,
      );
      if (index === 0) await again(() => requireNothingLost(fleet, id, trials));
      state.sweeps += 1;
      ended.push(id);
      while (ended.length > keptSweeps) {
        const oldest = ended.shift();
        await again(() => deleted(fleet, oldest));
      }
    }
  }
}

/** Deletes a sweep, which an earlier try may have done whose answer was lost. */
async function deleted(fleet, id) {
  const response = await fetch(`${fleet.url}/v1/sweeps/${id}`, {
    method: 'DELETE',
    headers: { authorization: `Bearer ${fleet.key}` },
  });
  if (!response.ok && response.status !== 404) throw new Error(`${response.status}: ${await response.text()}`);
}

/** Repeats what failed because a server was away; not what the fleet got wrong. */
async function again(work) {
  for (let tries = 1; ; tries += 1)
    try {
      return await work();
    } catch (error) {
      if (tries === 60 || /should have completed|more than one result|duplicate, unordered/.test(error.message))
        throw error;
      await sleep(500);
    }
}

/** What happens to a fleet, by name: each resolves once it has happened. */
function faults(fleet, redis, draw, replace) {
  const busy = async () =>
    (await fleet.query('select trainers from workers order by random()')).flatMap((row) => row.trainers);
  return {
    'a worker is killed': () => replace('worker', 'SIGKILL'),
    'a worker is told to end': () => replace('worker', 'SIGTERM'),
    'an API is killed': () => replace('api', 'SIGKILL'),
    'a trainer is killed': async () => {
      const pids = await busy();
      const pid = pids[Math.floor(draw() * pids.length)];
      // A worker that was killed is listed for a while, and its trainers have ended.
      if (pid !== undefined && memoryOf(pid) !== undefined) process.kill(pid, 'SIGKILL');
    },
    'all connections to PostgreSQL break': () =>
      fleet.query(
        `select pg_terminate_backend(pid) from pg_stat_activity where datname = current_database() and pid <> pg_backend_pid()`,
      ),
    'the queue is emptied': async () => {
      const client = new Redis(redis.url);
      await client.flushall();
      client.disconnect();
    },
    'a worker freezes past its lease': async () => {
      const worker = fleet.processes.findLast((each) => each.app === 'worker' && each.child.exitCode === null);
      worker.kill('SIGSTOP');
      await sleep(5000);
      worker.kill('SIGCONT');
    },
  };
}

/** Two of each: one that is never touched, whose memory is sampled, and one that crashes. */
async function openProcesses(fleet) {
  const preload = fileURLToPath(new URL('support/collect-garbage.cjs', import.meta.url));
  const collecting = { NODE_OPTIONS: `--require ${JSON.stringify(preload)}` };
  const steady = { api: await fleet.startApi(collecting), worker: await fleet.startWorker(collecting) };
  const steadyUrl = fleet.url;
  const start = async (app) => {
    const running = await (app === 'api' ? fleet.startApi() : fleet.startWorker());
    fleet.url = steadyUrl;
    return running;
  };
  const others = { api: await start('api'), worker: await start('worker') };
  const replace = async (app, signal) => {
    const old = others[app];
    old.kill(signal);
    await old.ended;
    fleet.processes.splice(fleet.processes.indexOf(old), 1);
    others[app] = await again(() => start(app));
  };
  return { steady, replace };
}

/** Bytes that a process uses of its heap and beside it, after a garbage collection. */
async function inUse(running) {
  const from = running.log.length;
  running.kill('SIGWINCH');
  const pattern = /(\d+) bytes are in use/;
  await until('garbage is collected', () => pattern.test(running.log.slice(from)));
  return Number(pattern.exec(running.log.slice(from))[1]);
}

/** Samples what the fleet takes until it is done. */
async function sampled(fleet, servers, steady, done) {
  const samples = [];
  const began = performance.now();
  const redis = new Redis(servers.redis.url);
  redis.on('error', () => undefined);
  while (!done()) {
    await sleep(sampleSeconds * 1000);
    const own = await fleet.query('select trainers from workers where pid = $1', [steady.worker.pid]).catch(() => []);
    const trainer = own[0]?.trainers[0];
    const values = await databaseFigures((text) => fleet.query(text)).catch(() => ({}));
    const artifacts = bytesOf(fleet.artifacts);
    const used = /used_memory:(\d+)/.exec(await redis.info('memory').catch(() => ''))?.[1];
    samples.push({
      hours: (performance.now() - began) / 3.6e6,
      values: {
        ...values,
        'memory in use by the API': await inUse(steady.api),
        'memory in use by a worker': await inUse(steady.worker),
        'memory of the API': memoryOf(steady.api.pid),
        'memory of a worker': memoryOf(steady.worker.pid),
        ...(trainer ? { 'memory of its trainer': memoryOf(trainer) } : {}),
        ...(used ? { 'memory of Redis': Number(used) } : {}),
        'artifacts on disk': artifacts,
        'spool and caches on disk': bytesOf(fleet.folder) - artifacts,
      },
    });
  }
  redis.disconnect();
  return samples;
}

/** Artifacts of deleted sweeps and changes are collected after an hour at most. */
const judgedAfterHours = { 'artifacts on disk': 1.5, 'table changes': 2.5, 'index changes_pkey': 2.5, database: 2.5 };

export default async ({ hours = 0.05, seed = randomInt(2 ** 31), simulated, full }) => {
  if (simulated) {
    const size = full ? { workers: 1000, trials: 100_000 } : { workers: 100, trials: 5000 };
    return soak({ adminUrl: (await sharedServers()).postgres.url, seed, ...size });
  }
  const servers = { postgres: await openPostgres(), redis: await startRedis() };
  const draw = drawsOf(seed);
  const over = performance.now() + hours * 3.6e6;
  const state = { sweeps: 0, faults: {}, failed: undefined };
  const done = () => performance.now() > over || state.failed !== undefined;
  try {
    return await withFleet({ servers, environment: { HISTORY_FOLDER: '' } }, async (fleet) => {
      // A history of hours would itself be what grows: each sweep is checked by itself, as soon as it has ended.
      fleet.isRecorded = true;
      mkdirSync(join(fleet.folder, 'artifacts'), { recursive: true });
      const { steady, replace } = await openProcesses(fleet);
      const all = Object.entries(faults(fleet, servers.redis, draw, replace));
      const fails = (error) => (state.failed ??= error);
      const [samples] = await Promise.all([
        sampled(fleet, servers, steady, done),
        load(fleet, done, state).catch(fails),
        (async () => {
          while (!done()) {
            await sleep(1000 * (4 + 8 * draw()));
            const [name, happens] = all[Math.floor(draw() * all.length)];
            await happens();
            state.faults[name] = (state.faults[name] ?? 0) + 1;
          }
        })().catch(fails),
      ]);
      if (state.failed) throw new Error(`seed ${seed}: ${state.failed.message}`);
      fleet.isRecorded = false;
      const judged = judge(samples).filter(({ name }) => !(hours < (judgedAfterHours[name] ?? 0)));
      for (const each of judged)
        if (!each.isFlat || /^(memory|connections|database|WAL|artifacts|spool)/.test(each.name))
          console.error(`   ${lineOf(each)}`);
      const growing = judged.filter(({ isFlat }) => !isFlat).map(({ name }) => name);
      requires(growing.length === 0, `seed ${seed}: these grow: ${growing.join(', ')}`);
      const happened = Object.entries(state.faults).map(([name, times]) => `${name} (${times})`);
      return (
        `seed ${seed}: ${state.sweeps} sweeps of ${trials} trials in ${hours} hours, each with every result once, while ${happened.join(', ')}; ` +
        `${judged.length} figures flat`
      );
    });
  } finally {
    servers.redis.kill();
    await servers.postgres.stop();
  }
};
