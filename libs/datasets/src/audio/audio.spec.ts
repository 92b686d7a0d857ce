import type { ExampleData } from '../prepared/data';
import { buildTar, type TarEntry } from '../archive/tar.fixture';
import { reading, toSource, sequenceTargets, written } from '../reading.fixture';
import { prepareAudio } from './audio';
import { encodeWav } from './wav.fixture';

const tone = (frequency: number, samples = 2000): Buffer =>
  encodeWav(Array.from({ length: samples }, (_, at) => 0.5 * Math.sin((2 * Math.PI * frequency * at) / 8000)));
const named = (name: string, content: Buffer | string): TarEntry => ({ name, content });
const eight = [0, 1, 2, 3].flatMap((take) => [
  named(`set/low_ann_${take}.wav`, tone(300 + take)),
  named(`set/high_ann_${take}.wav`, tone(2000 + take)),
]);
const classification = { kind: 'classification', tokens: 'character', vocabulary: 10, pooling: 'last' } as const;
const transcription = { kind: 'transcription', tokens: 'character', vocabulary: 10 } as const;
const prepare = (entries: readonly TarEntry[], task: typeof classification | typeof transcription, given = {}) =>
  prepareAudio(toSource('audio', buildTar(entries)), task, reading(given));

describe('recordings for classification', () => {
  it('take their class from the start of their name, and have bands of mean 0 and deviation 1 in the training part', () => {
    const data = prepare(eight, classification);
    expect(data.targetVocabulary).toEqual(['high', 'low']);
    expect([data.train.count, data.validation.count]).toEqual([6, 2]);
    const { values, width } = data.train.inputs as { values: Float32Array; width: number };
    expect(width).toBe(data.columns!.length);
    const band = values.filter((_, at) => at % width === 5);
    const mean = band.reduce((sum, value) => sum + value, 0) / band.length;
    expect(mean).toBeCloseTo(0, 4);
    expect(band.reduce((sum, value) => sum + (value - mean) ** 2, 0) / band.length).toBeCloseTo(1, 4);
  });

  it.each([
    ['metadata.csv', 'file_name,label\nlow_ann_0.wav,a\n'],
    ['metadata.jsonl', '{"file_name": "low_ann_0.wav", "label": "a"}\n'],
  ])('are refused with labels in a table of Hugging Face: %s', (name, content) => {
    const message = `set/${name}: labels and texts are not read from it`;
    expect(() => prepare([...eight, named(`set/${name}`, content)], classification)).toThrow(message);
    const texts = eight.map(({ name: wav }) => `${wav.slice('set/'.length)}\tabc`).join('\n');
    const both = [...eight, named(`set/${name}`, content), named('set/transcripts.tsv', texts)];
    expect(prepare(both, classification).targetVocabulary).toEqual(['high', 'low']);
    expect(prepare([...eight, named(`set/${name}`, 'camera\nx\n')], classification).train.count).toBe(6);
  });

  it('take their class from the folder if the name has none', () => {
    const data = prepare(
      [1, 2].flatMap((take) => ['yes', 'no'].map((word) => named(`${word}/${take}.wav`, tone(500)))),
      {
        ...classification,
      },
    );
    expect(data.targetVocabulary).toEqual(['no', 'yes']);
  });

  it('are of the parts that folders above their class say, with a validation part of those to train on', () => {
    const takes = (folder: string, count: number, name = ''): TarEntry[] =>
      Array.from({ length: count }, (_, take) => named(`${folder}/${name}${take}.wav`, tone(500)));
    const sizes = (entries: readonly TarEntry[], given = {}): (number | undefined)[] => {
      const { train, validation, test } = prepare(entries, classification, given);
      return [train.count, validation.count, test?.count];
    };
    const split = { split: { validation: 0.25, test: 0 } };
    const words = (part: string, count: number) => [...takes(`${part}/yes`, count), ...takes(`${part}/no`, count)];
    expect(sizes([...words('set/train', 4), ...words('set/test', 3)], split)).toEqual([6, 2, 6]);
    expect(sizes([...words('train', 4), ...words('dev', 1), ...words('test', 3)], split)).toEqual([8, 2, 6]);
    // The class is in the name, and the folder is the part.
    const spoken = (part: string, count: number) => [...takes(part, count, 'yes_'), ...takes(part, count, 'no_')];
    expect(sizes([...spoken('train', 4), ...spoken('test', 3)], split)).toEqual([6, 2, 6]);
    // The folder is the class.
    expect(sizes([...takes('train', 4), ...takes('test', 4)], split)).toEqual([6, 2, undefined]);
    expect(sizes([...words('train', 4), ...words('other', 4)], split)).toEqual([12, 4, undefined]);
    const voices = ['ann', 'bob'].flatMap((voice) => [
      ...takes('train', 2, `yes_${voice}_`),
      ...takes('train', 2, `no_${voice}_`),
    ]);
    const bySpeaker = { split: { validation: 0.5, test: 0, group: 2 } };
    expect(sizes([...voices, ...takes('test', 1, 'yes_eve_'), ...takes('test', 1, 'no_eve_')], bySpeaker)).toEqual([
      ...[4, 4, 2],
    ]);
  });

  it('are held out together if their names share the group part', () => {
    const voices = ['ann', 'bob'].flatMap((voice) =>
      ['low', 'high'].flatMap((word) => [0, 1].map((take) => named(`${word}_${voice}_${take}.wav`, tone(500)))),
    );
    const [bob, ann] = [1, 0].map((index) => voices.filter((_, at) => Math.floor(at / 4) === index).length);
    const data = prepare(voices, classification, { split: { validation: 0.5, test: 0, group: 2 } });
    expect([data.train.count, data.validation.count]).toEqual([bob, ann]);
    expect(() => prepare(voices, classification, { split: { validation: 0.5, test: 0, group: 4 } })).toThrow(
      'has no part 4 between underscores, which dataset.split.group requires',
    );
  });

  it('are independent of loudness when centred', () => {
    const louder = (factor: number): Buffer =>
      encodeWav(Array.from({ length: 2000 }, (_, at) => factor * Math.sin(at) * (1 + Math.sin(at / 300))));
    const loud = [0.1, 0.4].flatMap((factor, take) => [
      named(`low_${take}.wav`, louder(factor)),
      named(`high_${take}.wav`, tone(2000)),
    ]);
    const spread = (centre: boolean): number => {
      const { targets, inputs } = prepare(loud, classification, { centre, split: { validation: 0.25, test: 0 } }).train;
      const classes = (targets as { classes: Int32Array }).classes;
      const { values, width, offsets } = inputs as { values: Float32Array; width: number; offsets: Int32Array };
      const means = Array.from(classes, (_, index) => {
        const own = values.subarray(offsets[index]! * width, offsets[index + 1]! * width);
        return own.reduce((sum, value) => sum + value, 0) / own.length;
      });
      return Math.max(...means) - Math.min(...means);
    };
    expect(spread(true)).toBeLessThan(1e-4);
    expect(spread(false)).toBeGreaterThan(0.1);
  });

  it.each([
    ['one file', eight.slice(0, 1), {}, 'the data set has 1 WAV files: give at least two'],
    ['a name without a label', [...eight, named('plain.wav', tone(9))], {}, 'plain.wav: has no label'],
    [
      'a file cut short',
      [...eight, named('low_b.wav', tone(9).subarray(0, 999))],
      {},
      'low_b.wav: the WAV file is cut',
    ],
    ['a lone class', [...eight, named('odd_b.wav', tone(9))], {}, 'odd_b.wav: the label "odd" has only this row'],
    ['a long sound', eight, { maximumSteps: 10 }, /wav: the sequence has 23 steps, more than dataset.maximumSteps, 10/],
  ])('are refused: %s', (_, entries, given, message) => {
    expect(() => prepare(entries, classification, given)).toThrow(message);
  });

  it('are refused if they are not an archive', () => {
    expect(() => prepareAudio(toSource('audio', 'text'), classification, reading())).toThrow(
      'audio must be a folder, or a .tar or .tar.gz archive, of WAV files',
    );
  });
});

describe('recordings for transcription', () => {
  const texts = (data: ExampleData): string[] =>
    [data.train, data.validation].flatMap((part) => written(sequenceTargets(part), data.targetVocabulary)).sort();

  it('are transcribed as their label, numbered after the blank', () => {
    const data = prepare(eight, transcription);
    expect(data.targetVocabulary).toEqual(['<blank>', ...'ghilow']);
    expect(texts(data)).toEqual([...Array<string>(4).fill('h i g h'), ...Array<string>(4).fill('l o w')]);
  });

  it('are transcribed as in transcripts.tsv', () => {
    const lines = eight.map(({ name }, index) => `${name.slice(4)}\ta${'b'.repeat(1 + (index % 2))}\n`).join('');
    const data = prepare([...eight, named('set/transcripts.tsv', lines)], transcription);
    expect(new Set(texts(data))).toEqual(new Set(['a b', 'a b b']));
    const flat = eight.map(({ content }, index) => named(`${index}.wav`, content as Buffer));
    const own = flat.map(({ name }) => `${name}\tab\n`).join('');
    expect(new Set(texts(prepare([...flat, named('transcripts.tsv', own)], transcription)))).toEqual(new Set(['a b']));
    expect(() => prepare([...flat, named('transcripts.tsv', own)], classification)).toThrow('0.wav: has no label');
  });

  it.each([
    ['low_ann_0.wav', 'set/transcripts.tsv line 1: give a file, a tab and its text'],
    ['low_ann_0.wav\ta\nlow_ann_0.wav\tb', 'set/transcripts.tsv line 2: low_ann_0.wav is named twice'],
    ['none.wav\ta', 'set/transcripts.tsv line 1: there is no WAV file set/none.wav'],
    ['low_ann_0.wav\ta', /^set\/high_ann_0\.wav: has no line in set\/transcripts\.tsv$/],
  ])('are refused where transcripts.tsv says %j', (line, message) => {
    expect(() => prepare([...eight, named('set/transcripts.tsv', line)], transcription)).toThrow(message);
  });

  it('are refused if a text needs more frames than there are, counting blanks between equal letters', () => {
    const short = eight.map((_, index) => named(`set/aaa_ann_${index}.wav`, tone(500, 480)));
    expect(() => prepare(short, transcription)).toThrow(/wav: its text needs 5 frames, but it has 4; leave it out/);
  });
});
