import { sweepSpec, ValidationError } from '@unroll/contracts';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { CommandFailed } from '../errors/command-failed';
import { readChecked, readDocument, readText } from './documents';

describe('a file that a command reads', () => {
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

  it('that is not there, or is a folder, is bad usage, told in one line', async () => {
    await expect(readText(join(folder, 'none'))).rejects.toThrow(
      new CommandFailed(`${join(folder, 'none')}: there is no such file`, 2),
    );
    await expect(readText(folder)).rejects.toThrow(`${folder}: it is a folder`);
    await expect(readText(folder)).rejects.toMatchObject({ exitCode: 2 });
  });

  it('is checked against its contract', async () => {
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

  it('is changed by --set at any depth, with values read as YAML', async () => {
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

  it('takes later assignments over earlier ones', async () => {
    expect((await set('model.layers=1', 'model.layers=2')).model).toEqual({ layers: 2 });
  });

  it.each([
    ['training.learningRate', 'write it as path=value'],
    ['=1', 'write it as path=value'],
    ['dataset.name=b', 'dataset is a plain value in the file'],
    ['training.learningRate.uniform=[1, 2]', 'learningRate is a plain value in the file'],
    ['search.seeds.2=3', 'the list has no entry 2'],
    ['search.seeds.length=0', 'the list has no entry length'],
  ])('refuses --set %s: %s', async (assignment, why) => {
    await expect(set(assignment)).rejects.toThrow(`--set ${assignment}: ${why}`);
    await expect(set(assignment)).rejects.toMatchObject({ exitCode: 2 });
  });

  it('refuses --set with broken YAML', async () => {
    await expect(set('model={')).rejects.toThrow(ValidationError);
  });

  it.each(['', '# nothing\n', 'just a text\n', '5\n'])('that holds no keys takes no --set: %j', async (content) => {
    await writeFile(path, content);
    await expect(set('name=x')).rejects.toThrow('--set name=x: the file holds no keys');
  });

  it.each([
    '__proto__.polluted=1',
    'constructor.prototype.polluted=1',
    'training.__proto__.polluted=1',
    '__proto__={polluted: 1}',
  ])('pollutes nothing by --set %s, and is refused for it', async (assignment) => {
    await expect(readChecked(sweepSpec, path, [assignment])).rejects.toThrow(/(__proto__|constructor): unknown key/);
    expect('polluted' in {}).toBe(false);
  });
});
