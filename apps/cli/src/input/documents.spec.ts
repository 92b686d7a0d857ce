import { sweepSpec, ValidationError } from '@unroll/contracts';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { CommandFailed } from '../errors/command-failed';
import { readChecked, readDocument, readText } from './documents';

describe('a file read by a command', () => {
  let folder: string;
  let path: string;

  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'unroll-documents-'));
    path = join(folder, 'sweep.yaml');
    await writeFile(
      path,
      'dataset: a\ntask: language-model\ntraining: {learningRate: 0.1, bptt: {k1: 1, k2: 2}}\nsearch: {seeds: [1, 2]}\n',
    );
  });
  afterEach(() => rm(folder, { recursive: true }));

  const set = (...assignments: string[]): Promise<Record<string, unknown>> =>
    readDocument(path, assignments) as Promise<Record<string, unknown>>;

  it('that is missing or a folder is bad usage, reported in one line', async () => {
    await expect(readText(join(folder, 'none'))).rejects.toThrow(
      new CommandFailed(`${join(folder, 'none')}: no such file`, 2),
    );
    await expect(readText(folder)).rejects.toThrow(`${folder}: is a folder`);
    await expect(readText(folder)).rejects.toMatchObject({ exitCode: 2 });
  });

  it('is validated against its schema', async () => {
    expect(await readChecked(sweepSpec, path, ['training.learningRate=1e-3'])).toMatchObject({
      training: { learningRate: 0.001 },
    });
    await expect(readChecked(sweepSpec, path, ['training.learning_rate=1'])).rejects.toThrow(
      'training.learning_rate: unknown key; did you mean learningRate?',
    );
    await expect(readChecked(sweepSpec, path, ['modle.cell=gru'])).rejects.toThrow(
      'modle: unknown key; did you mean model?',
    );
  });

  it.each([
    ['training.learningRate.logUniform=[1e-3, 1e-1]', { learningRate: { logUniform: [0.001, 0.1] } }],
    ['training.bptt.choice=[1, full]', { bptt: { choice: [1, 'full'] } }],
    ['training.clipNorm.uniform=[1, 2]', { clipNorm: { uniform: [1, 2] } }],
  ])('has a distribution in place of a value with --set %s', async (assignment, training) => {
    expect(await set(assignment)).toMatchObject({ training });
    const [path, , other] = assignment.split(/\.(?=\w+=)|=/) as [string, string, string];
    expect(await set(assignment, `${path}.grid=${other}`, `${path}.grid.0=5`)).toMatchObject({
      training: { [path.split('.')[1]!]: { grid: [5, expect.anything()] } },
    });
  });

  it('is changed by --set at any depth; values are read as YAML', async () => {
    const document = await set(
      'training.bptt.k2=4',
      'model.cell={grid: [rnn, gru]}',
      'name=a=b',
      'training.clipNorm=',
      'search.seeds.1=9',
    );
    expect(document).toEqual({
      dataset: 'a',
      task: 'language-model',
      training: { learningRate: 0.1, bptt: { k1: 1, k2: 4 }, clipNorm: null },
      search: { seeds: [1, 9] },
      model: { cell: { grid: ['rnn', 'gru'] } },
      name: 'a=b',
    });
  });

  it('lets later assignments win', async () => {
    expect((await set('model.layers=1', 'model.layers=2')).model).toEqual({ layers: 2 });
  });

  it.each([
    ['training.learningRate', 'write it as path=value'],
    ['=1', 'write it as path=value'],
    ['dataset.name=b', 'dataset is a plain value in the file'],
    ['training.learningRate.value=1', 'learningRate is a plain value in the file'],
    ['search.seeds.2=3', 'the list has no element 2'],
    ['search.seeds.length=0', 'the list has no element length'],
  ])('refuses --set %s: %s', async (assignment, why) => {
    await expect(set(assignment)).rejects.toThrow(`--set ${assignment}: ${why}`);
    await expect(set(assignment)).rejects.toMatchObject({ exitCode: 2 });
  });

  it('refuses --set with broken YAML', async () => {
    await expect(set('model={')).rejects.toThrow(ValidationError);
  });

  it('that is no YAML is named', async () => {
    await writeFile(path, 'a: [1, 2\nb: 3');
    await expect(readChecked(sweepSpec, path)).rejects.toThrow(`${path}: not valid YAML: `);
    await expect(readChecked(sweepSpec, path)).rejects.toMatchObject({ exitCode: 2 });
  });

  it.each(['', '# nothing\n'])('that is empty is called so: %j', async (content) => {
    await writeFile(path, content);
    await expect(readChecked(sweepSpec, path)).rejects.toThrow(`${path}: is an empty file`);
  });

  it.each([
    ['- dataset: a\n', 'a list'],
    ['just a text\n', '"just a text"'],
  ])('that has no keys is named: %j', async (content, found) => {
    await writeFile(path, content);
    const refused = new CommandFailed(
      `${path}: must be an object, with keys such as dataset and task, not ${found}`,
      2,
    );
    await expect(readChecked(sweepSpec, path)).rejects.toThrow(refused);
  });

  it.each(['just a text\n', '5\n'])('without keys rejects --set: %j', async (content) => {
    await writeFile(path, content);
    await expect(set('name=x')).rejects.toThrow('--set name=x: the file has no keys');
  });

  it.each([
    '__proto__.polluted=1',
    'constructor.prototype.polluted=1',
    'training.__proto__.polluted=1',
    '__proto__={polluted: 1}',
  ])('rejects --set %s without polluting a prototype', async (assignment) => {
    await expect(readChecked(sweepSpec, path, [assignment])).rejects.toThrow(/(__proto__|constructor): unknown key/);
    expect('polluted' in {}).toBe(false);
  });
});
