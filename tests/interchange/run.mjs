// Round trips with the real other sides, from PyPI, in environments outside the project:
//   node tests/interchange/run.mjs [weights|onnx|data|subwords|wandb|katib|optuna|sqlite|branches|ray|tensorboard|mlflow ...]
// Prints a line for each, with the versions and the largest difference; exits with 1 if one fails. Not part of npm test.
import { spawnSync } from 'node:child_process';
import { createRequire } from 'node:module';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { optunaPeer, pythonWith } from '../benchmarks/python-environment.mjs';
import { dataPart } from './data-part.mjs';
import { searchParts } from './search-parts.mjs';
import { subwordsPart } from './subwords-part.mjs';

const require = createRequire(import.meta.url);
const here = dirname(fileURLToPath(import.meta.url));
const root = join(here, '..', '..');
const program = join(root, 'apps', 'cli', 'bin', 'unroll.mjs');

const environments = {
  weights: {
    name: 'torch-2.15.0-keras-3.15.1',
    packages: ['torch==2.15.0', 'keras==3.15.1', 'h5py==3.16.0', 'safetensors==0.8.0', 'numpy==2.4.6'],
  },
  onnx: {
    name: 'torch-2.15.0-keras-3.15.1-onnx-1.23.2',
    packages: ['torch==2.15.0', 'keras==3.15.1', 'h5py==3.16.0', 'onnx==1.23.2', 'onnxscript==0.7.2'],
  },
  wandb: { name: 'wandb-sweeps-0.3.0', packages: ['sweeps==0.3.0'] },
  optuna: optunaPeer,
  sqlite: optunaPeer,
  branches: optunaPeer,
  katib: { name: 'kubeflow-katib-0.19.0', packages: ['kubeflow-katib==0.19.0'] },
  data: {
    name: 'pandas-3.1.1-datasets-5.2.0',
    packages: ['pandas==3.1.1', 'pyarrow==26.0.1', 'polars==2.1.0', 'numpy==2.4.6', 'datasets==5.2.0'],
  },
  subwords: { name: 'tokenizers-0.23.3', packages: ['tokenizers==0.23.3'] },
  ray: { name: 'ray-2.60.0', packages: ['ray[tune]==2.60.0'] },
  mlflow: { name: 'mlflow-3.17.0', packages: ['mlflow==3.17.0'] },
  tensorboard: { name: 'tensorboard-2.21.0', packages: ['tensorboard==2.21.0'] },
};

function run(command, args, options = {}) {
  const { status, stdout, stderr, error } = spawnSync(command, args, {
    encoding: 'utf8',
    maxBuffer: 2 ** 28,
    ...options,
  });
  if (status !== 0) throw new Error(`${[command, ...args].join(' ')}: ${error?.message ?? stderr.trim()}`);
  return stdout;
}
/** Runs a command against the stack of a part, if it has one. */
const unroll = (args, cwd) =>
  run(process.execPath, [program, ...args], { cwd, env: { ...process.env, UNROLL_DATA: join(cwd, 'stack') } });

/** Trains a network, gives its weights to PyTorch's load_state_dict, and compares the predictions of both. */
function weightsOut(python, folder, [cell, model]) {
  const rows = Array.from({ length: 60 }, (_, i) => ({
    text: 'abc'.repeat(1 + (i % 4)).slice(i % 3),
    label: 'xyz'[i % 3],
  }));
  writeFileSync(join(folder, 'rows.jsonl'), rows.map((row) => JSON.stringify(row)).join('\n'));
  const file = join(folder, `${cell}.yaml`);
  writeFileSync(
    file,
    `dataset: {path: rows.jsonl, kind: labelled, split: {validation: 0.2}}
task: classification
model: {cell: ${cell}, hiddenSize: 12, embeddingSize: 6${model}}
training: {batchSize: 8, updates: 60, reportEvery: 30, learningRate: 2e-2}
`,
  );
  const [own, exported] = [join(folder, `${cell}.safetensors`), join(folder, `${cell}-torch.safetensors`)];
  unroll(['train', file, '-o', own, '--engine', 'wasm']);
  writeFileSync(join(folder, 'network.py'), unroll(['export', own, '--format', 'pytorch', '-o', exported]));
  const texts = ['a', 'abc', 'cabcab', 'bca'];
  writeFileSync(join(folder, 'new.txt'), `${texts.join('\n')}\n`);
  const answers = unroll(['predict', own, '--input', join(folder, 'new.txt'), '--json', '--engine', 'wasm'])
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line));
  const header = JSON.stringify({ texts, own, exported, answers });
  return JSON.parse(run(python, [join(here, 'load_state_dict.py')], { cwd: folder, input: header }));
}

/** Layers that PyTorch and Keras write now, read as the committed fixtures are. */
function weightsIn(python, folder) {
  run(python, [join(here, 'make_fixtures.py'), folder], { env: { ...process.env, KERAS_BACKEND: 'torch' } });
  const names = (versions) => `PyTorch ${versions.torch}, Keras ${versions.keras}`;
  const fresh = JSON.parse(readFileSync(join(folder, 'expected.json'), 'utf8'));
  const kept = JSON.parse(readFileSync(join(here, 'fixtures', 'expected.json'), 'utf8'));
  const worst = Math.max(
    ...Object.entries(kept.outputs).flatMap(([name, { values }]) =>
      values.map((value, index) => Math.abs(value - fresh.outputs[name].values[index])),
    ),
  );
  return { text: `${names(fresh['made with'])}: compute what the committed fixtures say`, difference: worst };
}

/** Recurrent layers in graphs that PyTorch and Keras export now, beside the same in their own files. */
async function* onnxIn(python, folder) {
  const { readForeignLayers } = require(join(root, 'dist', 'libs', 'training', 'src', 'index.js'));
  const environment = { ...process.env, KERAS_BACKEND: 'torch' };
  const lines = run(python, [join(here, 'onnx_models.py'), folder], { env: environment })
    .trim()
    .split('\n');
  const { torch, keras, onnx, models } = JSON.parse(lines.at(-1));
  const read = (name) =>
    readForeignLayers(readFileSync(join(folder, name)), undefined, (beside) =>
      Promise.resolve(readFileSync(join(folder, beside))),
    );
  for (const { onnx: graph, weights, refused } of models) {
    const versions = `PyTorch ${torch}, Keras ${keras}, onnx ${onnx}`;
    if (refused) {
      const message = await read(graph).then(
        () => 'was read',
        (error) => error.message,
      );
      if (!message.includes(refused)) throw new Error(`${graph}: ${message}`);
      yield { text: `${versions}: ${graph} is refused, as it is unrolled`, difference: 0 };
      continue;
    }
    const [ours, theirs] = [await read(graph), await read(weights)];
    const names = Object.keys(theirs.weights);
    if (Object.keys(ours.weights).length !== names.length) throw new Error(`${graph}: other weights than ${weights}`);
    const differences = names.flatMap((name) =>
      Array.from(theirs.weights[name].values, (value, at) => Math.abs(value - ours.weights[name].values[at])),
    );
    yield { text: `${versions}: ${graph} has the weights of ${weights}`, difference: Math.max(...differences) };
  }
}

const parts = {
  onnx: onnxIn,
  *weights(python, folder) {
    yield weightsIn(python, folder);
    for (const each of [
      ['lstm', ', layers: 2, bidirectional: true'],
      ['gru', ', layers: 2'],
      ['rnn', ', nonlinearity: relu'],
    ]) {
      const { difference, torch } = weightsOut(python, folder, each);
      yield { text: `PyTorch ${torch}: load_state_dict of an exported ${each[0]}, predictions of both`, difference };
    }
  },
};

const searches = (python, what, argument) =>
  JSON.parse(
    run(python, [join(here, 'searches.py'), what, argument])
      .trim()
      .split('\n')
      .at(-1),
  );

parts.data = dataPart((python, folder) => JSON.parse(run(python, [join(here, 'data.py'), folder])));
parts.subwords = subwordsPart(
  (python, folder, name, size) => JSON.parse(run(python, [join(here, 'subwords.py'), folder, name, String(size)])),
  (python, folder, size) => run(python, [join(here, 'tokenizer_file.py'), folder, String(size)]),
);
Object.assign(parts, searchParts({ searches, unroll, program }));

const chosen = process.argv.slice(2);
for (const name of chosen.length > 0 ? chosen : Object.keys(parts)) {
  const folder = mkdtempSync(join(tmpdir(), 'unroll-interchange-'));
  try {
    for await (const { text, difference } of parts[name](pythonWith(environments[name]), folder)) {
      const isClose = difference < 1e-5;
      console.log(`${isClose ? 'ok' : 'FAILED'}  ${text}: largest difference ${difference.toExponential(1)}`);
      if (!isClose) process.exitCode = 1;
    }
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
