import { readModel } from '@unroll/training';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { commandEnvironment, program, ran, succeeds, unroll, type Ran } from '../support/cli';
import { temporaryFolder } from '../support/servers.cjs';

const folder = temporaryFolder();
const at = (name: string): string => join(folder, name);
function file(name: string, content: string): string {
  writeFileSync(at(name), content);
  return at(name);
}

const rows = (count: number, letters: string, of = 'xyz'): string =>
  Array.from({ length: count }, (_, index) => {
    const letter = letters[index % letters.length]!;
    return JSON.stringify({ text: letter + of.repeat(1 + (index % 4)), label: letter.toUpperCase() });
  }).join('\n');

const trial = (data: string, kind: string, task: string, training = '', model = ''): string => `
dataset: {path: ${data}, kind: ${kind}, split: {validation: 0.2}}
task: ${task}
model: {cell: lstm, hiddenSize: 12, embeddingSize: 6${model}}
training: {batchSize: 8, updates: 80, reportEvery: 40, learningRate: 2e-2${training}}
`;

const wasm = ['--engine', 'wasm'];
const refusal = ({ code, stderr, stdout }: Ran) => ({ code, stdout, lines: stderr.trim().split('\n').length });
const refused = { code: 2, stdout: '', lines: 1 };

beforeAll(async () => {
  file('text.txt', 'to be, or not to be: that is the question. '.repeat(30));
  file('two.jsonl', rows(80, 'ab'));
  file('text.yaml', trial('text.txt', 'text', 'language-model', ', bptt: 12'));
  file('two.yaml', trial('two.jsonl', 'labelled', 'classification'));
  for (const name of ['text', 'two']) {
    const ran = await unroll(['train', at(`${name}.yaml`), '-o', at(`${name}.safetensors`), ...wasm]);
    expect(ran).toMatchObject({ code: 0, stderr: expect.stringContaining('Wrote the model of update') });
  }
});

describe('unroll generate', () => {
  const model = at('text.safetensors');

  it('continues a prompt, the same for the same seed', async () => {
    const args = ['generate', model, '--prompt', 'to be', '--length', '30', ...wasm];
    const [one, again, other] = await Promise.all([
      unroll(args),
      unroll(args),
      unroll([...args, '--temperature', '9', '--seed', '2', '--json']),
    ]);
    expect(one.code).toBe(0);
    expect(one.stdout).toMatch(/^to be.{30}\n$/s);
    expect(again.stdout).toBe(one.stdout);
    expect(JSON.parse(other.stdout)).toMatchObject({ prompt: 'to be', temperature: 9, seed: 2 });
    expect(JSON.parse(other.stdout).text).not.toBe(one.stdout.slice(5, -1));
  });

  it('uses beam search', async () => {
    const ran = await unroll(['generate', model, '--prompt', 'to', '--beam', '3', '--length', '12', '--json', ...wasm]);
    expect(JSON.parse(ran.stdout)).toMatchObject({ beam: 3, text: expect.stringMatching(/^.{12}$/s) });
  });

  it.each([
    [
      'a character that the model does not know',
      [at('text.safetensors'), '--prompt', 'ä'],
      'does not know the character "ä"',
    ],
    ['a classification', [at('two.safetensors'), '--prompt', 'a'], 'only a language model generates text'],
    ['a file that is not there', ['no.safetensors', '--prompt', 'a'], 'no.safetensors: no such file'],
    ['a file that is no model', [at('text.txt'), '--prompt', 'a'], 'text.txt: not a safetensors file'],
    [
      'two ways at once',
      [at('text.safetensors'), '--prompt', 'a', '--beam', '2', '--temperature', '1'],
      'give only one of them',
    ],
    ['no prompt', [at('text.safetensors')], "required option '--prompt <text>' not specified"],
  ])('is refused for %s', async (_, args, message) => {
    const ran = await unroll(['generate', ...args, ...wasm]);
    expect(ran.stderr).toContain(message);
    expect(refusal(ran)).toEqual(refused);
  });
});

describe('unroll predict', () => {
  const model = at('two.safetensors');

  it('prints a class and its probability for each line, or JSON', async () => {
    const input = file('new.txt', 'axyz\nbxyzxyz\n');
    const [plain, json] = await Promise.all([
      unroll(['predict', model, '--input', input, ...wasm]),
      unroll(['predict', model, '--input', input, '--json', ...wasm]),
    ]);
    expect(plain.stdout).toMatch(/^A {2}[01]\.\d{3}\nB {2}[01]\.\d{3}\n$/);
    const lines = json.stdout
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line));
    expect(lines.map((line) => [line.input, line.class])).toEqual([
      ['line 1', 'A'],
      ['line 2', 'B'],
    ]);
  });

  it.each([
    ['text that the model cannot read', ['predict', model, '--input', 'bad.txt'], 'line 1: the model does not know'],
    [
      'an input that is not there',
      ['predict', model, '--input', 'none.txt'],
      '--input: none.txt cannot be read (ENOENT)',
    ],
    ['a language model', ['predict', at('text.safetensors'), '--input', 'bad.txt'], 'use unroll generate'],
  ])('is refused for %s', async (_, args, message) => {
    file('bad.txt', 'quite\n');
    const ran = await unroll([...args, ...wasm], {}, args[3] === 'bad.txt' ? folder : undefined);
    expect(ran.stderr).toContain(message);
    expect(refusal(ran)).toEqual(refused);
  });
});

describe('unroll serve', () => {
  it('answers over HTTP until it is told to stop, from a process of its own', async () => {
    const args = ['serve', at('two.safetensors'), '--port', '0', '--json', ...wasm];
    const child = spawn(process.execPath, [program, ...args], { env: commandEnvironment({}), stdio: 'pipe' });
    const ended = ran(child);
    const [line] = (await once(child.stdout, 'data')) as [Buffer];
    const { url, model } = JSON.parse(line.toString()) as { url: string; model: object };
    expect(model).toMatchObject({ task: 'classification', engine: 'wasm', outputs: { classes: ['A', 'B'] } });
    const headers = { 'content-type': 'application/json' };
    const predict = (inputs: unknown[]): Promise<Response> =>
      fetch(`${url}/v1/predict`, { method: 'POST', headers, body: JSON.stringify({ inputs }) });
    const { answers } = (await (await predict(['axyz', 'bxyz'])).json()) as { answers: { class: string }[] };
    expect(answers.map((answer) => answer.class)).toEqual(['A', 'B']);
    expect((await predict(['?'])).status).toBe(422);
    child.kill('SIGTERM');
    expect(await ended).toMatchObject({ code: 0, stderr: 'Stopping ...\n' });
  });

  it('begins no work for a client that has gone while its network started', async () => {
    const built = join(__dirname, '../../dist/apps/cli/src/serving/network-process.js');
    const { NetworkProcess } = createRequire(__filename)(
      built,
    ) as typeof import('../../apps/cli/src/serving/network-process');
    const how = { name: 'a', engine: 'wasm', precision: undefined, batch: 8, delayMilliseconds: 1 };
    const { inference } = await NetworkProcess.start({ ...how, file: readFileSync(at('text.safetensors')) }, () => {});
    const gone = new Error('the client has gone');
    const said: string[] = [];
    const request = { prompt: '', length: 5, temperature: 1, seed: 0 };
    const writing = inference.generate(request, (piece) => void said.push(piece), AbortSignal.abort(gone));
    await expect(writing).rejects.toBe(gone);
    expect(said).toEqual([]);
    inference.end();
  });

  it.each([
    ['an address that others reach, without a key', ['--host', '0.0.0.0'], 'set UNROLL_SERVE_KEY'],
    ['an engine that is none', ['--engine', 'abacus'], 'there is no engine "abacus"'],
    ['a port that is none', ['--port', '99999'], 'must be an integer from 0 to 65535'],
    ['more threads than run at once', ['--threads', '256'], '--threads 256: must be at most '],
  ])('is refused for %s', async (_, args, message) => {
    const refusing = await unroll(['serve', at('two.safetensors'), ...args]);
    expect(refusing.stderr).toContain(message);
    expect(refusal(refusing)).toEqual(refused);
  });
});

describe('unroll train from a model', () => {
  it('learns other classes with a new head over frozen weights', async () => {
    file('three.jsonl', rows(90, 'aby', 'xz'));
    const start = ', initFrom: {model: two.safetensors, replaceHead: true}, freeze: [embedding, recurrent]';
    const path = file('three.yaml', trial('three.jsonl', 'labelled', 'classification', start));
    const { code } = await unroll(['train', path, '-o', at('three.safetensors'), ...wasm]);
    expect(code).toBe(0);
    const input = file('three.txt', 'axz\nyxzxz\n');
    const { stdout } = await unroll(['predict', at('three.safetensors'), '--input', input, '--json', ...wasm]);
    expect(Object.keys(JSON.parse(stdout.split('\n')[0]!).probabilities)).toEqual(['A', 'B', 'Y']);
  });

  it('takes word vectors, and leaves them as they are where they are frozen', async () => {
    file('vectors.txt', 'a 1 2 3\nx 4 5 6\nother 7 8 9\n');
    const start = ', initFrom: {embedding: vectors.txt}, freeze: [embedding]';
    const wide = trial('two.jsonl', 'labelled', 'classification', start);
    const path = file('vectors.yaml', wide.replace('embeddingSize: 6', 'embeddingSize: 3'));
    const { code, stderr } = await unroll(['train', path, '-o', at('vectors.safetensors'), ...wasm]);
    expect({ code, stderr }).toEqual({
      code: 0,
      stderr: expect.stringMatching(/vectors\.txt has vectors of 2 of \d+ symbols/),
    });
    const { header, weights } = readModel(readFileSync(at('vectors.safetensors')));
    const row = header.reading.inputVocabulary!.indexOf('x');
    expect([...weights['embedding.weight']!.values.subarray(3 * row, 3 * row + 3)]).toEqual([4, 5, 6]);
  });

  it.each([
    [
      'another size',
      ', initFrom: {model: two.safetensors}',
      ', layers: 2',
      'model.layers: is 2, but the model that training.initFrom names has 1',
    ],
    ['a group that is none', ', freeze: [embedings]', '', 'training.freeze: there are no weights "embedings"'],
    ['a model that is not there', ', initFrom: {model: none.safetensors}', '', 'none.safetensors: no such file'],
    [
      'neither trial nor model',
      ', initFrom: {replaceHead: true}',
      '',
      'training.initFrom: give trial, model for a file, or embedding for word vectors',
    ],
    [
      'word vectors of another width',
      ', initFrom: {embedding: vectors.txt}',
      '',
      /^unroll: training.initFrom.embedding: .*vectors.txt has vectors of 3 numbers, not \d+; set model.embeddingSize: 3$/m,
    ],
  ])('is refused for %s', async (_, training, model, message) => {
    file('vectors.txt', 'a 1 2 3\nb 4 5 6\n');
    const path = file('wrong.yaml', trial('two.jsonl', 'labelled', 'classification', training, model));
    const ran = await unroll(['train', path, ...wasm]);
    expect(ran.stderr).toMatch(message);
    expect(refusal(ran)).toEqual(refused);
  });
});

describe('unroll compress', () => {
  it('writes a smaller model, and prints its quality and cost before and after', async () => {
    const args = [
      'compress',
      at('two.safetensors'),
      '-o',
      at('small.safetensors'),
      '--int8',
      '--data',
      at('two.jsonl'),
    ];
    const { stdout } = await unroll([...args, '--prune', '0.3', '--json', ...wasm]);
    const { before, after } = JSON.parse(stdout);
    expect(before.bytes).toBe(readFileSync(at('two.safetensors')).length);
    expect(after.bytes).toBe(readFileSync(at('small.safetensors')).length);
    expect(after.bytes).toBeLessThan(before.bytes);
    expect(before.metrics.accuracy).toBe(1);
    expect(after.metrics.loss).not.toBe(before.metrics.loss);
    const plain = await unroll([...args, ...wasm]);
    expect(plain.stdout).toMatch(/validation\.accuracy +1 +[01]/);
    const input = file('again.txt', 'axyz\n');
    expect((await unroll(['predict', at('small.safetensors'), '--input', input, ...wasm])).stdout).toMatch(/^A /);
  });

  it.each([
    ['nothing to do', ['--data', 'two.jsonl'], 'give --prune, --int8 or both'],
    ['data that it cannot find', ['--int8'], 'the model was trained on a file: pass it with --data'],
    ['a part that is none', ['--prune', '1.5'], 'must be greater than 0 and less than 1'],
  ])('is refused for %s', async (_, args, message) => {
    const ran = await unroll(['compress', at('two.safetensors'), '-o', at('x.safetensors'), ...args], {}, folder);
    expect(ran.stderr).toContain(message);
    expect(refusal(ran)).toEqual(refused);
  });
});

describe('unroll export', () => {
  it('writes an ONNX graph, checked where onnxruntime-node is installed', async () => {
    const { code, stdout } = await unroll(['export', at('two.safetensors'), '-o', at('two.onnx'), '--json', ...wasm]);
    expect(code).toBe(0);
    const { bytes, difference } = JSON.parse(stdout);
    expect(bytes).toBe(readFileSync(at('two.onnx')).length);
    expect(difference === null || difference <= 1e-5).toBe(true);
  });

  it('refuses a cell that ONNX has no operator for', async () => {
    const short = trial('two.jsonl', 'labelled', 'classification').replace(
      'updates: 80, reportEvery: 40',
      'updates: 1',
    );
    file('min.yaml', short.replace('cell: lstm', 'cell: min-lstm'));
    await succeeds(unroll(['train', at('min.yaml'), '-o', at('min.safetensors'), ...wasm]));
    const ran = await unroll(['export', at('min.safetensors'), '-o', at('min.onnx')]);
    expect(ran.stderr).toContain('ONNX has no operator for the cell min-lstm');
    expect(refusal(ran)).toEqual(refused);
  });
});
