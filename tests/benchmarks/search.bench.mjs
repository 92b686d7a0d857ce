// The cost of a proposal in milliseconds after a number of finished trials: ten ranges, each sampler, medians. Beside Optuna in
// memory, and on PostgreSQL if this machine has what it needs. Then the answers of an API that proposes for 20 sweeps. Arguments: the
// most trials (default 100000), and the most for Optuna on PostgreSQL (default 1000; 10000 takes some minutes).
import { spawnSync } from 'node:child_process';
import { createRequire } from 'node:module';
import { fileURLToPath } from 'node:url';
import pg from 'pg';
import { startStackPostgres } from '../support/postgres.cjs';
import { counts } from './counts.mjs';
import { median } from './median.mjs';
import { batch, proposingLoad } from './proposing-load.mjs';

const require = createRequire(import.meta.url);
const ours = (path) => require(`../../dist/libs/search/src/${path}.js`);
const tree = Object.fromEntries(Array.from({ length: 10 }, (_, i) => [`x${i}`, { uniform: [0, 1] }]));
const proposals = 101;

/** Median milliseconds of a proposal and of learning an outcome, after `finished` trials. */
function costOf(sampler, finished) {
  const { toSpace, gridPoint, pointAt } = ours('space/point');
  const { randomNumbers } = ours('space/numbers');
  const space = toSpace(tree);
  const fixed = gridPoint(space, 0);
  const suggester = sampler.open(space, 1);
  const began = performance.now();
  for (let number = 0; number < finished; number += 1) {
    const numbers = randomNumbers(2, number, 0);
    const point = pointAt(space, fixed, () => numbers.next());
    const value = point.reduce((sum, u) => sum + (u - 0.3) ** 2, 0);
    suggester.learn({ number, point, values: [value], share: 1 });
  }
  const learning = (performance.now() - began) / finished;
  const times = Array.from({ length: proposals }, (_, index) => {
    const number = finished + index;
    const start = performance.now();
    suggester.suggest({
      number,
      attempt: 0,
      fixed,
      running: [],
      numbers: randomNumbers(1, number, 0),
      allows: () => true,
    });
    return performance.now() - start;
  });
  return { proposal: median(times), learning };
}

/** Optuna's milliseconds per proposal after a number of trials. */
function optuna(finished, url) {
  const script = fileURLToPath(new URL('peers/optuna_proposals.py', import.meta.url));
  const { status, stdout } = spawnSync('/usr/bin/python3', [script, String(finished), ...(url ? [url] : [])], {
    encoding: 'utf8',
  });
  return status === 0 ? JSON.parse(stdout) : undefined;
}

async function onPostgres(finished) {
  const postgres = await startStackPostgres();
  try {
    const client = new pg.Client({ connectionString: postgres.url });
    await client.connect();
    await client.query('create database optuna');
    await client.end();
    return optuna(finished, postgres.url.replace(/^postgres:/, 'postgresql+psycopg2:').replace(/[^/]*$/, 'optuna'));
  } finally {
    await postgres.close();
  }
}

export default async function search(args) {
  const { most, stored } = counts(args, { most: 100_000, stored: 1000 });
  const { samplers } = ours('samplers/index');
  const { mostModelled } = ours('samplers/gaussian-process');
  console.log('| sampler | finished trials | ms a proposal | ms a lesson |');
  console.log('| --- | --- | --- | --- |');
  for (const algorithm of ['random', 'sobol', 'tpe', 'cma-es', 'gaussian-process'])
    for (const finished of algorithm === 'gaussian-process' ? [100, 400] : [100, 10_000, most]) {
      const { proposal, learning } = costOf(samplers[algorithm], finished);
      console.log(`| ${algorithm} | ${finished} | ${proposal.toFixed(3)} | ${learning.toFixed(4)} |`);
    }
  const row = (where, finished, peer) => {
    if (!peer) return console.log(`| Optuna ${where}: /usr/bin/python3 has not what it needs here | | | |`);
    console.log(`| Optuna ${peer.version} TPE, ${where} | ${finished} | ${peer.tpe.toFixed(1)} | |`);
    console.log(`| Optuna ${peer.version} random, ${where} | ${finished} | ${peer.random.toFixed(1)} | |`);
  };
  for (const finished of [100, 10_000]) row('in memory', finished, optuna(finished));
  row('on PostgreSQL', stored, await onPostgres(stored));
  console.log(
    '\nRequests to an API while its sweeps with a Gaussian process propose a batch of four each, for two minutes at most:\n',
  );
  console.log('| sweeps that proposed | outcomes of each | seconds | /healthz p50 ms | p99 ms | longest ms |');
  console.log('| --- | --- | --- | --- | --- | --- |');
  for (const finished of [100, mostModelled - batch]) await proposingLoad(20, finished, 120);
}
