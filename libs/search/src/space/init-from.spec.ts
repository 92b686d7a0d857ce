import { sweepSpec, trialSpec, validate } from '@unroll/contracts';
import { comparisonKey, fusionSignature, trainingKey } from '../signature';
import { initFromNames, tokenizerNames, withFingerprints, withInitFrom } from './init-from';

const sweep = (training: object) => validate(sweepSpec, { dataset: 'a', task: 'language-model', training });

describe('the trials that a sweep initializes from', () => {
  const starts = {
    initFrom: { choice: [{ trial: 'abc' }, { trial: { grid: ['def', 'abc'] }, replaceHead: true }] },
    freeze: ['trial', 'initFrom'],
  };

  it('are found at any level of distributions', () => {
    expect(initFromNames(sweep(starts))).toEqual({ trials: ['abc', 'def'], vectors: [], models: [] });
    expect(initFromNames(sweep({ initFrom: { model: 'a.safetensors' } }))).toEqual({
      trials: [],
      vectors: [],
      models: ['a.safetensors'],
    });
    expect(initFromNames(sweep({ initFrom: { embedding: { choice: ['glove', 'fasttext'] } } }))).toEqual({
      trials: [],
      vectors: ['glove', 'fasttext'],
      models: [],
    });
    expect(initFromNames(sweep({}))).toEqual({ trials: [], vectors: [], models: [] });
  });

  it('are renamed, and nothing else is', () => {
    const { training } = withInitFrom(sweep(starts), new Map([['abc', 'abcdefgh']]));
    expect(training).toMatchObject({
      initFrom: { choice: [{ trial: 'abcdefgh' }, { trial: { grid: ['def', 'abcdefgh'] }, replaceHead: true }] },
      freeze: ['trial', 'initFrom'],
    });
  });
});

describe('the word vectors that a trial starts from', () => {
  const trial = (initFrom?: object) =>
    validate(trialSpec, { dataset: 'a', task: { kind: 'language-model', tokens: 'word' }, training: { initFrom } });
  const [one, two] = ['1', '2'].map((digit) =>
    withFingerprints(trial({ embedding: 'glove' }), { glove: digit.repeat(64) }),
  ) as [ReturnType<typeof trial>, ReturnType<typeof trial>];

  it('are named with their fingerprint, which tells apart what was trained', () => {
    expect(one.training.initFrom).toMatchObject({ embedding: 'glove', fingerprint: '1'.repeat(64) });
    expect(trainingKey(one, 'data')).not.toBe(trainingKey(two, 'data'));
    expect(fusionSignature(one, 'data')).not.toBe(fusionSignature(two, 'data'));
  });

  it('do not decide what is measured, whose vocabulary is that of the data', () => {
    const metric = 'validation.bitsPerToken';
    expect(comparisonKey(one, 'data', { metric })).toBe(comparisonKey(trial(), 'data', { metric }));
    expect(comparisonKey(trial({ trial: 'abc' }), 'data', { metric })).not.toBe(
      comparisonKey(trial(), 'data', { metric }),
    );
  });

  it('are absent from a trial that starts from none', () => {
    expect(withFingerprints(trial(), { glove: 'x' })).toEqual(trial());
    expect(withFingerprints(trial({ trial: 'glove' }), { glove: 'x' })).toEqual(trial({ trial: 'glove' }));
  });
});

describe('the tokenizer of a trial', () => {
  const task = (tokenizer: unknown) => ({ kind: 'language-model', tokens: 'subword', tokenizer });
  const names = (given: unknown) =>
    tokenizerNames(validate(sweepSpec, { dataset: 'a', task: given, objective: 'validation.bitsPerCharacter' }));

  it('is found at any level of distributions', () => {
    expect(names(task('gpt2'))).toEqual(['gpt2']);
    expect(names(task({ name: 'gpt2' }))).toEqual(['gpt2']);
    expect(names(task({ choice: ['gpt2', { name: { grid: ['other', 'gpt2'] } }] }))).toEqual(['gpt2', 'other']);
    expect(names({ choice: [task('gpt2'), 'language-model'] })).toEqual(['gpt2']);
    expect(names('language-model')).toEqual([]);
  });

  it('is named with its fingerprint, and does not decide what characters are measured by', () => {
    const trial = (given?: unknown) => validate(trialSpec, { dataset: 'a', task: task(given) });
    const [one, two] = ['1', '2'].map((digit) => withFingerprints(trial('gpt2'), { gpt2: digit.repeat(64) }));
    expect(one!.task).toMatchObject({ tokenizer: { name: 'gpt2', fingerprint: '1'.repeat(64) } });
    expect(trainingKey(one!, 'data')).not.toBe(trainingKey(two!, 'data'));
    const keys = (metric: string) => [one!, two!, trial()].map((each) => comparisonKey(each, 'data', { metric }));
    expect(new Set(keys('validation.bitsPerCharacter')).size).toBe(1);
    expect(new Set(keys('validation.bitsPerToken')).size).toBe(3);
  });
});
