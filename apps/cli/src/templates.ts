import type { TaskKind } from '@unroll/contracts';

/** What of a first sweep depends on the task. Lines of YAML. */
interface Template {
  /** What is learned, in a few words. */
  goal: string;
  /** What to do for data of one's own. */
  own: string;
  dataset: string;
  task: string;
  /** What cells there are. Default: three of them, each an equal number of times. */
  cell?: string;
  /** Beside the cell and its size. */
  model: string[];
  training: string[];
}

const token = 'embeddingSize: 32';
const rate = 'learningRate: {logUniform: [1e-3, 1e-2]}';

/** A first sweep of each task: over built-in data where there are any, and small enough for a CPU. */
const templates: Readonly<Record<TaskKind, Template>> = {
  'language-model': {
    goal: 'Predict the next character of a text.',
    own: '"unroll dataset add NAME FILE --kind text"',
    dataset: 'typescript-declarations',
    task: '{kind: language-model, tokens: character}   # or word',
    model: [token],
    training: [
      'bptt: 32                            # tokens that the gradient goes back; or {k1: 16, k2: 32}',
      'stateful: true                      # carry the hidden state along the text',
      'batchSize: 16',
      'updates: 1000',
      rate,
    ],
  },
  classification: {
    goal: 'Tell the class of a sequence.',
    own: '"unroll dataset add NAME FILE --kind labelled"; a line of it: {"text": "...", "label": "..."}',
    dataset: '{name: temporal-order, steps: 30}',
    task: '{kind: classification, pooling: last}        # or mean, attention',
    model: [token],
    training: ['batchSize: 32', 'updates: 600', rate],
  },
  regression: {
    goal: 'Tell a number for a sequence.',
    own: '"unroll dataset add NAME FILE --kind labelled"; a line of it: {"values": [...], "target": 1.5}',
    dataset: '{name: adding-problem, steps: 30}',
    task: '{kind: regression, loss: mse}                # or mae, huber, {expression: "abs(prediction - target)"}',
    model: [],
    training: ['batchSize: 32', 'updates: 600', rate],
  },
  tagging: {
    goal: 'Tell the class of each step of a sequence.',
    own: '"unroll dataset add NAME FILE --kind labelled"; a line of it: {"tokens": [...], "tags": [...]}',
    dataset: '{name: copy-memory, steps: 10}',
    task: '{kind: tagging}',
    model: [token],
    training: ['batchSize: 32', 'updates: 600', rate],
  },
  'multilabel-frames': {
    goal: 'Predict the next chord of a piece, or any frame of several labels.',
    own: '"unroll dataset add NAME FILE --kind frames"; the file: [[[60, 64], [62], ...], ...]',
    dataset: 'NAME',
    task: '{kind: multilabel-frames}',
    model: ['dropout: {uniform: [0, 0.5]}'],
    training: ['batchSize: 16', 'epochs: 20', rate],
  },
  forecasting: {
    goal: 'Forecast a series, beside the last value and that of a season ago.',
    own: '"unroll dataset add NAME FILE --kind series"; the file: CSV with a header',
    dataset: 'airline-passengers',
    task: '{kind: forecasting, lookback: 24, horizon: 1, season: 12}',
    model: [],
    training: ['batchSize: 16', 'updates: 600', rate],
  },
  'sequence-to-sequence': {
    goal: 'Write a sequence from another one: here, letters backwards.',
    own: '"unroll dataset add NAME FILE --kind pairs"; a line of it: the source, a tab, the target',
    dataset: 'reversal',
    task: '{kind: sequence-to-sequence, tokens: character, attention: general, beamWidth: 1}',
    model: [token],
    training: [
      'batchSize: 32',
      'updates: 800',
      rate,
      'teacherForcing: 1                   # or scheduled sampling: {kind: linear, from: 1, to: 0.5}',
    ],
  },
  'sequence-from-vector': {
    goal: 'Write a sequence from a vector.',
    own: '"unroll dataset add NAME FILE --kind labelled"; a line of it: {"vector": [...], "text": "..."}',
    dataset: 'NAME',
    task: '{kind: sequence-from-vector, tokens: word}',
    model: [token],
    training: ['batchSize: 32', 'epochs: 20', rate],
  },
  transcription: {
    goal: 'Write what is said in a recording.',
    own: '"unroll dataset add NAME FOLDER --kind audio"; beside the WAV files transcripts.tsv: the file, a tab, its text',
    dataset: 'NAME                         # {name: NAME, split: {group: 2}} holds out speakers, of 7_ann_0.wav',
    task: '{kind: transcription, tokens: character}',
    model: ['bidirectional: true', 'dropout: {uniform: [0, 0.5]}'],
    training: ['batchSize: 16', 'epochs: 30', rate],
  },
  'tree-classification': {
    goal: 'Tell the class of a tree of words.',
    own: '"unroll dataset add NAME FILE --kind labelled"; a line of it: (3 (2 It) (4 (2 works) (2 .)))',
    dataset: 'NAME',
    task: '{kind: tree-classification, nodes: all}    # or root: the classes within a tree are not learned',
    cell: 'lstm                          # child-sum tree-LSTM',
    model: [token],
    training: ['batchSize: 25', 'epochs: 10', rate],
  },
};

const threeCells = '{grid: [rnn, lstm, gru]}      # each an equal number of times';

/** What `unroll init` writes. */
export function commentedSweep(schemaUrl: string, kind: TaskKind = 'language-model'): string {
  const { goal, own, dataset, task, cell = threeCells, model, training } = templates[kind];
  const block = (lines: readonly string[]): string => lines.map((line) => `  ${line}\n`).join('');
  return `# yaml-language-server: $schema=${schemaUrl}
$schema: ${schemaUrl}
name: my-first-sweep

# A registered data set (${own}), or a built-in one ("unroll dataset list").
dataset: ${dataset}

# ${goal}
task: ${task}

# Any value below may be a distribution: {choice: [...]}, {grid: [...]}, {uniform: [a, b]}, {logUniform: [a, b]},
# {int: [a, b]}, {normal: [mean, sd]}.
model:
  cell: ${cell}
  hiddenSize: {choice: [32, 64]}
  layers: 1
${block(model)}
training:
${block(training)}  reportEvery: 100                    # validation runs at each report
  optimizer: adam                     # or {kind: sgd, momentum: 0.9}
  clipNorm: 1

search: {algorithm: random, trials: 6, seed: 0}

# budget: {concurrentTrials: 4}
`;
}

/** A sweep over a text of one's own, small enough for a CPU. */
export function ownTextSweep(dataset: string): Record<string, unknown> {
  return {
    name: dataset,
    dataset,
    task: 'language-model',
    model: { cell: { grid: ['rnn', 'lstm', 'gru'] }, hiddenSize: { choice: [32, 64] }, embeddingSize: 32 },
    training: { bptt: 32, batchSize: 16, updates: 600, reportEvery: 100, learningRate: { logUniform: [2e-3, 2e-2] } },
    search: { trials: 6 },
  };
}
