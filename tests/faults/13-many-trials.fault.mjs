import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { setTimeout as sleep } from 'node:timers/promises';
import { require, requireNothingLost, sweepOf, withFleet } from './support/fleet.mjs';

export const title = 'many trials, one after the other, in one worker';

const load = createRequire(import.meta.url);
const residentMegabytes = (pid) =>
  Number(/^VmRSS:\s+(\d+)/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))[1]) / 1024;

/** Tensors that trials of every task leak, for examples and streams. */
async function leaked(trials) {
  const { openEngine, train } = load('../../dist/libs/training/src/index.js');
  const { builtIns, prepare } = load('../../dist/libs/datasets/src/index.js');
  const { trialSpec } = load('../../dist/libs/contracts/src/index.js');
  const engine = await openEngine('auto');
  const kinds = [
    ['regression', 'adding-problem'],
    ['classification', 'parity'],
    ['tagging', 'copy-memory'],
    ['language-model', 'typescript-declarations'],
  ];
  const prepared = kinds.map(([kind, name]) => {
    const size = kind === 'language-model' ? {} : { steps: 6, sequences: 24 };
    const spec = trialSpec.parse({
      dataset: { name, ...size },
      task: { kind },
      model: { cell: 'gru', hiddenSize: 8 },
      training: { batchSize: 8, bptt: 8, updates: 4, reportEvery: 4 },
    });
    const builtIn = builtIns.find((each) => each.name === name);
    const { data } = prepare({ kind: builtIn.kind, bytes: builtIn.read(spec.dataset) }, spec);
    return {
      spec,
      data: data.kind === 'tokens' ? { ...data, validation: data.train.slice?.(0, 100) ?? data.validation } : data,
    };
  });
  let before;
  for (let trial = 0; trial < trials; trial += 4) {
    const { spec, data } = prepared[(trial / 4) % (trial < 8 ? prepared.length : 3)];
    const lanes = [1, 2, 3, 4].map((seed) => ({
      id: String(seed),
      spec: { ...spec, training: { ...spec.training, seed: trial + seed } },
    }));
    await train(lanes, data, { engine, sampleLength: 0, onReport: () => undefined });
    before ??= engine.memory().tensors;
  }
  return engine.memory().tensors - before;
}

export default ({ full }) =>
  withFleet({}, async (fleet) => {
    const trials = full ? 500 : 100;
    await fleet.startApi();
    const worker = await fleet.startWorker();
    /** Median memory of worker and trainer over the later half of the trials: it rises and falls with garbage collection. */
    const run = async (count) => {
      const { id } = await fleet.submit(sweepOf(count, full ? 40 : 10));
      const samples = [];
      while (!(await fleet.one(`select finished_at is not null from sweeps where id = $1`, [id]))) {
        samples.push([residentMegabytes(worker.pid), residentMegabytes((await fleet.trainers())[0])]);
        await sleep(100);
      }
      await requireNothingLost(fleet, id, count);
      const later = samples.slice(samples.length / 2);
      return [0, 1].map(
        (which) => later.map((each) => each[which]).sort((x, y) => x - y)[Math.floor(later.length / 2)],
      );
    };
    // A process grows until its code is compiled and its heap has reached its size.
    const early = await run(trials);
    const late = await run(trials);
    const tensors = await leaked(trials);
    require(tensors === 0, `${tensors} tensors leaked`);
    const growth = late.map((megabytes, index) => megabytes / early[index] - 1);
    // A few trials are still warm-up: only the full size is a measurement.
    require(growth.every((part) => part < (full ? 0.1 : 0.3)), `memory grew from ${early} to ${late} MB`);
    const [parent, trainer] = growth.map((part) => `${(100 * part).toFixed(1)} %`);
    const memory = `worker ${parent}, trainer ${trainer}`;
    return `${trials} trials: 0 tensors leaked; growth of median memory from the first sweep to the second: ${memory}`;
  });
