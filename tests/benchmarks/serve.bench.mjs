// Answers of a served network beside onnxruntime-node on the network that `unroll export` writes of it: at batch 1 and 32, one thread each,
// in turn, in CPU milliseconds (others may be at work). Unroll takes rows that were read; onnxruntime-node takes tensors, and gives
// probabilities without their names. Then whole requests to `unroll serve`'s HTTP interface, with JSON at both ends, alone and 32 at once.
// Arguments: rounds (default 5), cells (default lstm and gru), hidden sizes (default 128 and 256).
import { createRequire } from 'node:module';
import { createServer } from 'node:http';
import { median } from './median.mjs';

const require = createRequire(import.meta.url);
const lib = (name) => require(`../../dist/libs/${name}/src/index.js`);
const steps = 64;
const width = 8;
const batches = [1, 32];

const rowsOf = (count) =>
  Array.from({ length: count }, (_, row) => ({
    frames: Array.from({ length: steps }, (_, step) =>
      Array.from({ length: width }, (_, at) => Number(Math.sin(row + step * at).toFixed(4))),
    ),
    label: 'ab'[row % 2],
  }));
const linesOf = (rows) => Buffer.from(rows.map((row) => JSON.stringify(row)).join('\n'));

/** A classification of frames, trained for one update: what it answers does not matter here. */
async function modelOf(engine, cell, hidden) {
  const { prepare, toReading } = lib('datasets');
  const { train, toModel } = lib('training');
  const spec = lib('contracts').trialSpec.parse({
    dataset: { name: 'frames', split: { validation: 0.2 } },
    task: 'classification',
    model: { cell, hiddenSize: hidden },
    training: { batchSize: 32, updates: 1, reportEvery: 1 },
  });
  const { data } = prepare({ kind: 'labelled', bytes: linesOf(rowsOf(40)) }, spec);
  const [result] = await train([{ id: 'a', spec }], data, { engine, sampleLength: 0, onReport: () => undefined });
  return toModel(result, { spec, reading: toReading(data), fingerprint: 'none' });
}

/** CPU and wall milliseconds of one call, over several. */
async function milliseconds(work, calls) {
  const [began, at] = [process.cpuUsage(), performance.now()];
  for (let call = 0; call < calls; call++) await work();
  const { user, system } = process.cpuUsage(began);
  return { cpu: (user + system) / 1e3 / calls, wall: (performance.now() - at) / calls };
}

async function beside({ engine, runtime, rounds }, cell, hidden) {
  const { Network, exportOnnx } = lib('training');
  const model = await modelOf(engine, cell, hidden);
  const network = new Network(model);
  const options = { intraOpNumThreads: 1, interOpNumThreads: 1, logSeverityLevel: 3 };
  const session = await runtime.InferenceSession.create(exportOnnx(model), options);
  const { spec, reading } = model.header;
  for (const batch of batches) {
    const rows = rowsOf(batch);
    const { data } = lib('datasets').encode({ kind: 'labelled', bytes: linesOf(rows) }, { ...spec, reading });
    const feed = {
      values: new runtime.Tensor('float32', Float32Array.from(rows.flatMap(({ frames }) => frames.flat())), [
        batch,
        steps,
        width,
      ]),
      lengths: new runtime.Tensor('int32', new Int32Array(batch).fill(steps), [batch]),
    };
    const sides = [() => network.answersTo(data), () => session.run(feed)];
    const calls = Math.ceil(200 / batch);
    const [answers, { probabilities }] = await Promise.all(sides.map((side) => side()));
    const difference = Math.max(
      ...answers.map(({ probabilities: own }, row) => Math.abs(Object.values(own)[0] - probabilities.data[2 * row])),
    );
    if (!(difference < 1e-5)) throw new Error(`the two differ by ${difference}`);
    // Until JavaScript is compiled.
    for (const side of sides) await milliseconds(side, calls * 4);
    const times = [[], []];
    for (let round = 0; round < rounds; round++)
      for (const [side, work] of sides.entries()) times[side].push((await milliseconds(work, calls)).cpu);
    const [ours, theirs] = times.map(median);
    console.log(
      `| ${cell} | ${hidden} | ${batch} | ${theirs.toFixed(3)} | ${ours.toFixed(3)} | ${(theirs / ours).toFixed(2)}x | ${Math.round((1000 * batch) / ours)} |`,
    );
  }
  network.dispose();
  await session.release();
  return model;
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
  for (const together of batches) {
    const once = () => Promise.all(Array.from({ length: together }, ask));
    const calls = Math.ceil(32 / together);
    await milliseconds(once, calls);
    const all = [];
    for (let round = 0; round < rounds; round++) all.push(await milliseconds(once, calls));
    const [cpu, wall] = ['cpu', 'wall'].map((kind) => median(all.map((each) => each[kind])) / together);
    console.log(`| ${cell} | ${hidden} | ${together} | ${cpu.toFixed(2)} | ${wall.toFixed(2)} |`);
  }
  server.close();
}

export default async function serve(args) {
  const rounds = Number(args[0] ?? 5);
  const given = (is, otherwise) => {
    const own = args.slice(1).filter((each) => /^\d+$/.test(each) === is);
    return own.length > 0 ? own : otherwise;
  };
  const [cells, sizes] = [given(false, ['lstm', 'gru']), given(true, [128, 256]).map(Number)];
  const runtime = lib('training').onnxRuntime();
  if (!runtime) throw new Error('needs onnxruntime-node, which is not installed');
  const engine = await lib('training').openEngine('native');
  const { version } = require('onnxruntime-node/package.json');
  console.log(
    `engine native (${engine.codePath}) beside onnxruntime-node ${version}: ${steps} steps of ${width} numbers, CPU ms of one pass\n`,
  );
  console.log('| cell | hidden | batch | onnxruntime-node | Unroll | ratio | inputs a second |');
  console.log('| --- | ---: | ---: | ---: | ---: | ---: | ---: |');
  const models = [];
  for (const cell of cells)
    for (const hidden of sizes)
      models.push({ cell, hidden, model: await beside({ engine, runtime, rounds }, cell, hidden) });
  console.log('\nrequests of one input over HTTP, ms of each; CPU with that of the client\n');
  console.log('| cell | hidden | at once | CPU | wall |');
  console.log('| --- | ---: | ---: | ---: | ---: |');
  const [{ cell, hidden, model }] = models;
  await overHttp({ engine, rounds }, model, cell, hidden);
}
