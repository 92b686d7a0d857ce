// Answers of a served network beside onnxruntime-node on the network that `unroll export` writes of it: at batch 1, in float32 and with
// int8 weights, and at larger batches; and one step of a text at a time, as a session reads it. One thread each, in many short rounds in
// turn, in CPU milliseconds (others may be at work): medians, their ratio, and that of the least. Unroll takes rows that were read, and
// gives answers; onnxruntime-node takes and gives tensors, in float32.
// Then how long one sequence in float32 takes, in wall milliseconds of single passes, which only an idle machine tells: both on one thread,
// both on two, and each with its own default (that of onnxruntime-node is all cores, that of `unroll serve` at most two).
// Then whole requests to `unroll serve`'s HTTP interface, with JSON at both ends, alone and 32 at once.
// Arguments: rounds (default 25), cells (default lstm and gru), hidden sizes (default 128 and 256).
import { createRequire } from 'node:module';
import { createServer } from 'node:http';
import { availableParallelism } from 'node:os';
import { setTimeout } from 'node:timers/promises';
import { median } from './median.mjs';

const require = createRequire(import.meta.url);
const lib = (name) => require(`../../dist/libs/${name}/src/index.js`);
const steps = 64;
const width = 8;

const rowsOf = (count) =>
  Array.from({ length: count }, (_, row) => ({
    frames: Array.from({ length: steps }, (_, step) =>
      Array.from({ length: width }, (_, at) => Number(Math.sin(row + step * at).toFixed(4))),
    ),
    label: 'ab'[row % 2],
  }));
const linesOf = (rows) => Buffer.from(rows.map((row) => JSON.stringify(row)).join('\n'));

/** A model trained for one update: what it answers does not matter here. */
async function trainedOn(engine, source, task, { cell, hidden }) {
  const { prepare, toReading } = lib('datasets');
  const { train, toModel } = lib('training');
  const spec = lib('contracts').trialSpec.parse({
    dataset: { name: 'data', split: { validation: 0.2 } },
    task,
    model: { cell, hiddenSize: hidden },
    training: { batchSize: source.kind === 'text' ? 4 : 32, updates: 1, reportEvery: 1 },
  });
  const { data } = prepare(source, spec);
  const [result] = await train([{ id: 'a', spec }], data, { engine, sampleLength: 0, onReport: () => undefined });
  return toModel(result, { spec, reading: toReading(data), fingerprint: 'none' });
}

/** A classification of frames. */
const modelOf = (engine, cell, hidden) =>
  trainedOn(engine, { kind: 'labelled', bytes: linesOf(rowsOf(40)) }, 'classification', { cell, hidden });

/** CPU and wall milliseconds of one call, over several. */
async function milliseconds(work, calls) {
  const [began, at] = [process.cpuUsage(), performance.now()];
  for (let call = 0; call < calls; call++) await work();
  const { user, system } = process.cpuUsage(began);
  return { cpu: (user + system) / 1e3 / calls, wall: (performance.now() - at) / calls };
}

/** Options of a session: of so many threads, or as it comes. */
const threadsOf = (intraOpNumThreads) => ({
  ...(intraOpNumThreads ? { intraOpNumThreads, interOpNumThreads: 1 } : {}),
  logSeverityLevel: 3,
});
const oneThread = threadsOf(1);

/** Sequences as each side takes them. */
function inputsOf({ header: { spec, reading } }, runtime, batch) {
  const rows = rowsOf(batch);
  const { data } = lib('datasets').encode({ kind: 'labelled', bytes: linesOf(rows) }, { ...spec, reading });
  const values = Float32Array.from(rows.flatMap(({ frames }) => frames.flat()));
  const feed = {
    values: new runtime.Tensor('float32', values, [batch, steps, width]),
    lengths: new runtime.Tensor('int32', new Int32Array(batch).fill(steps), [batch]),
  };
  return { data, feed };
}

/**
 * How many passes are in a block of one side, and for how many milliseconds its threads may then look out for work before they sleep:
 * those of onnxruntime-node hold their cores for more than 20.
 */
const block = { passes: 40, pause: 200 };

/** Wall milliseconds of single passes of each side, in turn in blocks. `ready` is told which comes. */
async function passes(sides, { rounds, ready }) {
  const times = sides.map(() => []);
  for (let round = -1; round < rounds; round++)
    for (const [side, work] of sides.entries()) {
      ready(side);
      await setTimeout(block.pause);
      await work();
      for (let pass = 0; pass < block.passes; pass++) {
        const { wall } = await milliseconds(work, 1);
        if (round >= 0) times[side].push(wall);
      }
    }
  return times;
}

/**
 * The latency of one sequence in float32, by the threads of both. All settings are in turn: a machine that shares its cores with others
 * may be slow for seconds, which must not be taken for what threads do.
 */
async function latency({ engine, runtime, rounds }, model, cell, hidden) {
  const { Network, exportOnnx } = lib('training');
  const network = new Network(model);
  const { data, feed } = inputsOf(model, runtime, 1);
  const usual = Math.min(2, availableParallelism());
  const settings = [1, 2, undefined];
  const sessions = [];
  for (const threads of settings)
    sessions.push(await runtime.InferenceSession.create(exportOnnx(model), threadsOf(threads)));
  const sides = sessions.flatMap((session) => [() => session.run(feed), () => network.answersTo(data)]);
  const ready = (side) => engine.useThreads(side % 2 === 0 ? 1 : (settings[(side - 1) / 2] ?? usual));
  const times = await passes(sides, { rounds, ready });
  for (const [index, threads] of settings.entries()) {
    const both = times.slice(2 * index, 2 * index + 2);
    const [least, medians] = [both.map((each) => Math.min(...each)), both.map(median)];
    const numbers = [least[0], medians[0], least[1], medians[1]].map((each) => each.toFixed(3));
    const ratios = [least, medians].map(([their, own]) => `${(their / own).toFixed(2)}x`);
    console.log(`| ${[cell, hidden, threads ?? 'default', ...numbers, ...ratios].join(' | ')} |`);
  }
  for (const session of sessions) await session.release();
  engine.useThreads(1);
  network.dispose();
}

/** A model with the weights that `unroll compress --int8` writes. */
const int8Of = async (model) => (await lib('training').int8Model(model)).model;

/** The two sides in turn: CPU milliseconds of a call of each, by round. */
async function inTurn(sides, { rounds, calls }) {
  // Until JavaScript is compiled.
  for (const side of sides) await milliseconds(side, calls * 20);
  const times = sides.map(() => []);
  for (let round = 0; round < rounds; round++)
    for (const [side, work] of sides.entries()) times[side].push((await milliseconds(work, calls)).cpu);
  return times;
}

const row = (what, times, rate) => {
  const [[theirs, ours], least] = [times.map(median), times.map((each) => Math.min(...each))];
  const ratios = [theirs / ours, least[0] / least[1]].map((ratio) => `${ratio.toFixed(2)}x`);
  const cells = [...what, theirs.toFixed(3), ours.toFixed(3), ...ratios, Math.round(rate / ours)];
  console.log(`| ${cells.join(' | ')} |`);
};

/** Whole sequences. */
async function beside({ engine, runtime, rounds }, cell, hidden) {
  const { Network, exportOnnx } = lib('training');
  const model = await modelOf(engine, cell, hidden);
  const networks = { float32: new Network(model), int8: new Network(await int8Of(model)) };
  const session = await runtime.InferenceSession.create(exportOnnx(model), oneThread);
  for (const [batch, weights] of [
    [1, 'float32'],
    [1, 'int8'],
    [2, 'float32'],
    [8, 'float32'],
    [32, 'float32'],
  ]) {
    const { data, feed } = inputsOf(model, runtime, batch);
    const sides = [() => session.run(feed), () => networks[weights].answersTo(data)];
    const [{ probabilities }, answers] = await Promise.all(sides.map((side) => side()));
    const difference = Math.max(
      ...answers.map(({ probabilities: own }, at) => Math.abs(Object.values(own)[0] - probabilities.data[2 * at])),
    );
    if (!(difference < (weights === 'int8' ? 0.02 : 1e-5))) throw new Error(`the two differ by ${difference}`);
    const times = await inTurn(sides, { rounds, calls: Math.ceil(40 / batch) });
    row([cell, hidden, batch, weights], times, 1000 * batch);
  }
  for (const network of Object.values(networks)) network.dispose();
  await session.release();
  return model;
}

/** A text, token by token: each is read, and the probabilities of the next are given. */
async function besideSteps({ engine, runtime, rounds }, cell, hidden) {
  const { Network, Continuation, exportOnnx } = lib('training');
  const bytes = Buffer.from('to be, or not to be: that is the question. '.repeat(40));
  const model = await trainedOn(engine, { kind: 'text', bytes }, 'language-model', { cell, hidden });
  const session = await runtime.InferenceSession.create(exportOnnx(model), oneThread);
  const { length: vocabulary } = model.header.reading.inputVocabulary;
  for (const [weights, own] of [
    ['float32', model],
    ['int8', await int8Of(model)],
  ]) {
    const network = new Network(own);
    const text = await Continuation.open(network);
    let [states, at] = [{}, 0];
    const zeros = () => new runtime.Tensor('float32', new Float32Array(hidden), [1, 1, hidden]);
    const sides = [
      async () => {
        const ids = new runtime.Tensor('int64', BigInt64Array.of(BigInt(at++ % vocabulary)), [1, 1]);
        const found = await session.run({ ids, h: zeros(), ...(cell === 'lstm' ? { c: zeros() } : {}), ...states });
        states = { h: found.h_out, ...(cell === 'lstm' ? { c: found.c_out } : {}) };
      },
      async () => {
        await text.read([at++ % vocabulary]);
        await text.next();
      },
    ];
    row([cell, hidden, weights], await inTurn(sides, { rounds, calls: 400 }), 1000);
    network.dispose();
  }
  await session.release();
}

/** Requests over HTTP to the server of `unroll serve`, its network in this process. */
async function overHttp({ engine, rounds }, model, cell, hidden) {
  const { LocalInference } = require('../../dist/apps/cli/src/serving/inference.js');
  const { createServing } = require('../../dist/apps/cli/src/serving/server.js');
  const inference = await LocalInference.open(model, engine, { name: 'bench', batch: 32, delayMilliseconds: 1 });
  const server = createServer(createServing({ served: inference.served, inference }));
  await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve));
  const url = `http://127.0.0.1:${server.address().port}/v1/predict`;
  const body = JSON.stringify({ inputs: rowsOf(1).map(({ frames }) => ({ frames })) });
  const ask = async () => {
    const response = await fetch(url, { method: 'POST', headers: { 'content-type': 'application/json' }, body });
    await response.json();
  };
  for (const together of [1, 32]) {
    const once = () => Promise.all(Array.from({ length: together }, ask));
    const calls = Math.ceil(32 / together);
    await milliseconds(once, calls);
    const all = [];
    for (let round = 0; round < Math.ceil(rounds / 5); round++) all.push(await milliseconds(once, calls));
    const [cpu, wall] = ['cpu', 'wall'].map((kind) => median(all.map((each) => each[kind])) / together);
    console.log(`| ${cell} | ${hidden} | ${together} | ${cpu.toFixed(2)} | ${wall.toFixed(2)} |`);
  }
  server.close();
}

export default async function serve(args) {
  const rounds = Number(args[0] ?? 25);
  const given = (is, otherwise) => {
    const own = args.slice(1).filter((each) => /^\d+$/.test(each) === is);
    return own.length > 0 ? own : otherwise;
  };
  const [cells, sizes] = [given(false, ['lstm', 'gru']), given(true, [128, 256]).map(Number)];
  const runtime = lib('training').onnxRuntime();
  if (!runtime) throw new Error('needs onnxruntime-node, which is not installed');
  const engine = await lib('training').openEngine('native');
  engine.useThreads(1);
  const { version } = require('onnxruntime-node/package.json');
  console.log(
    `engine native (${engine.codePath}) beside onnxruntime-node ${version}: ${steps} steps of ${width} numbers, CPU ms of one pass\n`,
  );
  console.log(
    '| cell | hidden | batch | weights | onnxruntime-node | Unroll | ratio | of the least | inputs a second |',
  );
  console.log('| --- | ---: | ---: | --- | ---: | ---: | ---: | ---: | ---: |');
  const models = [];
  for (const cell of cells)
    for (const hidden of sizes)
      models.push({ cell, hidden, model: await beside({ engine, runtime, rounds }, cell, hidden) });
  console.log(`\none sequence in float32, wall ms of single passes on ${availableParallelism()} processors\n`);
  console.log(
    '| cell | hidden | threads | onnxruntime-node, least | median | Unroll, least | median | ratio | of medians |',
  );
  console.log('| --- | ---: | ---: | ---: | ---: | ---: | ---: | ---: | ---: |');
  for (const { cell, hidden, model } of models) await latency({ engine, runtime, rounds }, model, cell, hidden);
  console.log('\none step of a text, CPU ms\n');
  console.log('| cell | hidden | weights | onnxruntime-node | Unroll | ratio | of the least | steps a second |');
  console.log('| --- | ---: | --- | ---: | ---: | ---: | ---: | ---: |');
  for (const cell of cells) for (const hidden of sizes) await besideSteps({ engine, runtime, rounds }, cell, hidden);
  console.log('\nrequests of one input over HTTP, ms of each; CPU with that of the client\n');
  console.log('| cell | hidden | at once | CPU | wall |');
  console.log('| --- | ---: | ---: | ---: | ---: |');
  const [{ cell, hidden, model }] = models;
  await overHttp({ engine, rounds }, model, cell, hidden);
}
