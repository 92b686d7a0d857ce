import { taskKinds, tasks, validate, trialSpec, type TaskKind } from '@unroll/contracts';
import { builtIns, type BuiltIn } from './built-in';
import type { TokenData } from './prepared/data';
import { fingerprint, createFingerprint } from './fingerprint';
import { prepare } from './prepare';

const spec = validate(trialSpec, { dataset: { name: 'a', split: { validation: 0.5 } }, task: 'language-model' });
const bytes = (text: string): Uint8Array => new TextEncoder().encode(text);
const prepareText = (content: Uint8Array) => {
  const { data, baselines } = prepare({ kind: 'text', bytes: content }, spec);
  return { data: data as TokenData, baselines };
};

describe('preparing a text', () => {
  it('holds out the parts of the split and measures the baseline on them', () => {
    const { data, baselines } = prepareText(bytes('abababab'));
    expect([data.train.length, data.validation.length]).toEqual([4, 4]);
    expect(baselines.map(({ name }) => name)).toEqual(['character bigram']);
    const nats = -(2 * Math.log(2.1 / 2.2) + Math.log(1.1 / 1.2)) / 3;
    expect(baselines[0]!.metrics['validation.loss']).toBeCloseTo(nats, 12);
  });

  it('skips a byte order mark', () => {
    expect(prepareText(bytes('\ufeffabab')).data.vocabulary).toEqual(['a', 'b']);
  });

  it('refuses empty data, invalid UTF-8, and data of another kind', () => {
    expect(() => prepareText(bytes(''))).toThrow('the data set is empty');
    expect(() => prepareText(Uint8Array.of(0x61, 0xff, 0xfe, 0x62))).toThrow(
      'the text is not valid UTF-8: convert it, for example with iconv',
    );
    expect(() => prepare({ kind: 'series', bytes: bytes('a') }, spec)).toThrow(
      'task: language-model requires data of kind text, but this is series',
    );
  });
});

describe('preparing recordings and trees', () => {
  const prepared = (kind: 'labelled' | 'audio', content: string, task: object) =>
    prepare({ kind, bytes: bytes(content) }, validate(trialSpec, { dataset: spec.dataset, task }));

  it('depends on the task, and refuses data of another kind', () => {
    const trees = prepared('labelled', '(1 a)\n(1 b)\n(2 a)\n(2 b)', { kind: 'tree-classification' });
    expect([trees.data.kind, trees.baselines[0]!.name]).toEqual(['trees', 'most frequent class']);
    expect(() => prepared('labelled', '', { kind: 'transcription' })).toThrow(
      'task: transcription requires data of kind audio, but this is labelled',
    );
  });

  it.each([
    ['dataset.split.group', 'audio', { split: { ...spec.dataset.split, group: 2 } }],
    ['dataset.centre', 'audio', { centre: true }],
    ['dataset.missing', 'series', { missing: 'previous' }],
  ])(
    'refuses %s, an option only of %s, as it is submitted, and warns of it in a stored trial',
    (path, owner, options) => {
      const trial = validate(trialSpec, { dataset: { ...spec.dataset, ...options }, task: 'tree-classification' });
      const source = { kind: 'labelled', bytes: bytes('(1 a)\n(1 b)\n(2 a)\n(2 b)') } as const;
      const why = `is for data of the kind ${owner}, but this is labelled`;
      expect(() => prepare(source, { ...trial, isSubmission: true })).toThrow(`${path}: ${why}; leave it out`);
      expect(prepare(source, trial).warnings).toEqual([`${path} is ignored: ${why}`]);
    },
  );
});

describe('a fingerprint', () => {
  it('depends on the kind and on every byte, not on how the bytes are provided', () => {
    expect(fingerprint('text', bytes('ab'))).toBe(createFingerprint('text').update('a').update('b').digest('hex'));
    const others = [
      fingerprint('text', bytes('ab')),
      fingerprint('text', bytes('ba')),
      fingerprint('series', bytes('ab')),
      fingerprint('text', bytes('')),
    ];
    expect(new Set(others).size).toBe(4);
    expect(others[0]).toMatch(/^[0-9a-f]{64}$/);
  });
});

/** A task for each built-in data set. */
const taskFor = ({ name, kind }: BuiltIn): TaskKind => {
  if (name === 'adding-problem') return 'regression';
  if (name === 'copy-memory') return 'tagging';
  return taskKinds.find((each) => tasks[each].datasets[0] === kind)!;
};

describe.each(builtIns.map((builtIn) => [builtIn.name, builtIn] as const))(
  'the built-in data set %s',
  (name, builtIn) => {
    const small = builtIn.kind === 'labelled' ? { steps: 20, sequences: 50 } : {};
    const task = { kind: taskFor(builtIn), ...(builtIn.kind === 'series' ? { lookback: 12 } : {}) };

    it('has a name that a sweep can use, and content that a trial can train on', () => {
      const trial = validate(trialSpec, { dataset: { name, ...small }, task });
      const { data, baselines } = prepare({ kind: builtIn.kind, bytes: builtIn.read(trial.dataset) }, trial);
      if (data.kind === 'tokens') expect(data.train.length).toBeGreaterThan(10_000);
      else expect(data.train.count).toBeGreaterThan(40);
      for (const { metrics } of baselines) for (const value of Object.values(metrics)) expect(value).toBeGreaterThan(0);
    });

    it('has the size and fingerprint of its bytes, which tell when its generator has changed', () => {
      const bytes = builtIn.read();
      expect([builtIn.identify(), builtIn.size()]).toEqual([fingerprint(builtIn.kind, bytes), bytes.byteLength]);
    });

    it('has a fingerprint that depends on its options alone', () => {
      if (builtIn.kind === 'text') {
        const message = `dataset.steps: ${name} does not support this option; leave it out`;
        expect(() => builtIn.read({ steps: 3 })).toThrow(message);
        expect(() => builtIn.identify({ steps: 3 })).toThrow(message);
      } else {
        expect(builtIn.identify({ ...small, steps: 21 })).toBe(builtIn.identify({ ...small, steps: 21 }));
        const others = [{ ...small, steps: 21 }, { ...small, steps: 22 }, {}];
        if (builtIn.kind !== 'series') others.push({ steps: 21, sequences: 51 });
        expect(new Set(others.map((options) => builtIn.identify(options))).size).toBe(others.length);
      }
    });
  },
);
