import { trialSpec, validate } from '@unroll/contracts';
import { builtIns, fingerprint } from '@unroll/datasets';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { prepareData } from './prepared-data';
import type { DataPlace, FetchedFiles, TrainCommand } from './protocol';

const folder = mkdtempSync(join(tmpdir(), 'unroll-spec-'));
afterAll(() => rmSync(folder, { recursive: true }));

const bytes = Buffer.from('it was the best of times, it was the worst of times. '.repeat(20));
const text = join(folder, 'times.text');
writeFileSync(text, bytes);
const tokenizer = join(__dirname, '../../../../tests/interchange/fixtures/tokenizer/tokenizer.json');

const subwords = {
  dataset: 'times',
  task: { kind: 'language-model', tokens: 'subword', tokenizer: { name: 'gpt2', fingerprint: 'f'.repeat(64) } },
};
const characters = { dataset: 'times', task: 'language-model' };
const parity = { dataset: 'parity', task: 'classification' };

interface Given {
  spec: object;
  data?: DataPlace;
  print?: string;
  files?: FetchedFiles;
}

const command = ({
  spec,
  data = { path: text, kind: 'text' },
  print = fingerprint('text', bytes),
  files = {},
}: Given): TrainCommand => ({
  ...{ type: 'train', groupId: 'g', fingerprint: print, data, files, trainers: 1, wanted: undefined },
  checkpoints: { seconds: 60, updates: undefined },
  lanes: [{ attemptId: 'a', trialId: 't', spec: validate(trialSpec, spec) }],
});
const refusal = (given: Given): unknown => {
  const group = command(given);
  try {
    prepareData(group, undefined);
  } catch (error) {
    return error;
  }
  return undefined;
};

describe('the data of a group', () => {
  it('are read by its tokenizer, and never without one', () => {
    expect(refusal({ spec: subwords })).toMatchObject({
      name: 'DatasetError',
      message: 'task.tokenizer: there is no file of gpt2 to read',
    });
    const { data } = prepareData(command({ spec: subwords, files: { 'task.tokenizer': tokenizer } }), undefined);
    const own = prepareData(
      command({ spec: { ...subwords, task: { ...subwords.task, tokenizer: undefined } } }),
      undefined,
    );
    expect(data).toMatchObject({ vocabulary: expect.arrayContaining(['==>']) });
    expect(own.data).not.toMatchObject({ vocabulary: expect.arrayContaining(['==>']) });
  });

  it('wait for another attempt where a file of theirs was removed', () => {
    const gone = join(folder, 'none');
    const files = { 'task.tokenizer': gone };
    expect(refusal({ spec: subwords, files, print: 'another' })).toMatchObject({ name: 'DataMissing' });
    expect(refusal({ spec: characters, data: { path: gone, kind: 'text' }, print: 'another' })).toMatchObject({
      name: 'DataMissing',
      message: `${gone} was removed while a trial was about to read it`,
    });
  });

  it('are those that the API has identified where they are generated', () => {
    const data = { builtIn: 'parity' };
    const print = builtIns.find(({ name }) => name === 'parity')!.identify();
    expect(refusal({ spec: parity, data, print: 'that of another version' })).toMatchObject({
      message: 'this worker generates another parity than the API: update the older of them',
    });
    expect(refusal({ spec: parity, data: { builtIn: 'newer' }, print })).toMatchObject({
      message: 'this worker has no built-in data set newer: update it',
    });
    expect(refusal({ spec: parity, data, print })).toBeUndefined();
  });

  it('are prepared once for groups that read them alike', () => {
    const [first, again] = [1, 2].map(() => prepareData(command({ spec: characters }), undefined));
    const words = prepareData(
      command({ spec: { ...characters, task: { kind: 'language-model', tokens: 'word' } } }),
      undefined,
    );
    expect(again).toBe(first);
    expect(words).not.toBe(first);
  });

  it('with a test part of their own are those of stored trials that hold out another, which is said in the log once', () => {
    const rows = ['train', 'test'].flatMap((part) =>
      Array.from({ length: 4 }, (_, row) => JSON.stringify({ text: 'ab', label: 'ab'[row % 2], part })),
    );
    const path = join(folder, 'parts.jsonl');
    writeFileSync(path, rows.join('\n'));
    const dataset = { name: 'parts', split: { validation: 2, test: 2 } };
    const spec = { dataset, task: 'classification' };
    const log = jest.spyOn(console, 'error').mockReturnValue();
    const given = command({ spec, data: { path, kind: 'labelled' }, print: 'p' });
    const { data } = prepareData(given, undefined);
    prepareData(given, undefined);
    expect(log.mock.calls).toEqual([
      ['warning: dataset.split.test is ignored: the data have a test part of their own'],
    ]);
    log.mockRestore();
    expect(data).toMatchObject({ train: { count: 2 }, validation: { count: 2 }, test: { count: 4 } });
  });
});
