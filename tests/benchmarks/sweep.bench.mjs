// A whole sweep: a grid of character models on two cores, `unroll start` beside Optuna with two processes of PyTorch, in turn, in float32
// and in bfloat16 (of PyTorch its autocast). Arguments: the folder with tinyshakespeare.txt, then updates (default 200), rounds (1),
// hidden sizes (64,128,256) and precisions (float32,bfloat16).
import { spawn } from 'node:child_process';
import { existsSync, mkdtempSync, openAsBlob, readFileSync, rmSync } from 'node:fs';
import { cpus, tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { median } from './median.mjs';
import { watchTree } from './process-tree.mjs';
import { pythonWith, sweepPeer } from './python-environment.mjs';

const processes = 2;
const here = (path) => fileURLToPath(new URL(path, import.meta.url));
const secondsSince = (began) => (performance.now() - began) / 1000;

/** The first line of a process's output that matches; rejects where it ends without one. */
async function lineOf(child, pattern) {
  for await (const line of createInterface({ input: child.stdout })) {
    const found = pattern.exec(line);
    if (found) return found;
  }
  throw new Error(`${child.spawnfile} ended without ${pattern}`);
}

const ended = (child) => new Promise((done) => (child.exitCode === null ? child.once('exit', done) : done()));

/** The process of the PostgreSQL server in a data folder; none before it has started. */
function postgresOf(dataFolder) {
  try {
    return [Number.parseInt(readFileSync(join(dataFolder, 'postgres', 'postmaster.pid'), 'utf8'), 10)];
  } catch {
    return [];
  }
}

/** Runs `work`, and adds what its processes used. */
async function watched(work) {
  let servers = () => [];
  const watch = watchTree(process.pid, { servers: () => servers() });
  const result = await work((found) => (servers = found)).finally(() => watch.end());
  const { seconds: busy, bytes } = watch.end();
  return { ...result, busy, bytes };
}

async function peerSweep({ text, grid, updates, precision }) {
  const args = [here('peers/optuna_sweep.py'), text, JSON.stringify(grid), updates, precision, processes].map(String);
  const child = spawn(pythonWith(sweepPeer), args, { stdio: ['ignore', 'pipe', 'inherit'] });
  const [line] = await lineOf(child, /^\{.*\}$/);
  await ended(child);
  return JSON.parse(line);
}

function specification({ grid, updates, precision }) {
  const { cell, hidden, rate } = grid;
  return {
    name: `grid in ${precision}`,
    dataset: { name: 'tinyshakespeare', split: { validation: 0.1 } },
    task: 'language-model',
    model: { cell: { grid: cell }, hiddenSize: { grid: hidden }, embeddingSize: 128 },
    training: {
      ...{ bptt: 64, batchSize: 32, updates, reportEvery: updates, precision, diagnostics: false, seed: 1 },
      learningRate: { grid: rate },
    },
    objective: { metric: 'validation.bitsPerToken' },
    search: { algorithm: 'grid' },
  };
}

/** Calls the API of `unroll start`. */
function caller(url, dataFolder) {
  const authorization = `Bearer ${readFileSync(join(dataFolder, 'key'), 'utf8').trim()}`;
  return async (path, options = {}) => {
    const response = await fetch(url + path, { ...options, headers: { authorization, ...options.headers } });
    if (!response.ok) throw new Error(await response.text());
    return response.json();
  };
}

async function completed(call, id) {
  for (;;) {
    const { state, message } = await call(`/v1/sweeps/${id}`);
    if (state === 'completed') break;
    if (['failed', 'cancelled'].includes(state)) throw new Error(`the sweep ${state}: ${message}`);
    await sleep(100);
  }
  const { items } = await call(`/v1/sweeps/${id}/trials?limit=200`);
  const odd = items.find(({ state }) => state !== 'completed');
  if (odd) throw new Error(`a trial ${odd.state}: ${odd.message}`);
  return items;
}

/** Seconds of a sweep by what they went to, of each of the cores. */
function kinds(trials, { submitted, done }) {
  const times = (key) => trials.map((trial) => Date.parse(trial[key]));
  const [first, last] = [Math.min(...times('startedAt')), Math.max(...times('finishedAt'))];
  // Lanes of one array train at the same time.
  const all = (secondsOf) => trials.reduce((sum, trial) => sum + secondsOf(trial) / (trial.lanes ?? 1), 0) / processes;
  const validation = all(({ validationSeconds }) => validationSeconds ?? 0);
  const training = all(({ seconds }) => seconds) - validation;
  return {
    claim: (first - submitted) / 1000,
    training,
    validation,
    other: (last - first) / 1000 - training - validation,
    commit: (done - last) / 1000,
  };
}

async function ourSweep(settings, alsoWatch) {
  const dataFolder = mkdtempSync(join(tmpdir(), 'unroll-bench-'));
  alsoWatch(() => postgresOf(dataFolder));
  const began = performance.now();
  const command = [
    here('../../apps/cli/bin/unroll.mjs'),
    'start',
    '--data',
    dataFolder,
    '--engine',
    'native',
    '--port',
    '0',
  ];
  const child = spawn(process.execPath, command, { stdio: ['ignore', 'pipe', 'inherit'] });
  try {
    const [, url] = await lineOf(child, /^Unroll runs at (\S+) /);
    child.stdout.resume();
    const call = caller(url, dataFolder);
    const form = new FormData();
    form.set('name', 'tinyshakespeare');
    form.set('kind', 'text');
    form.set('file', await openAsBlob(settings.text), 'tinyshakespeare.txt');
    await call('/v1/datasets', { method: 'POST', body: form });
    const submitted = Date.now();
    const start = secondsSince(began);
    const body = JSON.stringify(specification(settings));
    const { id } = await call('/v1/sweeps', { method: 'POST', body, headers: { 'content-type': 'application/json' } });
    const trials = await completed(call, id);
    const own = kinds(trials, { submitted, done: Date.now() });
    const best = Math.min(...trials.map(({ value }) => value));
    return { by: 'Unroll', seconds: secondsSince(began), start, ...own, trials: trials.length, best };
  } finally {
    child.kill('SIGTERM');
    await ended(child);
    rmSync(dataFolder, { recursive: true, force: true });
  }
}

const list = (text, standard) => (text === undefined ? standard : text.split(','));

function printRow(precision, side, all, ratio) {
  const of = (key) => median(all.map((each) => each[key]));
  const cells = [
    ...[precision, side, all[0].trials, of('seconds').toFixed(1), ratio, of('busy').toFixed(1)],
    ...[`${Math.round(of('bytes') / 2 ** 20)} MiB`, of('best').toFixed(3)],
  ];
  console.log(`| ${cells.join(' | ')} |`);
}

export default async function sweep([folder, ...args]) {
  const text = folder && join(folder, 'tinyshakespeare.txt');
  if (!text || !existsSync(text))
    throw new Error('name the folder that has tinyshakespeare.txt: npm run bench -- sweep FOLDER');
  const [updates = 200, rounds = 1] = args.slice(0, 2).map(Number);
  const hidden = list(args[2], ['64', '128', '256']).map(Number);
  const grid = { cell: ['lstm', 'gru'], hidden, rate: [5e-4, 1e-3, 2e-3, 4e-3] };
  console.log(
    `${cpus().length} cores (${cpus()[0].model}); both sides on ${processes} of them; ${updates} updates a trial\n`,
  );
  console.log('| precision | side | trials | seconds | ratio | CPU seconds | most memory | best bits a character |');
  console.log('| --- | --- | ---: | ---: | ---: | ---: | ---: | ---: |');
  const parts = [];
  for (const precision of list(args[3], ['float32', 'bfloat16'])) {
    const settings = { text, grid, updates, precision };
    const [theirs, ours] = [[], []];
    for (let round = 0; round < rounds; round++) {
      theirs.push(await watched(() => peerSweep(settings)));
      ours.push(await watched((alsoWatch) => ourSweep(settings, alsoWatch)));
    }
    const [their, our] = [theirs, ours].map((all) => median(all.map(({ seconds }) => seconds)));
    printRow(precision, theirs[0].by, theirs, '');
    printRow(precision, 'Unroll, from `unroll start` on', ours, `${(their / our).toFixed(2)}x`);
    const of = (key) => median(ours.map((each) => each[key])).toFixed(1);
    parts.push(
      `Unroll in ${precision}, seconds: start and data ${of('start')}, claim ${of('claim')}, training ${of('training')} and validation ` +
        `${of('validation')} a core, set-up and idle cores ${of('other')}, last commit ${of('commit')}`,
    );
  }
  console.log(`\n${parts.join('\n')}`);
}
