import { trialSpec } from '@unroll/contracts';
import type { ExampleData } from '../prepared/data';
import { prepareRows, type LabelledTask } from './labelled';
import { labelledRows } from './rows';

const read = (content: string, task: object, dataset: object = {}) => {
  const spec = trialSpec.parse({ dataset: { name: 'a', split: { validation: 0.25 }, ...dataset }, task });
  const how = { task: spec.task as LabelledTask, dataset: spec.dataset };
  return prepareRows(labelledRows({ kind: 'labelled', bytes: Buffer.from(content) }, spec.task.kind), how);
};
const lines = (...rows: object[]): string => rows.map((row) => JSON.stringify(row)).join('\n');
const classification = { kind: 'classification' };
const four = lines(
  { text: 'ab', label: 'x' },
  { text: 'ba', label: 'y' },
  { text: 'aab', label: 'x' },
  { text: 'b', label: 'y' },
);

describe('labelled sequences', () => {
  it('are numbered by character and by sorted class name, from JSON lines and from CSV', () => {
    const data = read(four, classification);
    expect([data.inputVocabulary, data.targetVocabulary]).toEqual([
      ['a', 'b'],
      ['x', 'y'],
    ]);
    expect(data.train.count + data.validation.count).toBe(4);
    const table = read('text,label\nab,x\nba,y\n"aab",x\nb,y\n', classification);
    const apart = ({ train, validation }: ExampleData) => [train, validation].map(({ places: _, ...part }) => part);
    expect(apart(table)).toEqual(apart(data));
    expect(table.train.places).toEqual(['line 2', 'line 4', 'line 5']);
  });

  it('keep each sequence with its own target', () => {
    const { train, validation, inputVocabulary, targetVocabulary } = read(four, classification);
    const pairs = [train, validation].flatMap(({ count, inputs, targets }) =>
      Array.from({ length: count }, (_, index) => {
        const { offsets, ids } = inputs as { offsets: Int32Array; ids: Uint16Array };
        const text = Array.from(ids.subarray(offsets[index], offsets[index + 1]), (id) => inputVocabulary![id]).join(
          '',
        );
        return [text, targetVocabulary![(targets as { classes: Int32Array }).classes[index]!]];
      }),
    );
    expect(pairs.sort()).toEqual([
      ['aab', 'x'],
      ['ab', 'x'],
      ['b', 'y'],
      ['ba', 'y'],
    ]);
  });

  it('scale regression targets by the training part only', () => {
    const rows = Array.from({ length: 8 }, (_, index) => ({ values: [index, 1], target: index * 10 }));
    const { train, targetScaling, inputVocabulary } = read(lines(...rows), { kind: 'regression' });
    const learned = (train.targets as { values: Float32Array }).values;
    const mean = learned.reduce((sum, value) => sum + value, 0) / learned.length;
    expect(mean).toBeCloseTo(0, 6);
    expect(learned.reduce((sum, value) => sum + value ** 2, 0) / learned.length).toBeCloseTo(1, 5);
    expect(targetScaling!.scale[0]).toBeGreaterThan(10);
    expect(inputVocabulary).toBeUndefined();
  });

  it.each([
    ['', classification, {}, 'the data set is empty'],
    [lines({ text: 'a', label: 'x' }), classification, {}, 'the data set has 1 labelled rows: give at least two'],
    [
      lines({ text: 'a', label: 'x' }, { text: 'b', label: 'x' }),
      classification,
      {},
      'all rows have the label "x": there is nothing to classify',
    ],
    [
      lines({ text: 'a', label: 'x' }, { text: 'b', label: 'x' }, { text: 'c', label: 'z' }),
      classification,
      {},
      'line 3: the label "z" has only this row',
    ],
    [
      lines({ text: 'a', label: 'x' }, { text: '', label: 'x' }, { text: 'b', label: 'y' }, { text: 'c', label: 'y' }),
      classification,
      {},
      'line 2: the sequence is empty',
    ],
    [`${four}\n{"text": `, classification, {}, 'line 5: not valid JSON'],
    [`${four}\n{"values": [1, null]}`, classification, {}, 'line 5: "values" is a list of numbers, but has null'],
    [`${four}\n{"frames": [[1], 2]}`, classification, {}, 'line 5: "frames" is a list of lists of numbers, but has 2'],
    ['[{"text": "a"}, ', classification, {}, 'not valid JSON'],
    [`${four}\n{"label": "x"}`, classification, {}, 'line 5: has no input; give "text"'],
    [`${four}\n{"text": "a"}`, classification, {}, 'line 5: has no target; give "label"'],
    [four, classification, { maximumSteps: 2 }, 'line 3: the sequence has 3 steps, more than dataset.maximumSteps, 2'],
    [four, { kind: 'regression' }, {}, 'line 1: "x" is not a number'],
    [
      lines({ text: 'a', label: '50%' }, { text: 'b', label: 0.5 }),
      { kind: 'regression' },
      {},
      'line 2: the target is "0.5", but other rows are as "50%": write all in one unit',
    ],
    [four, { kind: 'tagging' }, {}, 'line 1: tagging needs "tags"'],
    [
      lines(
        { tokens: ['a', 'b'], tags: ['x'] },
        { tokens: ['a'], tags: ['x'] },
        { tokens: ['a'], tags: ['y'] },
        { tokens: ['b'], tags: ['y'] },
      ),
      { kind: 'tagging' },
      {},
      'line 1: has 2 steps but 1 tags',
    ],
    [
      lines(
        { frames: [[1, 2]], label: 'x' },
        { frames: [[1, 2], [3]], label: 'x' },
        { frames: [[1, 2]], label: 'y' },
        { frames: [[1, 2]], label: 'y' },
      ),
      classification,
      {},
      'line 2: a frame has 1 numbers, but the first frame has 2',
    ],
    ['text\na\nb\n', classification, {}, 'a labelled table needs two columns'],
    ['text,label\na,"x\n', classification, {}, 'the table cannot be parsed'],
  ] as const)('are refused if %j does not fit %j', (content, task, dataset, message) => {
    expect(() => read(content, task, dataset)).toThrow(message);
  });

  it('are cut at the end if requested', () => {
    const { train, validation } = read(four, classification, { maximumSteps: 2, longer: 'cut' });
    for (const { inputs } of [train, validation])
      inputs.offsets.forEach((offset, index) =>
        expect(offset - (inputs.offsets[index - 1] ?? 0)).toBeLessThanOrEqual(2),
      );
  });
});
