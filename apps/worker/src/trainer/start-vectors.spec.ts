import { trialSpec, validate } from '@unroll/contracts';
import { prepare } from '@unroll/datasets';
import { embeddedSymbols } from '@unroll/training';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { TrainCommand } from './protocol';
import { startVectors } from './start-vectors';

const folder = mkdtempSync(join(tmpdir(), 'unroll-spec-'));
afterAll(() => rmSync(folder, { recursive: true }));

const path = join(folder, 'vectors.txt');
writeFileSync(path, 'was 4 5 6\nbest 7 8 9\n');

const bytes = Buffer.from('it was the best of times, it was the worst of times. '.repeat(20));
const spec = (tokens: string, embeddingSize = 3, seed = 0) =>
  validate(trialSpec, {
    dataset: 'times',
    task: { kind: 'language-model', tokens },
    model: { embeddingSize },
    training: { seed, initFrom: { embedding: 'glove', fingerprint: 'f'.repeat(64) } },
  });
const dataFor = (tokens: string) => prepare({ kind: 'text', bytes }, spec(tokens)).data;
const command = (given: ReturnType<typeof spec>, vectors = path): TrainCommand => ({
  ...{ type: 'train', groupId: 'g', fingerprint: 'x', data: { builtIn: 'x' }, trainers: 1, wanted: undefined },
  ...{ checkpoints: { seconds: 60, updates: undefined }, files: { 'training.initFrom.embedding': vectors } },
  lanes: [{ attemptId: 'a', trialId: 't', spec: given }],
});

describe('trials that start from word vectors', () => {
  it('have those of their words, and draw the others each from its own seed', async () => {
    const data = dataFor('word');
    const start = (await startVectors(command(spec('word')), data))!;
    const [first, second] = [0, 1].map((seed) => start(spec('word', 3, seed))['embedding.weight']!.values);
    const row = (values: ArrayLike<number>, word: string) => {
      const index = embeddedSymbols(data).indexOf(word);
      return Array.from(values).slice(3 * index, 3 * index + 3);
    };
    expect(row(first!, 'best')).toEqual([7, 8, 9]);
    expect(row(second!, 'was')).toEqual([4, 5, 6]);
    expect(row(first!, 'times')).not.toEqual(row(second!, 'times'));
    const without = validate(trialSpec, { dataset: 'times', task: 'language-model' });
    expect(await startVectors({ ...command(without), files: {} }, data)).toBeUndefined();
  });

  it('never start from random ones where there is no file', async () => {
    await expect(startVectors({ ...command(spec('word')), files: {} }, dataFor('word'))).rejects.toThrow(
      'training.initFrom.embedding: there is no file of glove to read',
    );
  });

  it('fail in one line where the vectors are of none of their symbols, or of another width', async () => {
    const start = (await startVectors(command(spec('character')), dataFor('character')))!;
    expect(() => start(spec('character'))).toThrow(
      /^training\.initFrom\.embedding: has none of the \d+ symbols of the vocabulary; give task\.tokens: word$/,
    );
    await expect(startVectors(command(spec('word', 4)), dataFor('word'))).rejects.toThrow(
      'training.initFrom.embedding: glove has vectors of 3 numbers, not 4; set model.embeddingSize: 3',
    );
  });

  it('are read once where a sweep has two files, and say so while they are', async () => {
    const other = join(folder, 'other.txt');
    writeFileSync(other, 'times 1 2 3\n');
    const data = dataFor('word');
    const reads: string[] = [];
    for (const file of [path, other, path, other])
      await startVectors(command(spec('word'), file), data, () => reads.push(file));
    expect(reads).toEqual([path, other]);
  });

  it('wait for another attempt where the file was removed', async () => {
    const gone = startVectors(command(spec('word'), join(folder, 'none')), dataFor('word'));
    await expect(gone).rejects.toMatchObject({ name: 'DataMissing' });
  });
});
