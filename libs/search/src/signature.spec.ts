import { canonical, trialSpec, validate, withFingerprints, type TrialSpec } from '@unroll/contracts';
import fc from 'fast-check';
import { comparisonKey, fusionSignature, shortHash, trainingKey } from './signature';

type Changes = { dataset?: object; model?: object; training?: object };
const trial = ({ dataset, ...changes }: Changes = {}): TrialSpec =>
  validate(trialSpec, { dataset: { name: 'a', ...dataset }, task: 'language-model', ...changes });
const signature = (changes: Changes = {}, fingerprint = 'f'): string => fusionSignature(trial(changes), fingerprint);

function shuffled(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(shuffled);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value)
      .reverse()
      .map(([key, child]) => [key, shuffled(child)]),
  );
}

describe('canonical JSON', () => {
  const json = fc.jsonValue();

  it('parses to the same value', () => {
    fc.assert(
      fc.property(json, (value) => expect(JSON.parse(canonical(value))).toEqual(JSON.parse(JSON.stringify(value)))),
    );
  });

  it('does not depend on the order of keys, at any depth', () => {
    fc.assert(fc.property(json, (value) => expect(canonical(shuffled(value))).toBe(canonical(value))));
    expect(canonical({ b: [{ d: 1, c: 2 }], a: null })).toBe('{"a":null,"b":[{"c":2,"d":1}]}');
  });

  it('depends on the order of lists, and leaves undefined keys out', () => {
    expect(canonical([1, 2])).not.toBe(canonical([2, 1]));
    expect(canonical({ a: undefined, b: 1 })).toBe('{"b":1}');
    expect(canonical(undefined)).toBe('null');
  });

  it('has a short hash that differs between values', () => {
    expect(shortHash({ a: 1, b: 2 })).toBe(shortHash({ b: 2, a: 1 }));
    expect(shortHash({ a: 1 })).toMatch(/^[0-9a-f]{16}$/);
    expect(shortHash({ a: 1 })).not.toBe(shortHash({ a: '1' }));
  });
});

describe('a fusion signature', () => {
  it.each<[string, Changes]>([
    ['learning rate', { training: { learningRate: 0.5 } }],
    ['seed', { training: { seed: 7 } }],
    ['clipping', { training: { clipNorm: null } }],
    ['number of updates', { training: { updates: 3, reportEvery: 1 } }],
    ["optimizer's numbers", { training: { optimizer: { kind: 'adam', beta1: 0.5, weightDecay: 0.1 } } }],
    ['hidden size within one bucket', { model: { hiddenSize: 97 } }],
    ['name of the same data', { dataset: { name: 'b' } }],
  ])('is the same for another %s', (_, changes) => {
    expect(signature(changes)).toBe(signature());
  });

  it.each<[string, Changes]>([
    ['cell', { model: { cell: 'gru' } }],
    ['hidden size beyond the bucket', { model: { hiddenSize: 129 } }],
    ['number of layers', { model: { layers: 2 } }],
    ['embedding size', { model: { embeddingSize: 65 } }],
    ['batch size', { training: { batchSize: 33 } }],
    ['window', { training: { bptt: 65 } }],
    ['window of two lengths', { training: { bptt: { k1: 32, k2: 64 } } }],
    ['carrying of the state', { training: { stateful: false } }],
    ['kind of optimizer', { training: { optimizer: 'sgd' } }],
    ['split', { dataset: { split: { validation: 0.2 } } }],
  ])('differs for another %s', (_, changes) => {
    expect(signature(changes)).not.toBe(signature());
  });

  it('of listed layers is the same within their buckets, unless other layers add what they read', () => {
    const of = (layerSizes: number[], residual = false): string => signature({ model: { layerSizes, residual } });
    expect(of([60, 33])).toBe(of([64, 34]));
    expect(of([60, 33])).not.toBe(of([60, 65]));
    expect(of([60, 60, 33], true)).not.toBe(of([60, 61, 61], true));
  });

  it('differs for other data', () => {
    expect(signature({}, 'f')).not.toBe(signature({}, 'g'));
  });
});

describe('a comparison key', () => {
  it('is equal for comparable trials, and differs for other data or another split', () => {
    const key = comparisonKey(trial(), 'f');
    expect(comparisonKey(trial({ model: { cell: 'gru' }, training: { batchSize: 3 } }), 'f')).toBe(key);
    expect(comparisonKey(trial({ dataset: { name: 'b' } }), 'f')).toBe(key);
    expect(comparisonKey(trial(), 'g')).not.toBe(key);
    expect(comparisonKey(trial({ dataset: { split: { validation: 0.2 } } }), 'f')).not.toBe(key);
  });
});

describe('the files that a trial names beside its data', () => {
  const task = { kind: 'language-model', tokens: 'subword', tokenizer: 'gpt2' };
  const glove = validate(trialSpec, {
    ...{ dataset: 'a', task: { kind: 'language-model', tokens: 'word' } },
    training: { initFrom: { embedding: 'glove' } },
  });
  const identified = (spec: TrialSpec): [TrialSpec, TrialSpec] => [
    withFingerprints(spec, { glove: '1'.repeat(64), gpt2: '1'.repeat(64) }),
    withFingerprints(spec, { glove: '2'.repeat(64), gpt2: '2'.repeat(64) }),
  ];
  const keys = (specs: readonly TrialSpec[], metric: string): number =>
    new Set(specs.map((spec) => comparisonKey(spec, 'data', { metric }))).size;

  it.each([
    ['word vectors', glove],
    ['a tokenizer', validate(trialSpec, { dataset: 'a', task })],
  ])('tell apart by their content what was trained, as do %s', (_, spec) => {
    const [one, two] = identified(spec);
    expect(trainingKey(one, 'data')).not.toBe(trainingKey(two, 'data'));
    expect(fusionSignature(one, 'data')).not.toBe(fusionSignature(two, 'data'));
  });

  it('do not decide what is measured as word vectors, since the vocabulary is that of the data', () => {
    const [random, tuned] = [undefined, { trial: 'abc' }].map((initFrom) =>
      validate(trialSpec, { ...glove, training: { initFrom } }),
    ) as [TrialSpec, TrialSpec];
    expect(keys([...identified(glove), random], 'validation.bitsPerToken')).toBe(1);
    expect(keys([random, tuned], 'validation.bitsPerToken')).toBe(2);
  });

  it('decide it as tokenizers, unless characters are measured', () => {
    const learned = validate(trialSpec, { dataset: 'a', task: { ...task, tokenizer: undefined } });
    const all = [...identified(validate(trialSpec, { dataset: 'a', task })), learned];
    expect(keys(all, 'validation.bitsPerCharacter')).toBe(1);
    expect(keys(all, 'validation.bitsPerToken')).toBe(3);
  });
});
