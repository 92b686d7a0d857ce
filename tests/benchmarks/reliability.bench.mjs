// The cost of losing nothing: leases and the fence relative to a worker's other work, checkpoints relative to training.
import { createRequire } from 'node:module';
import { startStackPostgres } from '../support/postgres.cjs';
import { claimed } from './metrics.bench.mjs';
import { median } from './median.mjs';

const require = createRequire(import.meta.url);
const lanes = 16;
/** Seconds between renewals, between commits of reports, and between checkpoints by default. */
const every = { renewal: 2, commit: 0.2, checkpoint: 60 };

async function times(count, work) {
  const all = [];
  for (let time = 0; time < count; time += 1) {
    const began = performance.now();
    await work(time);
    all.push(performance.now() - began);
  }
  return median(all);
}

async function leases(url) {
  const { lockAttempts, renewLeases } = require('../../dist/libs/database/src/index.js');
  const { dataSource, claim } = await claimed(url, lanes);
  const ids = claim.trials.map(({ attemptId }) => attemptId);
  const renewal = await times(200, () => renewLeases(dataSource, ids, 20));
  const empty = await times(200, () => dataSource.transaction((manager) => manager.query('select 1')));
  const fence = await times(200, () => dataSource.transaction((manager) => lockAttempts(manager, ids)));
  await dataSource.destroy();
  return { renewal, fence: Math.max(0, fence - empty) };
}

/** The time of an update with and without checkpoints, alternating, so that both see the same machine. */
async function checkpoints(folder) {
  const { openEngine, train, writeCheckpoint } = require('../../dist/libs/training/src/index.js');
  const { openArtifacts } = require('../../dist/libs/artifacts/src/index.js');
  const { builtIns, prepare } = require('../../dist/libs/datasets/src/index.js');
  const { trialSpec } = require('../../dist/libs/contracts/src/index.js');
  const engine = await openEngine('auto');
  const store = openArtifacts(`file://${folder}/artifacts`);
  const spec = trialSpec.parse({
    dataset: { name: 'adding-problem', steps: 16, sequences: 200 },
    task: 'regression',
    model: { cell: 'lstm', hiddenSize: 128 },
    training: { batchSize: 32, updates: 24, reportEvery: 24 },
  });
  const builtIn = builtIns.find(({ name }) => name === 'adding-problem');
  const { data } = prepare({ kind: builtIn.kind, bytes: builtIn.read(spec.dataset) }, spec);
  let bytes = 0;
  let written = [];
  const run = async (interval, round) => {
    let asked = 0;
    const requests = Array.from({ length: lanes }, (_, seed) => ({
      id: String(seed),
      spec: { ...spec, training: { ...spec.training, seed } },
    }));
    const began = performance.now();
    await train(requests, data, {
      engine,
      sampleLength: 0,
      onReport: () => undefined,
      checkpointDue: () => (asked += 1) % interval === 0,
      onCheckpoint: (id, checkpoint) => {
        const file = writeCheckpoint(checkpoint);
        bytes = file.length;
        written.push(store.put(`checkpoints/${round}/${id}/${checkpoint.update}.state`, file));
      },
    });
    const took = performance.now() - began;
    await Promise.all(written);
    written = [];
    return took;
  };
  await run(1e9, 'warm');
  const without = [];
  const withThem = [];
  for (let round = 0; round < 7; round += 1) {
    without.push(await run(1e9, round));
    withThem.push(await run(6, round));
  }
  // Checkpoints at updates 6, 12 and 18 of 24: at update 24 the lanes have ended.
  return { engine: engine.name, bytes, each: Math.max(0, median(withThem) - median(without)) / 3 };
}

const part = (milliseconds, seconds) => `${((milliseconds / 1000 / seconds) * 100).toFixed(2)} %`;

export default async function reliability() {
  const postgres = await startStackPostgres();
  try {
    const { renewal, fence } = await leases(postgres.url);
    const { engine, bytes, each } = await checkpoints(postgres.folder);
    console.log(
      `${lanes} lanes; an LSTM of 128 units on ${engine}: a checkpoint of a lane has ${(bytes / 2 ** 20).toFixed(1)} MB`,
    );
    console.log('');
    console.log('| what | ms | every | part of the time |');
    console.log('| --- | --- | --- | --- |');
    console.log(
      `| renewal of all leases, beside training | ${renewal.toFixed(2)} | ${every.renewal} s | ${part(renewal, every.renewal)} |`,
    );
    console.log(
      `| the fence of a commit, beside training | ${fence.toFixed(2)} | ${every.commit} s at most | ${part(fence, every.commit)} |`,
    );
    console.log(
      `| checkpoints of all lanes, in the trainer | ${each.toFixed(0)} | ${every.checkpoint} s | ${part(each, every.checkpoint)} |`,
    );
  } finally {
    await postgres.close();
  }
}
