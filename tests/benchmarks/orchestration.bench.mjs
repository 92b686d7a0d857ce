// The cost of a trial apart from its training: trials of one update, from submission to the leaderboard, through tickets,
// claims, trainer, report and commit. Throughput over many, and the time of a single trial: npm run bench -- orchestration [TRIALS]
//   --dist FOLDER    another build, to compare with
import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join, resolve } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import pg from 'pg';
import { startStackPostgres } from '../support/postgres.cjs';
import { median } from './median.mjs';

const require = createRequire(import.meta.url);
const text = 'the quick brown fox jumps over the lazy dog. '.repeat(20);

function spec(trials, seed) {
  return {
    name: 'orchestration',
    dataset: 'tiny',
    task: 'language-model',
    model: { cell: 'rnn', hiddenSize: { choice: [8, 16] }, embeddingSize: 8 },
    training: { bptt: 8, batchSize: 4, updates: 1, reportEvery: 1, learningRate: { logUniform: [1e-4, 1e-2] } },
    search: { trials, seed },
  };
}

/** Milliseconds per trial of Optuna on the same server; undefined if it is not installed. */
async function optuna(databaseUrl) {
  const client = new pg.Client({ connectionString: databaseUrl });
  await client.connect();
  await client.query('create database optuna');
  await client.end();
  const script = new URL('peers/optuna_trials.py', import.meta.url).pathname;
  const storage = databaseUrl.replace(/^postgres:/, 'postgresql+psycopg2:').replace(/[^/]*$/, 'optuna');
  const { status, stdout } = spawnSync('/usr/bin/python3', [script, storage, '200'], { encoding: 'utf8' });
  return status === 0 ? JSON.parse(stdout) : undefined;
}

/** Calls the API of a stack. */
function caller(url, dataFolder) {
  const key = readFileSync(join(dataFolder, 'key'), 'utf8').trim();
  return async (path, options = {}) => {
    const headers = { authorization: `Bearer ${key}`, ...options.headers };
    const response = await fetch(url + path, { ...options, headers });
    if (!response.ok) throw new Error(await response.text());
    return response.json();
  };
}

const submit = (call, count, seed) => {
  const body = JSON.stringify(spec(count, seed));
  return call('/v1/sweeps', { method: 'POST', body, headers: { 'content-type': 'application/json' } });
};

/** Milliseconds from the submission of `count` trials until all have completed. */
async function run(call, count, seed) {
  const began = performance.now();
  const sweep = await submit(call, count, seed);
  for (;;) {
    const { trials: states } = await call(`/v1/sweeps/${sweep.id}`);
    if (states.failed || states.diverged) throw new Error(`trials failed: ${JSON.stringify(states)}`);
    if (states.completed === count) break;
    await sleep(50);
  }
  return performance.now() - began;
}

/**
 * The same of one trial, until the board has it. PostgreSQL is asked, every 2 ms: the API would take milliseconds for each answer from what
 * is measured.
 */
async function runAlone(call, client, seed) {
  const began = performance.now();
  const { id } = await submit(call, 1, seed);
  const text = 'select exists (select from configurations where sweep_id = $1 and score is not null) as known';
  while (!(await client.query({ name: 'known', text, values: [id] })).rows[0].known) {
    if (performance.now() - began > 60_000) throw new Error('a trial has no result after a minute');
    await sleep(2);
  }
  return performance.now() - began;
}

function printPeer(peer) {
  if (!peer) return console.log('| Optuna: /usr/bin/python3 has no optuna and psycopg2 here | | |');
  const { version, random, tpe } = peer;
  console.log(
    `| Optuna ${version}, random, on the same server, a trial that does nothing | 200 | ${random.toFixed(1)} |`,
  );
  console.log(`| Optuna ${version}, TPE | 200 | ${tpe.toFixed(1)} |`);
}

export default async function orchestration(args) {
  const { values, positionals } = parseArgs({
    args,
    allowPositionals: true,
    options: { dist: { type: 'string', default: fileURLToPath(new URL('../../dist', import.meta.url)) } },
  });
  const trials = Number(positionals[0] ?? 1000);
  const dist = resolve(values.dist);
  const { startStack } = require(join(dist, 'apps/cli/src/stack/stack.js'));
  const postgres = await startStackPostgres(dist);
  const dataFolder = postgres.folder;
  process.env.DATABASE_URL = postgres.url;
  const client = new pg.Client({ connectionString: postgres.url });
  await client.connect();
  const stack = await startStack({ port: 0, workers: 1, dataFolder, engine: 'auto', say: () => undefined });
  try {
    const call = caller(stack.url, dataFolder);
    const form = new FormData();
    form.set('name', 'tiny');
    form.set('kind', 'text');
    form.set('file', new Blob([text]), 'tiny.txt');
    await call('/v1/datasets', { method: 'POST', body: form });
    const { items: workers } = await call('/v1/workers');

    await run(call, 64, 1);
    // Trainers and the API reach full speed once their code is compiled, after a few seconds of work.
    const first = await run(call, 1000, 3);
    const whole = await run(call, trials, 2);
    const alone = [];
    for (let seed = 0; seed < 21; seed += 1) alone.push(await runAlone(call, client, 100 + seed));

    const { engine, lanes, trainers } = workers[0];
    console.log(
      `1 worker, ${trainers.length} trainers, ${lanes} lanes, engine ${engine}; ` +
        `queue on ${process.env.REDIS_URL ? 'Redis' : 'PostgreSQL'}`,
    );
    console.log('');
    console.log('| what | trials | ms a trial |');
    console.log('| --- | --- | --- |');
    console.log(`| throughput of the first trials of a stack just started | 1000 | ${(first / 1000).toFixed(2)} |`);
    console.log(`| throughput, submit to leaderboard | ${trials} | ${(whole / trials).toFixed(2)} |`);
    console.log(`| one trial alone, median of ${alone.length} | 1 | ${median(alone).toFixed(1)} |`);
    printPeer(await optuna(postgres.url));
  } finally {
    await client.end();
    await stack.stop();
    await postgres.close();
  }
}
