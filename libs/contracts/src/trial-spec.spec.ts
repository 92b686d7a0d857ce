import { parseDocument } from './document';
import { optimizer, optimizerKinds, trainFile, trialSpec } from './trial-spec';
import { validate, ValidationError } from './validation';

const least = { dataset: 'a', task: 'language-model' };

const refusal = (changes: Record<string, unknown>, schema: typeof trialSpec | typeof trainFile = trialSpec): string => {
  try {
    validate(schema, { ...least, ...changes });
  } catch (error) {
    if (error instanceof ValidationError) return error.message;
    throw error;
  }
  return '';
};

describe('a trial', () => {
  it('is complete: every default is filled in', () => {
    expect(validate(trialSpec, least)).toEqual({
      dataset: { name: 'a', split: { validation: 0.1 } },
      task: { kind: 'language-model', tokens: 'character' },
      model: {
        cell: 'lstm',
        nonlinearity: 'tanh',
        hiddenSize: 128,
        layers: 1,
        bidirectional: false,
        embeddingSize: 64,
      },
      training: {
        bptt: 64,
        stateful: true,
        batchSize: 32,
        updates: 1000,
        reportEvery: 100,
        optimizer: { kind: 'adam', beta1: 0.9, beta2: 0.999, epsilon: 1e-8, weightDecay: 0 },
        learningRate: 1e-3,
        clipNorm: 1,
        seed: 0,
        divergence: { norm: 1e6 },
      },
    });
  });

  it('that is complete is left as it is', () => {
    const complete = validate(trialSpec, least);
    expect(validate(trialSpec, complete)).toEqual(complete);
  });

  it('fills in the defaults of the optimizer that a bare string names', () => {
    const { training } = validate(trialSpec, { ...least, training: { optimizer: 'adamw' } });
    expect(training.optimizer).toEqual({ kind: 'adamw', beta1: 0.9, beta2: 0.999, epsilon: 1e-8, weightDecay: 0.01 });
    expect(training.optimizer).toEqual(
      validate(trialSpec, { ...least, training: { optimizer: { kind: 'adamw' } } }).training.optimizer,
    );
  });

  it('knows each optimizer by the names that are listed', () => {
    expect(optimizer.options.map(({ shape }) => shape.kind.value)).toEqual([...optimizerKinds]);
  });

  it('refuses a distribution', () => {
    expect(refusal({ training: { learningRate: { uniform: [0.1, 1] } } })).toMatch(
      /^training\.learningRate: must be a number/,
    );
  });

  it('refuses a bidirectional language model, which would see its target', () => {
    expect(refusal({ model: { bidirectional: true } })).toMatch(/^model\.bidirectional: a language model cannot/);
    expect(refusal({ model: { bidirectional: true } }, trainFile)).toMatch(
      /^model\.bidirectional: a language model cannot/,
    );
    expect(refusal({ model: { bidirectional: false } })).toBe('');
  });

  it('refuses a nonlinearity where the cell has its own', () => {
    expect(refusal({ model: { cell: 'gru', nonlinearity: 'relu' } })).toMatch(
      /^model\.nonlinearity: only the cell rnn/,
    );
    expect(refusal({ model: { cell: 'rnn', nonlinearity: 'relu' } })).toBe('');
  });

  it('refuses a window that updates do not divide', () => {
    expect(refusal({ training: { bptt: { k1: 3, k2: 7 } } })).toBe('training.bptt.k2: must be a multiple of k1');
    expect(refusal({ training: { bptt: { k1: 3, k2: 6 } } })).toBe('');
  });
});

describe('a file for unroll train', () => {
  it('may be a sweep file without distributions, as unroll init writes it', () => {
    const document = parseDocument(
      '$schema: http://localhost/x.json\nname: x\ndataset: a\ntask: language-model\nsearch: grid\nbudget: {concurrentTrials: 4}\nobjective: {metric: train.loss}',
    );
    expect(validate(trainFile, document).dataset).toEqual({ name: 'a', split: { validation: 0.1 } });
  });

  it('may name a file in place of a data set', () => {
    const { dataset } = validate(trainFile, { ...least, dataset: { path: 'my.txt', kind: 'text' } });
    expect(dataset).toEqual({ path: 'my.txt', kind: 'text', split: { validation: 0.1 } });
    expect(refusal({ dataset: { pth: 'my.txt', kind: 'text' } }, trainFile)).toContain(
      'dataset.pth: unknown key; did you mean path?',
    );
    expect(refusal({ dataset: { path: 'my.txt', kind: 'txt' } }, trainFile)).toContain(
      'dataset.kind: "txt" is not one of text',
    );
  });

  it('still knows no other keys', () => {
    expect(refusal({ modle: {} }, trainFile)).toBe('modle: unknown key; did you mean model?');
  });
});
