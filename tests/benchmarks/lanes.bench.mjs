// Many trials as one array: what an update of K lanes takes, and how many trials a second that is against one at a time. One table for each engine
// that is there. npm run bench -- lanes [--engine E] [--cell lstm] [--size 32,64,128] [--lanes 1,2,4,8] [--rounds 10]
import { createRequire } from 'node:module';
import { parseArgs } from 'node:util';

const require = createRequire(import.meta.url);
const ours = (path) => require(`../../dist/libs/training/src/${path}.js`);
const classes = 65;
const median = (values) => values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)];
const numbers = (text) => text.split(',').map(Number);

/** K lanes of a character model on a text at random, each with a seed and a learning rate of its own. */
function openGroup(count, cell, [batch, steps, hidden]) {
  const { LaneGroup, plainLane } = ours('lane-group');
  const { openLanguageModel } = ours('tasks/language-model');
  const { contiguousStreams } = ours('tasks/streams');
  const { languageModel } = ours('tasks/language-model');
  const { initialValues } = ours('parameter');
  const { modelSpec } = require('../../dist/libs/contracts/src/index.js');
  const { tokensInMemory } = require('../../dist/libs/datasets/src/index.js');
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

/** Milliseconds of an update, and the bytes that tensors take at its end. */
async function measured(engine, count, cell, size, rounds) {
  const group = openGroup(count, cell, size);
  const times = [];
  for (let round = 0; round < rounds + 2; round++) {
    const began = performance.now();
    const answer = group.advance();
    await answer.data();
    answer.dispose();
    times.push(performance.now() - began);
  }
  const { bytes } = engine.memory();
  group.dispose();
  return { milliseconds: median(times.slice(2)), bytes };
}

async function table(name, { cell, size, lanes, rounds }) {
  const engine = await ours('engines/open-engine').openEngine(name);
  const [batch, steps, hidden] = size;
  console.log(
    `\n${engine.name} (${engine.device}, ${engine.codePath}): ${cell}, batch ${batch}, ${steps} steps, hidden ${hidden}`,
  );
  console.log('lanes     ms an update   ms a trial   trials a second, of one alone      MB');
  let alone;
  for (const count of new Set([1, ...lanes])) {
    const { milliseconds, bytes } = await measured(engine, count, cell, size, rounds);
    const each = milliseconds / count;
    alone ??= each;
    const row = [String(count).padStart(5), milliseconds.toFixed(2).padStart(16), each.toFixed(2).padStart(12)];
    console.log(`${row.join(' ')} ${(alone / each).toFixed(2).padStart(31)}x ${(bytes / 1e6).toFixed(1).padStart(8)}`);
  }
}

export default async function bench(rest) {
  const { values } = parseArgs({
    args: rest,
    options: {
      engine: { type: 'string' },
      cell: { type: 'string', default: 'lstm' },
      size: { type: 'string', default: '32,64,128' },
      lanes: { type: 'string' },
      rounds: { type: 'string', default: '10' },
    },
  });
  const { describeEngines } = ours('engines/open-engine');
  const there = (await describeEngines()).filter(({ available }) => available).map(({ name }) => name);
  // The plain engines are no way to train, and a processor needs no more than a few lanes.
  const engines = values.engine ? [values.engine] : there.filter((name) => name !== 'cpu' && name !== 'wasm');
  for (const name of engines) {
    const lanes = numbers(values.lanes ?? (name === 'native' ? '1,2,4,8' : '1,2,4,8,16,32,64,128,256'));
    await table(name, { cell: values.cell, size: numbers(values.size), lanes, rounds: Number(values.rounds) });
  }
}
