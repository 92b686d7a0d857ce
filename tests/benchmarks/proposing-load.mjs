// The answers of /healthz while an API proposes trials for many sweeps that learn.
import { get } from 'node:http';
import { createRequire } from 'node:module';
import { clearInterval, setInterval } from 'node:timers';
import { setTimeout as pause } from 'node:timers/promises';
import pg from 'pg';
import { startStackPostgres } from '../support/postgres.cjs';
import { startApi } from './start-api.mjs';

const require = createRequire(import.meta.url);
const ours = (path) => require(`../../dist/${path}.js`);
/** Configurations that a sweep proposes at a time. */
export const batch = 4;
const objective = { metric: 'validation.bitsPerToken', goal: 'minimize', use: 'best' };
/** Milliseconds between two requests. */
const interval = 50;

const specOf = (seed, trials) =>
  ours('libs/contracts/src/index').sweepSpec.parse({
    name: `gaussian process ${seed}`,
    dataset: 'typescript-declarations',
    task: 'language-model',
    model: { cell: { choice: ['rnn', 'gru', 'lstm'] }, hiddenSize: { int: [8, 256] }, dropout: { uniform: [0, 0.5] } },
    training: { learningRate: { logUniform: [1e-4, 1e-1] }, batchSize: { int: [8, 64] } },
    search: { algorithm: 'gaussian-process', trials, seed },
  });

/** Inserts a running sweep with `finished` completed trials, logged as one batch, and room for one more batch. */
async function insertSweep(dataSource, seed, finished) {
  const { insertTrials } = ours('libs/database/src/index');
  const { SweepSearch, toTrials } = ours('libs/search/src/index');
  const spec = specOf(seed, finished + batch);
  const id = `load${String(seed).padStart(4, '0')}`;
  await dataSource.query(
    `insert into sweeps (id, name, state, spec, objective, datasets, configurations, total, concurrent_trials)
     values ($1, $2, 'running', $3, $4, '{}', $5, $5, $6)`,
    [id, spec.name, JSON.stringify(spec), objective, finished + batch, batch],
  );
  const configurations = new SweepSearch(spec).propose(0, finished);
  const keys = { signature: 'any', comparisonKey: 'any', datasetFingerprint: 'any', held: false };
  const trials = configurations
    .flatMap((each) => toTrials(spec, each))
    .map((each, number) => ({ ...each, ...keys, number }));
  const parameters = configurations.map((each) => each.parameters);
  const log = { first: 0, lanes: 1, learned: [], parameters };
  await insertTrials(dataSource.manager, { id, proposed: 0, edits: 0 }, trials, log);
  await completeTrials(dataSource, id);
}

/** Completes the trials of a sweep: the best learning rate is 3e-3, the best width the largest. */
async function completeTrials(dataSource, id) {
  await dataSource.query('alter table trials disable trigger trials_lifecycle');
  await dataSource.query(
    `update trials set state = 'completed', started_at = clock_timestamp(), finished_at = clock_timestamp(),
       value = abs(log((parameters ->> 'training.learningRate')::numeric) + 2.5) + 8 / (parameters ->> 'model.hiddenSize')::double precision
     where sweep_id = $1`,
    [id],
  );
  await dataSource.query('alter table trials enable trigger trials_lifecycle');
}

/** Milliseconds until a response has arrived, over a connection of its own; Infinity for none. */
function fetched(url) {
  const began = performance.now();
  return new Promise((done) => {
    const request = get(url, { agent: false }, (response) =>
      response.resume().on('end', () => done(performance.now() - began)),
    );
    request.on('error', () => done(Infinity));
  });
}

/** Milliseconds of requests for /healthz, sent at a fixed rate until every sweep has its next batch, at most `seconds` seconds. */
async function watch(url, databaseUrl, seconds) {
  const client = new pg.Client({ connectionString: databaseUrl });
  await client.connect();
  const requests = [];
  const began = performance.now();
  const timer = setInterval(() => requests.push(fetched(`${url}/healthz`)), interval);
  try {
    let left = Infinity;
    for (; left > 0 && performance.now() - began < seconds * 1000; await pause(500)) {
      const { rows } = await client.query(`select count(*)::integer as left from sweeps where proposed < total`);
      left = rows[0].left;
    }
    const took = (performance.now() - began) / 1000;
    clearInterval(timer);
    return { times: (await Promise.all(requests)).sort((a, b) => a - b), took, left };
  } finally {
    clearInterval(timer);
    await client.end();
  }
}

/** Prints a row: requests for /healthz while `sweeps` searches with a Gaussian process of `finished` outcomes each propose a batch. */
export async function proposingLoad(sweeps, finished, seconds) {
  const { dataSourceOptions, migrate } = ours('libs/database/src/index');
  const { DataSource } = require('typeorm');
  const postgres = await startStackPostgres();
  const dataSource = new DataSource(dataSourceOptions(postgres.url));
  try {
    await dataSource.initialize();
    await migrate(dataSource);
    for (let seed = 0; seed < sweeps; seed += 1) await insertSweep(dataSource, seed, finished);
    const api = await startApi(postgres.url, postgres.folder);
    const { times, took, left } = await watch(api.url, postgres.url, seconds).finally(() => api.stop());
    const at = (share) => times[Math.min(times.length - 1, Math.floor(share * times.length))].toFixed(1);
    console.log(
      `| ${sweeps - left} of ${sweeps} | ${finished} | ${took.toFixed(1)} | ${at(0.5)} | ${at(0.99)} | ${at(1)} |`,
    );
  } finally {
    if (dataSource.isInitialized) await dataSource.destroy();
    await postgres.close();
  }
}
