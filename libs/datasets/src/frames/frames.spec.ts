import { trialSpec } from '@unroll/contracts';
import type { Sequences, Targets } from '../prepared/data';
import { encode } from '../encode';
import { prepare } from '../prepare';
import { toReading } from '../reading';
import { score } from '../score';
import { prepareFrames } from './frames';

const { dataset } = trialSpec.parse({ dataset: { name: 'a', split: { validation: 0.5 } }, task: 'multilabel-frames' });
const read = (content: unknown) =>
  prepareFrames(Buffer.from(typeof content === 'string' ? content : JSON.stringify(content)), dataset);

describe('frames', () => {
  it('become vectors of the notes from lowest to highest, each predicted from those before it', () => {
    const { data } = read({ train: [[[60], [62, 60], []]], valid: [[[61]]], test: [[[60]]] });
    expect(data.targetVocabulary).toEqual(['60', '61', '62']);
    const values = (of: Sequences | Targets): number[] => ('values' in of ? [...of.values] : []);
    expect(values(data.train.targets)).toEqual([1, 0, 0, 1, 0, 1, 0, 0, 0]);
    expect(values(data.train.inputs)).toEqual([0, 0, 0, 1, 0, 0, 1, 0, 1]);
    expect(data.test!.count).toBe(1);
  });

  it('are split by dataset.split if they are one list', () => {
    const { data, baselines } = read([[[1], [2]], [[2]], [[1]], [[3]]]);
    expect([data.train.count, data.validation.count, data.test]).toEqual([2, 2, undefined]);
    expect(baselines[0]!.metrics['validation.negativeLogLikelihood']).toBeGreaterThan(0);
  });

  it('may be rows of zeros and ones that cannot be notes', () => {
    const roll = read([
      [
        [0, 1, 1],
        [0, 0, 0],
      ],
      [[1, 0, 0]],
      [[0, 0, 1]],
      [[0, 1, 0]],
    ]).data;
    const notes = read([[[1, 2], []], [[0]], [[2]], [[1]]]).data;
    expect(roll).toEqual(notes);
    // Without repeated numbers they are notes.
    expect(read([[[0, 1]], [[1, 0]]]).data.targetVocabulary).toEqual(['0', '1']);
  });

  it('with their own parts cannot be folded, nor lend another test part', () => {
    const parts = { train: [[[60]]], validation: [[[61]]], test: [] };
    expect(read(parts).data.test).toBeUndefined();
    const fold = { kind: 'k-fold', of: 2, index: 0 } as const;
    expect(() => prepareFrames(Buffer.from(JSON.stringify(parts)), { ...dataset, fold })).toThrow(
      'dataset.fold: the data set defines its own parts; leave it out',
    );
    const { task } = trialSpec.parse({ dataset: 'a', task: 'multilabel-frames' });
    const asked = { task, dataset: { ...dataset, split: { ...dataset.split, test: 0.2 } } };
    const source = { kind: 'frames', bytes: Buffer.from(JSON.stringify(parts)) } as const;
    expect(() => prepare(source, { ...asked, isSubmission: true })).toThrow(
      'dataset.split.test: the data define their own parts, and none named test; leave it out',
    );
    expect(prepare(source, asked).warnings).toEqual([
      'dataset.split.test is ignored: the data define their own parts, and none named test',
    ]);
  });

  it('in parts are all measured, or predicted for, where that is asked', () => {
    const parts = { train: [[[60], [61]]], valid: [[[61]]], test: [[[60]], [[61]]] };
    const { dataset: options, task } = trialSpec.parse({ dataset: 'a', task: 'multilabel-frames' });
    const source = { kind: 'frames', bytes: Buffer.from(JSON.stringify(parts)) } as const;
    const reader = { dataset: options, task, reading: toReading(prepare(source, { dataset: options, task }).data) };
    expect(score(source, reader).data.validation).toMatchObject({ count: 4 });
    expect(encode(source, reader).places).toEqual(['train[0]', 'valid[0]', 'test[0]', 'test[1]']);
    const roll = JSON.stringify({ test: [[[0, 0, 1, 1]]] });
    expect(() => encode({ kind: 'frames', bytes: Buffer.from(roll) }, reader)).toThrow('the notes range from 2 to 3');
    expect(() => encode({ kind: 'frames', bytes: Buffer.from('{"tests": []}') }, reader)).toThrow(
      'frames: must be a list of sequences',
    );
    const long = { ...reader, dataset: { ...options, maximumSteps: 1 } };
    expect(() => score(source, long)).toThrow('train[0]: the sequence has 2 steps');
  });

  it.each([
    ['', 'the data set is empty'],
    ['[[[60]', 'frames must be JSON: a list of sequences'],
    [[[[60]]], 'the data set has 1 sequences of frames: give at least two'],
    [[[[60]], [[1.5]]], 'frames[1][0]: a frame must be a list of integers from 0 to 4095'],
    [[[[60]], 3], 'frames[1]: must be a list of frames'],
    [[[[]], [[]]], 'no frame of the data set contains a note'],
    [[[[60]], []], 'frames[1]: the sequence is empty'],
    [{ train: [[[60]], [[61]]] }, 'an object of frames needs the lists "train" and "valid"'],
  ])('are refused: %j', (content, message) => {
    expect(() => read(content)).toThrow(message);
  });
});
