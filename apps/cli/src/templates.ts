import { datasetKindDefinitions, tasks, type DatasetKind, type FirstSweep, type TaskKind } from '@unroll/contracts';
import type { Tokens } from '@unroll/datasets';

const threeCells = '{grid: [rnn, lstm, gru]}      # each equally often';

/** The data set of a first sweep in YAML: a built-in one, or the sample beside the file. */
function datasetLine(dataset: FirstSweep['dataset'], kind: DatasetKind): string {
  if (typeof dataset === 'string') return dataset;
  const { sample, options, note } = dataset;
  const parts = [`path: ${sample}`, `kind: ${kind}`, ...(options === undefined ? [] : [options])];
  return `{${parts.join(', ')}}${note === undefined ? '' : `   # ${note}`}`;
}

/** What `unroll init` writes: the first sweep of a task, small enough for a CPU. */
export function commentedSweep(schemaUrl: string, kind: TaskKind = 'language-model'): string {
  const { datasets, firstSweep } = tasks[kind];
  const { goal, file, dataset, task, cell = threeCells, model, training } = firstSweep;
  const [usual] = datasets;
  const place = datasetKindDefinitions[usual].archive === 'required' ? 'FOLDER' : 'FILE';
  const own = [`"unroll dataset add NAME ${place} --kind ${usual}"`, ...(file === undefined ? [] : [file])].join('; ');
  const block = (lines: readonly string[]): string => lines.map((line) => `  ${line}\n`).join('');
  return `# yaml-language-server: $schema=${schemaUrl}
$schema: ${schemaUrl}
name: my-first-sweep

# A registered data set (${own}), a built-in one ("unroll dataset list"), or a ${place.toLowerCase()}: {path: ${place}, kind: ${usual}}.
dataset: ${datasetLine(dataset, usual)}

# ${goal}
task:${task.startsWith('\n') ? '' : ' '}${task}

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

/** The updates of each trial of a sweep over the user's own text, unless it gets a time. */
const fewUpdates = 600;

interface OwnText {
  dataset?: unknown;
  updates?: number | undefined;
  tokens?: Tokens | undefined;
}

/** Few subwords, which a small network learns on a short text. */
const ownTextTask = (tokens: Tokens) =>
  tokens === 'character'
    ? 'language-model'
    : { kind: 'language-model', tokens, ...(tokens === 'subword' ? { vocabulary: 1000 } : {}) };

/** A sweep over the user's own text, small enough for a CPU. */
export function ownTextSweep(
  name: string,
  { dataset = name, updates = fewUpdates, tokens = 'character' }: OwnText = {},
) {
  return {
    name,
    dataset,
    task: ownTextTask(tokens),
    model: { cell: { grid: ['rnn', 'lstm', 'gru'] }, hiddenSize: { choice: [32, 64] }, embeddingSize: 32 },
    training: {
      bptt: 32,
      batchSize: 16,
      updates,
      reportEvery: Math.max(100, Math.round(updates / 20)),
      learningRate: { logUniform: [2e-3, 2e-2] },
    },
    search: { trials: 6 },
  };
}
