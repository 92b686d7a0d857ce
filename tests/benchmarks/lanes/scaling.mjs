// The time of an update of K lanes, and the throughput in trials relative to one at a time.
import { median } from '../median.mjs';

const classes = 65;

/** K lanes of a character model on random text, each with its own seed and learning rate. `ours` loads a module of libs/. */
function openGroup(ours, count, cell, [batch, steps, hidden]) {
  const { LaneGroup } = ours('training/src/loop/lane-group');
  const { plainLane } = ours('training/src/loop/lane');
  const { languageModel, openLanguageModel } = ours('training/src/tasks/language-model');
  const { contiguousStreams } = ours('training/src/batches/streams');
  const { initialValues } = ours('training/src/nn/parameter');
  const { modelSpec } = ours('contracts/src/index');
  const { tokensInMemory } = ours('datasets/src/index');
  const model = modelSpec.parse({ cell, hiddenSize: hidden, embeddingSize: hidden });
  const vocabulary = Array.from({ length: classes }, (_, index) => String(index));
  const tokens = Uint16Array.from({ length: batch * steps * 4 + 1 }, (_, i) => ((i * 7919) ^ (i >> 3)) % classes);
  const source = tokensInMemory(tokens);
  const streams = contiguousStreams(source, batch);
  const text = { vocabulary, separator: '' };
  const task = openLanguageModel(model, { bptt: steps, stateful: true }, text, { train: streams, validation: streams });
  const parameters = languageModel.parameters(
    { model },
    { kind: 'tokens', ...text, train: source, validation: source },
  );
  const lanes = Array.from({ length: count }, (_, lane) => ({
    ...plainLane,
    ...{ parameters, seed: lane + 1, learningRate: 1e-3 * (1 + lane / count), clipNorm: 1 },
    optimizer: { kind: 'adam', beta1: 0.9, beta2: 0.999, epsilon: 1e-8, weightDecay: 0 },
  }));
  return new LaneGroup(lanes, task, (lane, parameter) => initialValues(parameter, lane.seed));
}

/** Measures updates of a group: milliseconds and GPU submissions of each (undefined on a CPU), and the bytes of its tensors at the end. */
async function measured(ours, engine, count, { cell, size, rounds }) {
  const group = openGroup(ours, count, cell, size);
  const times = [];
  let before = 0;
  for (let round = 0; round < rounds + 2; round++) {
    if (round === 2) before = engine.submissions?.() ?? 0;
    const began = performance.now();
    const answer = group.advance();
    engine.submit?.();
    await answer.data();
    answer.dispose();
    times.push(performance.now() - began);
  }
  const submissions = engine.submissions && (engine.submissions() - before) / rounds;
  const { bytes } = engine.memory();
  group.dispose();
  engine.trim?.();
  return { milliseconds: median(times.slice(2)), submissions, bytes };
}

/** Prints the table. Reads the losses back at every update, which training does only at reports: one more submission. */
export async function printScaling(ours, engine, options) {
  const [batch, steps, hidden] = options.size;
  const { name, device, codePath } = engine;
  console.log(`\n${name} (${device}, ${codePath}): ${options.cell}, batch ${batch}, ${steps} steps, hidden ${hidden}`);
  console.log('lanes     ms an update   ms a trial   trials a second, of one alone      MB   submissions');
  let alone;
  for (const count of new Set([1, ...options.lanes])) {
    const { milliseconds, submissions, bytes } = await measured(ours, engine, count, options);
    const each = milliseconds / count;
    alone ??= each;
    const row = [String(count).padStart(5), milliseconds.toFixed(2).padStart(16), each.toFixed(2).padStart(12)];
    row.push(`${(alone / each).toFixed(2).padStart(31)}x`, (bytes / 1e6).toFixed(1).padStart(8));
    console.log(`${row.join(' ')} ${(submissions?.toFixed(1) ?? '-').padStart(13)}`);
  }
}
