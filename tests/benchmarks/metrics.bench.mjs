// How many curve points per second a worker commits to PostgreSQL, behind the fence and with the rows of their trials.
import { createRequire } from 'node:module';
import { startStackPostgres } from '../support/postgres.cjs';
import { counts } from './counts.mjs';

const require = createRequire(import.meta.url);
const names = ['train.loss', 'train.gradientNorm', 'validation.loss', 'validation.mse', 'validation.mae'];

/** Opens a database with a running sweep, `count` trials of which are claimed. */
export async function claimed(url, count) {
  const { DataSource } = require('typeorm');
  const {
    claimTrials,
    dataSourceOptions,
    insertTrials,
    migrate,
    Sweep,
  } = require('../../dist/libs/database/src/index.js');
  const { sweepSpec } = require('../../dist/libs/contracts/src/index.js');
  const { comparisonKey, firstTrials, fusionSignature } = require('../../dist/libs/search/src/index.js');
  const dataSource = new DataSource(dataSourceOptions(url));
  await dataSource.initialize();
  await migrate(dataSource);
  const spec = sweepSpec.parse({
    dataset: 'adding-problem',
    task: 'regression',
    training: { learningRate: { logUniform: [1e-4, 1e-2] } },
    search: { trials: count },
  });
  const objective = { metric: 'validation.mse', goal: 'minimize', use: 'best' };
  const sweep = {
    id: 'benchmrk',
    name: 'bench',
    state: 'running',
    spec,
    objective,
    datasets: {},
    configurations: count,
    total: count,
  };
  await dataSource.getRepository(Sweep).insert(sweep);
  const trials = firstTrials(spec, count).map((proposal, number) => {
    const keys = { signature: fusionSignature(proposal.spec, ''), comparisonKey: comparisonKey(proposal.spec, '') };
    return { ...proposal, number, held: false, datasetFingerprint: 'none', ...keys };
  });
  await insertTrials(dataSource.manager, { id: sweep.id, proposed: 0, edits: 0 }, trials);
  const claimant = { workerId: 'bench', host: 'here', engine: 'none', lanes: count, leaseSeconds: 3600 };
  const claim = await claimTrials(dataSource, claimant);
  return { dataSource, claim };
}

/** Points per second with `lanes` trials, where each commit adds `points` to every curve. */
async function measure({ dataSource, claim }, points, seconds) {
  const { commitWork } = require('../../dist/libs/database/src/index.js');
  const state = { update: (measure.update ?? 0) + 1, stored: 0, commits: 0 };
  const began = performance.now();
  while (performance.now() - began < seconds * 1000) {
    const updates = Array.from({ length: points }, (_, index) => state.update + index);
    const values = updates.map((update) => 1 / update);
    const work = claim.trials.map(({ attemptId, trialId }) => ({
      ...{
        attemptId,
        trialId,
        value: 1,
        metrics: { 'validation.mse': 1 },
        updates: updates.at(-1),
        sample: null,
        diagnostics: [],
      },
      curves: names.map((name) => ({ name, updates, values })),
    }));
    await commitWork(dataSource, work);
    state.update += points;
    state.stored += points * names.length * work.length;
    state.commits += 1;
  }
  measure.update = state.update;
  const took = (performance.now() - began) / 1000;
  return { rate: state.stored / took, commit: (1000 * took) / state.commits };
}

export default async function metrics(args) {
  const { seconds } = counts(args, { seconds: 5 });
  const postgres = await startStackPostgres();
  try {
    const database = await claimed(postgres.url, 16);
    console.log(
      `16 trials, ${names.length} curves each; one worker's connection, commits one after the other, ${seconds} s each`,
    );
    console.log('');
    console.log('| points of a curve in a commit | points a second | ms a commit |');
    console.log('| --- | --- | --- |');
    for (const points of [10, 100, 1000]) {
      const { rate, commit } = await measure(database, points, seconds);
      console.log(`| ${points} | ${Math.round(rate).toLocaleString('en')} | ${commit.toFixed(1)} |`);
    }
    await database.dataSource.destroy();
  } finally {
    await postgres.close();
  }
}
