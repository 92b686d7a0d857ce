// What a trial costs beside its training: trials of one update, from submission to the leaderboard, through tickets,
// claims, trainer, report and commit. Throughput over many, and the time of one alone.
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import pg from 'pg';
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

/** Optuna on the same server, where this machine has it: milliseconds a trial. */
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

export default async function orchestration(args) {
  const trials = Number(args[0] ?? 1000);
  const { startStack } = require('../../dist/apps/cli/src/stack/stack.js');
  const { startPostgres } = require('../../dist/apps/cli/src/stack/embedded-postgres.js');
  const dataFolder = mkdtempSync(join(tmpdir(), 'unroll-bench-'));
  const postgres = await startPostgres(dataFolder, () => undefined);
  process.env.DATABASE_URL = postgres.url;
  const stack = await startStack({ port: 0, workers: 1, dataFolder, engine: 'auto', say: () => undefined });
  try {
    const key = readFileSync(join(dataFolder, 'key'), 'utf8').trim();
    const call = async (path, options = {}) => {
      const response = await fetch(stack.url + path, {
        ...options,
        headers: { authorization: `Bearer ${key}`, ...options.headers },
      });
      if (!response.ok) throw new Error(await response.text());
      return response.json();
    };
    const form = new FormData();
    form.set('name', 'tiny');
    form.set('kind', 'text');
    form.set('file', new Blob([text]), 'tiny.txt');
    await call('/v1/datasets', { method: 'POST', body: form });
    const { items: workers } = await call('/v1/workers');

    const run = async (count, seed, interval) => {
      const began = performance.now();
      const body = JSON.stringify(spec(count, seed));
      const sweep = await call('/v1/sweeps', { method: 'POST', body, headers: { 'content-type': 'application/json' } });
      for (;;) {
        const { trials: states } = await call(`/v1/sweeps/${sweep.id}`);
        if (states.failed || states.diverged) throw new Error(`trials failed: ${JSON.stringify(states)}`);
        if (states.completed === count) break;
        await sleep(interval);
      }
      return performance.now() - began;
    };
    await run(64, 1, 20);
    // Trainers and API run at their pace once their code is compiled, which takes a few seconds of work.
    const first = await run(1000, 3, 50);
    const whole = await run(trials, 2, 50);
    const alone = [];
    for (let seed = 0; seed < 21; seed += 1) alone.push(await run(1, 100 + seed, 1));

    const { engine, lanes, trainers } = workers[0];
    console.log(
      `1 worker, ${trainers.length} trainers, ${lanes} lanes, engine ${engine}; queue ${process.env.REDIS_URL ? 'on Redis' : 'on PostgreSQL'}`,
    );
    console.log('');
    console.log('| what | trials | ms a trial |');
    console.log('| --- | --- | --- |');
    console.log(`| throughput of the first trials of a stack just started | 1000 | ${(first / 1000).toFixed(2)} |`);
    console.log(`| throughput, submit to leaderboard | ${trials} | ${(whole / trials).toFixed(2)} |`);
    console.log(`| one trial alone, median of ${alone.length} | 1 | ${median(alone).toFixed(1)} |`);
    const peer = await optuna(postgres.url);
    if (peer) {
      console.log(
        `| Optuna ${peer.version}, random, on the same server, a trial that does nothing | 200 | ${peer.random.toFixed(1)} |`,
      );
      console.log(`| Optuna ${peer.version}, TPE | 200 | ${peer.tpe.toFixed(1)} |`);
    } else console.log('| Optuna: /usr/bin/python3 has no optuna and psycopg2 here | | |');
  } finally {
    await stack.stop();
    await postgres.stop();
    rmSync(dataFolder, { recursive: true, force: true });
  }
}
