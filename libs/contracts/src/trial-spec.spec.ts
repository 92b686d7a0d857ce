import { parseDocument } from './document';
import { optimizer, optimizerKinds } from './optimizers';
import { trainFile, trialSpec } from './trial-spec';
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
      dataset: {
        name: 'a',
        split: { validation: 0.1, test: 0 },
        ...{ splitSeed: 0, missing: 'error', maximumSteps: 2000, longer: 'error' },
      },
      task: { kind: 'language-model', tokens: 'character', vocabulary: 10_000 },
      model: {
        ...{
          cell: 'lstm',
          nonlinearity: 'tanh',
          hiddenSize: 128,
          layers: 1,
          bidirectional: false,
          batchNorm: false,
          embeddingSize: 64,
        },
        ...{
          residual: false,
          tieWeights: false,
          dropout: 0,
          recurrentDropout: 0,
          weightDrop: 0,
          zoneout: 0,
          learnedInitialState: false,
          parallelScan: false,
          heads: 4,
        },
        initialisation: { input: 'default', recurrent: 'default' },
      },
      training: {
        ...{
          bptt: 64,
          stateful: true,
          batchSize: 32,
          updates: 1000,
          reportEvery: 100,
          precision: 'float32',
          recompute: false,
        },
        optimizer: { kind: 'adam', beta1: 0.9, beta2: 0.999, epsilon: 1e-8, weightDecay: 0 },
        ...{ learningRate: 1e-3, schedule: { kind: 'constant', warmUp: 0 }, clipNorm: 1, clipValue: null },
        ...{ l1: 0, l2: 0, gradientNoise: 0, labelSmoothing: 0, classWeights: 'none' },
        augmentation: { tokenDropout: 0, jitter: 0, timeMasking: 0 },
        ...{ earlyStopping: null, keep: 'best', seed: 0, divergence: { norm: 1e6 } },
        ...{ teacherForcing: 1, diagnostics: true, freeze: [] },
      },
    });
  });

  it('has defaults that depend on its task: the whole sequence, no carried state, epochs in place of updates', () => {
    const { training } = validate(trialSpec, { ...least, task: 'classification', training: { epochs: 3 } });
    expect([training.bptt, training.stateful, training.epochs, 'updates' in training]).toEqual([
      'full',
      false,
      3,
      false,
    ]);
    const stateless = validate(trialSpec, { ...least, model: { cell: 'transformer' } });
    expect(stateless.training.stateful).toBe(false);
  });

  it.each([
    [{ model: { bidirectional: true } }, 'model.bidirectional: language-model cannot be bidirectional'],
    [{ model: { cell: 'transformer', hiddenSize: 30 } }, 'model.hiddenSize: must be a multiple of heads, 4'],
    [
      { model: { cell: 'gru', parallelScan: true } },
      'model.parallelScan: gru has no parallel scan, only min-gru, min-lstm, rg-lru and lru; leave it out',
    ],
    [
      { model: { cell: 'lru', zoneout: 0.1 } },
      'model.zoneout: the output of lru is not a state that a step could leave as it is; leave it out',
    ],
    [
      { model: { cell: 'min-gru', weightDrop: 0.1 } },
      'model.weightDrop: min-gru has no recurrent matrix, so there is nothing to drop; leave it out',
    ],
    [
      { model: { cell: 'min-gru', recurrentDropout: 0.1 } },
      'model.recurrentDropout: the gates of min-gru do not see the state',
    ],
    [{ task: { kind: 'regression', loss: { expression: 'prediction -' } } }, 'task.loss.expression: '],
    [{ task: { kind: 'regression', loss: { expression: 'process.exit()' } } }, 'task.loss.expression: '],
    [{ task: 'tagging', training: { stateful: true } }, 'training.stateful: only language-model carries its state'],
    [{ model: { cell: 'transformer', batchNorm: true } }, 'model.batchNorm: transformer already normalises its input'],
    [
      { task: 'sequence-to-sequence', model: { batchNorm: true } },
      'model.batchNorm: sequence-to-sequence cannot use it: its decoder reads one step at a time',
    ],
    [{ model: { layerSizes: [64, 32], layers: 3 } }, 'model.layers: is 3, but layerSizes has 2; leave it out'],
    [
      { model: { layerSizes: [64, 32], hiddenSize: 64 } },
      'model.hiddenSize: is 64, but the top layer of layerSizes has 32; leave it out',
    ],
    [
      { model: { layerSizes: [64, 32], residual: true } },
      'model.residual: no layer of layerSizes has the size of the one below; leave it out',
    ],
    [
      { model: { cell: 'transformer', layerSizes: [64, 32] } },
      'model.layerSizes: the layers of transformer all have the same size; give hiddenSize and layers',
    ],
    [{ task: 'tree-classification', model: { layerSizes: [64] } }, 'model.layerSizes: a tree is read by one layer'],
    [
      { model: { tieWeights: true, embeddingSize: 64 } },
      'model.tieWeights: needs embeddingSize, 64, to be the size of the top layer, 128; give both the same, or leave it out',
    ],
    [
      { task: 'tagging', model: { tieWeights: true } },
      'model.tieWeights: is for language-model, sequence-to-sequence and sequence-from-vector, whose answers are symbols',
    ],
    [{ training: { bptt: 'full' } }, 'training.bptt: language-model reads one long stream: give a window'],
    [
      { dataset: { name: 'a' }, task: { kind: 'forecasting', lookback: 9, known: ['price', 'price'] } },
      'task.known: names price twice; once is enough',
    ],
    [{ training: { epochs: 1, updates: 1 } }, 'training.epochs: give updates or epochs, not both'],
    [{ dataset: { name: 'a', fold: { kind: 'k-fold', of: 3, index: 3 } } }, 'dataset.fold.index: must be below "of"'],
    [
      { task: 'regression', dataset: { name: 'a', fold: { kind: 'forward-chaining', of: 3, index: 0 } } },
      'dataset.fold.kind: forward-chaining is for data ordered in time (language-model and forecasting)',
    ],
    [
      { dataset: { name: 'a', split: { validation: 0.6, test: 0.5 } } },
      'dataset.split.test: validation and test together',
    ],
    [
      { model: { cell: 'feed-forward', initialisation: { forgetBias: 1 } } },
      'model.initialisation.forgetBias: feed-forward has no forget gate',
    ],
    [
      { task: 'sequence-to-sequence', model: { cell: 'transformer' } },
      'model.cell: a decoder starts from a state and transformer has none',
    ],
    [
      { task: { kind: 'sequence-to-sequence', attention: 'dot' }, model: { bidirectional: true } },
      'task.attention: dot needs an encoder as wide as the decoder',
    ],
    [
      { task: { kind: 'sequence-to-sequence', attention: 'none' }, model: { cell: 'lru' } },
      'task.attention: the states of lru do not contain what its top layer gives',
    ],
    [
      { task: 'sequence-from-vector', model: { bidirectional: true } },
      'model.bidirectional: sequence-from-vector cannot',
    ],
    [
      { task: 'sequence-from-vector', model: { learnedInitialState: true } },
      'model.learnedInitialState: the vector gives the first state',
    ],
    [{ task: 'tagging', training: { teacherForcing: 0.5 } }, 'training.teacherForcing: tagging has no decoder'],
    [{ task: 'transcription', dataset: { name: 'a', longer: 'cut' } }, 'dataset.longer: a recording that is cut'],
    [
      { training: { classWeights: { a: 2 } } },
      'training.classWeights: is for classification, tagging, multilabel-frames and tree-classification, which answer',
    ],
    [
      { task: { kind: 'language-model', tokenizer: 'a' } },
      'task.tokenizer: has subwords, and task.tokens is character',
    ],
    [
      { task: { kind: 'language-model', tokens: 'subword', tokenizer: 'a', vocabulary: 500 } },
      'task.vocabulary: has no effect with task.tokenizer, which has its own; leave it out',
    ],
    [
      { task: { kind: 'language-model', tokens: 'subword', tokenizer: 'a' }, training: { initFrom: { trial: 'b' } } },
      'task.tokenizer: has no effect with training.initFrom',
    ],
    [{ task: { kind: 'classification', tokens: 'subword', tokenizer: 'a' } }, 'task.tokenizer: unknown key'],
    [{ task: 'tagging', training: { classWeights: {} } }, 'training.classWeights: names no class; give {NAME: WEIGHT}'],
    [
      { task: 'tagging', training: { classWeights: 3 } },
      'training.classWeights: must be one of none, balanced or weights by name: {spam: 5}',
    ],
    [{ task: 'tagging', training: { classWeights: { a: -1 } } }, 'training.classWeights.a: must be at least 0, not -1'],
    [
      { task: 'tagging', training: { classWeights: { choice: 2 } } },
      'training.classWeights: cannot tell a class called choice from the distribution of that name; rename it in the data',
    ],
    [
      { task: 'transcription', training: { labelSmoothing: 0.1 } },
      'training.labelSmoothing: is for the cross-entropy of classes, and transc',
    ],
    [
      { task: 'transcription', training: { augmentation: { tokenDropout: 0.1 } } },
      'training.augmentation.tokenDropout: changes tokens, and transcription reads none',
    ],
    [
      { task: 'tree-classification', model: { cell: 'gru' } },
      'model.cell: tree-classification needs the cell lstm, not gru',
    ],
    [{ task: 'tree-classification', model: { bidirectional: true } }, 'model.bidirectional: a tree is read from its'],
    [{ task: 'tree-classification', model: { layers: 2 } }, 'model.layers: a tree is read by one layer'],
    [{ task: 'tree-classification', model: { residual: true } }, 'model.residual: a tree is read by one layer'],
    [
      { task: 'tree-classification', model: { batchNorm: true } },
      'model.batchNorm: tree-classification cannot use it: a tree has no steps to normalise over; leave it out',
    ],
    [
      { task: 'transcription', model: { batchNorm: true } },
      'model.batchNorm: transcription cannot use it: its running',
    ],
    [{ model: { heads: 8 } }, 'model.heads: lstm has no heads, only mlstm and transformer; leave it out'],
    [
      { task: 'regression', training: { labelSmoothing: 0.1 } },
      'training.labelSmoothing: is for the cross-entropy of classes, and regression minimises the error of a number',
    ],
    [
      { training: { augmentation: { jitter: 0.1 } } },
      'training.augmentation.jitter: changes numbers, and language-model',
    ],
    [{ task: 'tree-classification', model: { dropout: 0.1 } }, 'model.dropout: a tree is read by one layer'],
    [{ task: 'tree-classification', model: { recurrentDropout: 0.1 } }, 'model.recurrentDropout: a tree has no state'],
    [{ task: 'tree-classification', model: { zoneout: 0.1 } }, 'model.zoneout: a tree has no state'],
    [{ task: 'tree-classification', model: { weightDrop: 0.1 } }, 'model.weightDrop: a tree has no recurrent matrix'],
    [
      { task: 'tree-classification', model: { learnedInitialState: true } },
      'model.learnedInitialState: a leaf has no state before it',
    ],
    [{ task: 'tree-classification', training: { bptt: 8 } }, 'training.bptt: the gradient reaches every node'],
    [{ task: 'tree-classification', dataset: { name: 'a', longer: 'cut' } }, 'dataset.longer: a tree cannot be cut'],
    [
      { task: 'tree-classification', training: { augmentation: { jitter: 0.1 } } },
      'training.augmentation.jitter: changes numbers, and tree-classification reads none',
    ],
    [
      { task: 'tree-classification', training: { augmentation: { timeMasking: 0.1 } } },
      'training.augmentation.timeMasking: changes numbers, and tree-classification reads none',
    ],
  ])('refuses %j, which makes no sense', (changes, message) => {
    expect(refusal(changes)).toContain(message);
  });

  it('of listed layers has as many, and the size of the top one', () => {
    const { model } = validate(trialSpec, {
      ...least,
      model: { layerSizes: [64, 48], embeddingSize: 48, tieWeights: true },
    });
    expect([model.layers, model.hiddenSize]).toEqual([2, 48]);
    expect(validate(trialSpec, { ...least, model }).model).toEqual(model);
  });

  it('that is complete is unchanged', () => {
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

  it('accepts exactly the listed optimizers', () => {
    expect(optimizer.options.map(({ shape }) => shape.kind.value)).toEqual([...optimizerKinds]);
  });

  it('refuses a distribution', () => {
    expect(refusal({ training: { learningRate: { uniform: [0.1, 1] } } })).toMatch(
      /^training\.learningRate: must be a number/,
    );
  });

  it('refuses a bidirectional language model, which would see its target', () => {
    expect(refusal({ model: { bidirectional: true } })).toMatch(/^model\.bidirectional: language-model cannot/);
    expect(refusal({ model: { bidirectional: true } }, trainFile)).toMatch(
      /^model\.bidirectional: language-model cannot/,
    );
    expect(refusal({ model: { bidirectional: false } })).toBe('');
  });

  it('refuses a nonlinearity if the cell has its own', () => {
    expect(refusal({ model: { cell: 'gru', nonlinearity: 'relu' } })).toMatch(
      /^model\.nonlinearity: gru has no choice of nonlinearity, only rnn and feed-forward/,
    );
    expect(refusal({ model: { cell: 'rnn', nonlinearity: 'relu' } })).toBe('');
  });

  it('refuses a window that is not a multiple of the steps between updates', () => {
    expect(refusal({ training: { bptt: { k1: 3, k2: 7 } } })).toBe('training.bptt.k2: must be a multiple of k1');
    expect(refusal({ training: { bptt: { k1: 3, k2: 6 } } })).toBe('');
  });
});

describe('a file for unroll train', () => {
  it('may be a sweep file without distributions, as unroll init writes it', () => {
    const document = parseDocument(
      '$schema: http://localhost/x.json\nname: x\ndataset: a\ntask: language-model\nsearch: grid\nbudget: {concurrentTrials: 4}\nobjective: {metric: train.loss}',
    );
    expect(validate(trainFile, document).dataset).toMatchObject({ name: 'a', split: { validation: 0.1 } });
  });

  it('may name a file in place of a data set', () => {
    const { dataset } = validate(trainFile, { ...least, dataset: { path: 'my.txt', kind: 'text' } });
    expect(dataset).toMatchObject({ path: 'my.txt', kind: 'text', split: { validation: 0.1, test: 0 } });
    expect(refusal({ dataset: { pth: 'my.txt', kind: 'text' } }, trainFile)).toContain(
      'dataset.pth: unknown key; did you mean path?',
    );
    expect(refusal({ dataset: { path: 'my.txt', kind: 'txt' } }, trainFile)).toContain(
      'dataset.kind: "txt" is not one of text, series, labelled, pairs, frames, audio; did you mean text?',
    );
  });

  it('refuses other keys', () => {
    expect(refusal({ modle: {} }, trainFile)).toBe('modle: unknown key; did you mean model?');
  });
});
