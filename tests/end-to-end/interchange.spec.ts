import { spawn } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { readModel, type RecurrentLayers, type Weights } from '../../libs/training/src';
import { difference, fixture, outputsOf } from '../../libs/training/src/testing/foreign.fixture';
import { ran, unroll } from '../support/cli';
import { temporaryFolder } from '../support/servers.cjs';

const folder = temporaryFolder();
const root = join(__dirname, '..', '..');

interface Read {
  refusal?: string;
  layers?: Omit<RecurrentLayers, 'weights'> & { weights: Record<string, { shape: number[]; values: number[] }> };
}

/** What the built reader makes of fixtures: Keras's need a module that Jest's loader cannot open. */
async function readAll(files: readonly [name: string, modules?: string[]][]): Promise<Read[]> {
  const script = `
    const { readForeignLayers } = require(${JSON.stringify(join(root, 'dist/libs/training/src'))});
    const { readFileSync } = require('node:fs');
    const read = ([file, modules]) => readForeignLayers(readFileSync(file), modules).then(
      (layers) => ({ layers }), (error) => ({ refusal: error.message }));
    Promise.all(${JSON.stringify(files.map(([name, modules]) => [fixture(name), modules]))}.map(read)).then((all) =>
      console.log(JSON.stringify(all, (key, value) => (ArrayBuffer.isView(value) ? [...value] : value))));`;
  const { stdout, stderr } = await ran(spawn(process.execPath, ['-e', script], { cwd: root }));
  if (stderr) throw new Error(stderr);
  return JSON.parse(stdout) as Read[];
}

const float32 = (weights: NonNullable<Read['layers']>['weights']): Weights =>
  Object.fromEntries(
    Object.entries(weights).map(([name, { shape, values }]) => [name, { shape, values: Float32Array.from(values) }]),
  );

describe('recurrent layers of Keras', () => {
  it('compute what Keras computes', async () => {
    const files = ['keras-lstm.keras', 'keras-lstm.h5', 'keras-gru.keras', 'keras-gru.h5', 'keras-rnn.keras'];
    const read = await readAll(files.map((name) => [name]));
    for (const [index, { layers, refusal }] of read.entries()) {
      expect(refusal).toBeUndefined();
      const name = files[index]!.replace('.h5', '.keras');
      expect(difference(await outputsOf({ ...layers!, weights: float32(layers!.weights) }), name)).toBeLessThan(1e-6);
    }
    expect(read.map(({ layers }) => layers!.origin)).toEqual([
      ...["Keras's low, lstm", "Keras's low, lstm", "Keras's bidirectional", "Keras's bidirectional"],
      expect.stringMatching(/^Keras's simple_rnn/),
    ]);
  });

  it('are refused where they compute otherwise than layers here', async () => {
    const read = await readAll([
      ['keras-old-gru.keras'],
      ['keras-sum.keras'],
      ['keras-hard.keras'],
      ['keras-dense.keras'],
      ['keras-lstm.keras', ['lstm', 'high']],
    ]);
    const refusals = read.map(({ refusal }) => refusal);
    expect(refusals[0]).toContain('reset_after=False');
    expect(refusals[1]).toContain('merges its directions by sum');
    expect(refusals[2]).toContain('the recurrent activation "hard_sigmoid"; here it is sigmoid');
    expect(refusals[3]).toContain('(Dense) between recurrent ones: name those to take');
    expect(refusals[4]).toContain('has no recurrent layer high; there are low, lstm');
  });
});

describe('unroll train', () => {
  const trial = (cell: string, initFrom: string): string => `
dataset: {path: rows.jsonl, kind: labelled, split: {validation: 0.2}}
task: classification
model: {cell: ${cell}, hiddenSize: 4, layers: ${cell === 'lstm' ? 2 : 1}, bidirectional: ${cell === 'lstm'}}
training: {batchSize: 8, updates: 2, reportEvery: 1, freeze: [recurrent], initFrom: {${initFrom}}}
`;
  const write = (name: string, text: string): string => {
    writeFileSync(join(folder, name), text);
    return join(folder, name);
  };
  beforeAll(() => {
    const rows = Array.from({ length: 40 }, (_, i) => ({ frames: [[i % 7, 1, i % 3]], label: 'ab'[i % 2] }));
    write('rows.jsonl', rows.map((row) => JSON.stringify(row)).join('\n'));
  });

  it('starts from layers of PyTorch, and writes them into its model', async () => {
    const file = write('torch.yaml', trial('lstm', `model: ${fixture('lstm.pt')}`));
    const output = join(folder, 'torch.safetensors');
    const done = await unroll(['train', file, '-o', output, '--engine', 'wasm']);
    expect(done).toMatchObject({
      code: 0,
      stderr: expect.stringContaining("Starts from PyTorch's state_dict.encoder"),
    });
    const { weights } = readModel(readFileSync(output));
    const layers = Object.entries(weights).flatMap(([name, values]) =>
      name.startsWith('recurrent.') ? [[name.slice('recurrent.'.length), values] as const] : [],
    );
    const same = { cell: 'lstm' as const, bidirectional: true, weights: Object.fromEntries(layers), origin: '' };
    expect(difference(await outputsOf(same), 'lstm.pt')).toBeLessThan(1e-6);
  });

  it.each([
    [
      'a cell that the file does not have',
      'rnn',
      `model: ${fixture('gru.pt')}`,
      'model.cell: is "rnn", but PyTorch\'s',
    ],
    ['a whole module', 'lstm', `model: ${fixture('module.pt')}`, 'only tensors are read: save module.state_dict()'],
    ['modules of a trial', 'lstm', 'trial: abc, modules: [a]', 'training.initFrom.modules: has no effect on a trial'],
    ['a file that is not there', 'lstm', 'model: none.pt', 'none.pt: no such file'],
  ])('refuses %s in one line', async (_, cell, initFrom, message) => {
    const { code, stdout, stderr } = await unroll(['train', write('refused.yaml', trial(cell, initFrom))]);
    expect({ code, stdout, lines: stderr.trim().split('\n').length }).toEqual({ code: 2, stdout: '', lines: 1 });
    expect(stderr).toContain(message);
  });
});
