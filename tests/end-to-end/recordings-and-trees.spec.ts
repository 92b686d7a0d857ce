import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { unroll, unrollPiped } from '../support/cli';
import { archiveOf, folderOf, recordings, encodeWav } from '../support/recordings';
import { temporaryFolder } from '../support/servers.cjs';
import { useStack } from '../support/stack';

const folder = temporaryFolder();
const sounds = folderOf(folder, 'sounds', recordings(8));
const lastLine = (text: string): any => JSON.parse(text.trim().split('\n').at(-1)!);

function file(name: string, content: string): string {
  const path = join(folder, name);
  writeFileSync(path, content);
  return path;
}

const training = 'training: {batchSize: 8, updates: 150, reportEvery: 75, learningRate: 2e-2}';
const train = (name: string, lines: string[]) =>
  unroll(['train', file(name, lines.join('\n')), '--json', '-o', join(folder, `${name}.safetensors`)]);

/** Trees of two words: the second one decides the class, and "not" inverts it. */
const treebank = Array.from({ length: 40 }, (_, index) => {
  const good = index % 2;
  return index % 4 < 2
    ? `(${good} (2 it) (${good} ${good ? 'works' : 'fails'}))`
    : `(${good} (2 not) (${1 - good} ${good ? 'fails' : 'works'}))`;
}).join('\n');

describe('unroll train', () => {
  it('learns to transcribe a folder of recordings', async () => {
    const { code, stdout, stderr } = await train('spell.yaml', [
      'dataset: {path: sounds, kind: audio, split: {validation: 0.25, test: 0.25}}',
      'task: {kind: transcription, beamWidth: 4}',
      'model: {cell: gru, hiddenSize: 16}',
      training,
    ]);
    expect({ code, stderr: code === 0 ? '' : stderr }).toEqual({ code: 0, stderr: '' });
    const { metrics } = lastLine(stdout);
    expect(metrics['validation.editDistance']).toBeLessThan(0.1);
    expect(metrics['test.editDistance']).toBeLessThan(0.1);
    expect(metrics['validation.accuracy']).toBeGreaterThan(0.8);
  });

  it('classifies the recordings of one voice after training on another', async () => {
    const archive = await archiveOf(sounds, ['.'], true);
    const { code, stdout } = await train('tell.yaml', [
      `dataset: {path: ${archive}, kind: audio, centre: true, split: {validation: 0.5, group: 2}}`,
      'task: classification',
      'model: {cell: lstm, hiddenSize: 16}',
      training,
    ]);
    expect(code).toBe(0);
    expect(lastLine(stdout).metrics['validation.accuracy']).toBeGreaterThan(0.8);

    const model = join(folder, 'tell.yaml.safetensors');
    const names = Object.keys(recordings(8));
    const [all, one, report] = await Promise.all([
      unroll(['predict', model, '--input', sounds, '--format', 'csv']),
      unrollPiped(readFileSync(join(sounds, names[0]!)), ['predict', model, '--input', '-']),
      unroll(['evaluate', model, '--input', sounds, '--json']),
    ]);
    const rows = all.stdout
      .trim()
      .split('\n')
      .slice(1)
      .map((row) => row.split(','));
    expect(rows.map(([name]) => name)).toEqual([...names].sort());
    const rights = rows.filter(([name, found]) => name!.split('_')[0] === found).length;
    expect(rights / rows.length).toBeGreaterThan(0.8);
    expect(one.stdout).toBe(`${rows.find(([name]) => name === names[0])![1]}  ${one.stdout.split('  ')[1]!}`);
    expect(JSON.parse(report.stdout)).toMatchObject({
      metrics: { accuracy: rights / rows.length },
      report: { examples: rows.length, confusion: expect.anything() },
    });
  });

  it('learns the classes of a treebank', async () => {
    file('trees.txt', treebank);
    const { code, stdout } = await train('trees.yaml', [
      'dataset: {path: trees.txt, kind: labelled, split: {validation: 0.25}}',
      'task: tree-classification',
      'model: {hiddenSize: 16, embeddingSize: 8}',
      training,
    ]);
    expect(code).toBe(0);
    const { metrics } = lastLine(stdout);
    expect(metrics['validation.accuracy']).toBeGreaterThan(0.8);
    expect(metrics['validation.nodeAccuracy']).toBeGreaterThan(0.8);
    const unseen = file('unseen.txt', '(0 (0 it) (0 works))\n(0 (0 not) (0 works))\n');
    const predicted = await unroll(['predict', join(folder, 'trees.yaml.safetensors'), '--input', unseen]);
    expect(predicted.stdout.split('\n').map((line) => line[0])).toEqual(['1', '0', undefined]);
  });

  it.each([
    [
      'a truncated recording',
      { 'a_1.wav': encodeWav('a'), 'a_2.wav': encodeWav('a').subarray(0, 300) },
      'a_2.wav: the WAV file is cut short (300 of 1324 bytes)',
    ],
    ['a folder without recordings', { 'read.me': 'nothing' }, 'the data set has 0 WAV files: give at least two'],
  ])('exits with code 2 and one line for %s', async (name, files, message) => {
    const path = folderOf(folder, name, files);
    const { code, stderr } = await train('bad.yaml', [
      `dataset: {path: "${path}", kind: audio}`,
      'task: transcription',
    ]);
    expect(stderr).toContain(message);
    expect(stderr.trim().split('\n')).toHaveLength(1);
    expect(code).toBe(2);
  });

  it('names the line and column of a missing bracket in a tree', async () => {
    file('open.txt', `${treebank}\n(1 (2 it) (1 works)`);
    const { code, stderr } = await train('open.yaml', [
      'dataset: {path: open.txt, kind: labelled}',
      'task: tree-classification',
    ]);
    expect(stderr).toContain('line 41, column 20: a bracket ")" is missing; a tree looks like (3 (2 It) (4 works))');
    expect(code).toBe(2);
  });
});

describe('a stack', () => {
  const stack = useStack();

  it('registers a folder of recordings and runs a sweep on it', async () => {
    const added = await stack.unroll('dataset', 'add', 'sounds', sounds, '--kind', 'audio');
    expect(added).toMatchObject({ code: 0, stdout: expect.stringContaining('Registered sounds') });
    // Packing again gives the same bytes.
    expect((await stack.unroll('dataset', 'add', 'sounds', sounds, '--kind', 'audio')).code).toBe(0);
    const sweep = file(
      'sweep.yaml',
      [
        'dataset: {name: sounds, split: {validation: 0.25}}',
        'task: transcription',
        'model: {cell: gru, hiddenSize: 16}',
        training,
        'search: {trials: 1}',
      ].join('\n'),
    );
    expect((await stack.unroll('sweep', 'submit', sweep, '--watch')).code).toBe(0);
    const board = JSON.parse((await stack.unroll('leaderboard', '--format', 'json')).stdout);
    expect(board.objective).toMatchObject({ metric: 'validation.editDistance', goal: 'minimize' });
    expect(board.items[0].value).toBeLessThan(0.1);
  });

  it.each([
    ['text', 'is a folder, but data of the kind text must be a file'],
    ['labelled', 'the text is not valid UTF-8'],
  ])('refuses that folder as %s', async (kind, message) => {
    const { code, stderr } = await stack.unroll('dataset', 'add', 'other', sounds, '--kind', kind);
    expect(stderr).toContain(message);
    expect(code).toBe(2);
  });

  it('refuses an empty folder', async () => {
    const empty = folderOf(folder, 'empty', {});
    const { code, stderr } = await stack.unroll('dataset', 'add', 'other', empty, '--kind', 'audio');
    expect({ code, stderr }).toEqual({ code: 2, stderr: `unroll: ${empty}: has no files\n` });
  });
});
