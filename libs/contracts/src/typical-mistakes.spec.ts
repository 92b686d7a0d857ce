import { parseDocument } from './document';
import { sweepSpec } from './sweep-spec';
import { validate } from './validation';

const file = (changes: { model?: string; training?: string; rest?: string } = {}): string => `
dataset: typescript-declarations
task: language-model
model: {${changes.model ?? 'cell: lstm'}}
training: {${changes.training ?? 'learningRate: 1e-3'}}
${changes.rest ?? ''}
`;

/** What people write who come from PyTorch, Keras, Optuna, W&B or Darts, and the answer. */
const mistakes: [written: string, text: string, answer: string][] = [
  ['lr', file({ training: 'lr: 1e-3' }), 'training.lr: unknown key; did you mean learningRate?'],
  ['lr at the top', file({ rest: 'lr: 1e-3' }), 'lr: unknown key; here it is training.learningRate'],
  ['num_layers', file({ model: 'num_layers: 2' }), 'model.num_layers: unknown key; did you mean layers?'],
  ['hidden', file({ model: 'hidden: 64' }), 'model.hidden: unknown key; did you mean hiddenSize?'],
  ['units', file({ training: 'units: 64' }), 'training.units: unknown key; here it is model.hiddenSize'],
  ['dropout_rate', file({ model: 'dropout_rate: 0.1' }), 'model.dropout_rate: unknown key; did you mean dropout?'],
  ['batch_size', file({ training: 'batch_size: 8' }), 'training.batch_size: unknown key; did you mean batchSize?'],
  ['grad_clip', file({ training: 'grad_clip: 1' }), 'training.grad_clip: unknown key; did you mean clipNorm?'],
  ['seq_len', file({ training: 'seq_len: 35' }), 'training.seq_len: unknown key; did you mean bptt?'],
  [
    'weight_decay',
    file({ training: 'weight_decay: 1e-4' }),
    'training.weight_decay: unknown key; here it is training.optimizer.weightDecay',
  ],
  ['seed at the top', file({ rest: 'seed: 3' }), 'seed: unknown key; here it is training.seed'],
  ['n_trials', file({ rest: 'search: {n_trials: 9}' }), 'search.n_trials: unknown key; did you mean trials?'],
  ['method', file({ rest: 'method: bayes' }), 'method: unknown key; here it is search.algorithm'],
  ['bayes', file({ rest: 'search: bayes' }), 'nsga-ii, auto; did you mean tpe?'],
  ['early_terminate', file({ rest: 'early_terminate: {}' }), 'early_terminate: unknown key; did you mean stopping?'],
  ['val_loss', file({ rest: 'objective: {metric: val_loss}' }), 'did you mean validation.loss?'],
  ['accuracy', file({ rest: 'objective: accuracy' }), 'did you mean validation.accuracy?'],
  [
    'optimizer.name',
    file({ training: 'optimizer: {name: adam}' }),
    'training.optimizer.kind: is missing; did you mean kind by name?',
  ],
  [
    'values',
    file({ model: 'hiddenSize: {values: [32, 64]}' }),
    'model.hiddenSize: is not a distribution: write {choice: [...]} for a list',
  ],
  [
    'min and max',
    file({ training: 'learningRate: {distribution: log_uniform_values, min: 1e-4, max: 1e-2}' }),
    'training.learningRate: is not a distribution: write {choice: [...]} for a list; {uniform: [low, high]}, {logUniform: [low, high]}',
  ],
  [
    'loguniform',
    file({ training: 'learningRate: {loguniform: [1e-4, 1e-2]}' }),
    'training.learningRate.loguniform: unknown key; did you mean logUniform?',
  ],
  [
    'a list',
    file({ model: 'hiddenSize: [32, 64]' }),
    'model.hiddenSize: must be a number, not [32,64]; to try each, write {choice: [...]}',
  ],
  ['a number in quotes', file({ model: 'hiddenSize: "32"' }), 'model.hiddenSize: must be a number, not "32"'],
  ['yes', file({ model: 'bidirectional: yes' }), 'model.bidirectional: must be true or false, not "yes"'],
  ['LSTM', file({ model: 'cell: LSTM' }), 'did you mean lstm?'],
  ['data for dataset', file().replace('dataset', 'data'), 'data: unknown key; did you mean dataset?'],
  ['char-rnn', file().replace('language-model', 'char-rnn'), 'did you mean language-model?'],
];

describe('a typical mistake is answered with what to write', () => {
  it.each(mistakes)('%s', (_, text, answer) => {
    const refuse = (): unknown => validate(sweepSpec, parseDocument(text));
    expect(refuse).toThrow(expect.objectContaining({ message: expect.stringContaining(answer) }));
    // One mistake, one error.
    expect(refuse).toThrow(expect.objectContaining({ errors: [expect.anything()] }));
  });
});

it('an objective may be the name of its metric', () => {
  const { objective } = validate(sweepSpec, parseDocument(file({ rest: 'objective: validation.accuracy' })));
  expect(objective).toEqual({ metric: 'validation.accuracy', goal: 'maximize', use: 'best' });
});
