import { tasks, type DataReading, type ModelHeader, type TaskKind } from '@unroll/contracts';
import { rolesOf } from '@unroll/datasets';
import { isDeepStrictEqual } from 'node:util';

/** What keeps a model from answering as one with the first of several. */
export interface CombinationProblem {
  /** Of the model, from 0. */
  index: number;
  /** Its option, with its value there and in the first. */
  message: string;
}

/** What of a reading decides on the numbers that a network reads and answers with, in words. */
const readAlike: Partial<Record<keyof DataReading, string>> = {
  inputVocabulary: 'symbols of the input',
  inputMerges: 'subwords of the input',
  inputAdded: 'added tokens of the input',
  targetVocabulary: 'classes or symbols of the answer',
  inputScaling: 'scaling of the input, as of another training part',
  targetScaling: 'scaling of the target, as of another training part',
  sampleRate: 'sample rate',
  inputWidth: 'numbers of a step',
  targetWidth: 'numbers of a target',
};

/** What has to be equal of a forecast: of the same rows of the same columns, as points, at the same quantiles, or as distributions. */
function forecastParts({ spec: { task }, reading: { columns = [] } }: ModelHeader): Record<string, unknown> {
  if (task.kind !== 'forecasting') return {};
  const { loss, horizon } = task;
  const answer =
    typeof loss !== 'object' || 'expression' in loss
      ? 'a value'
      : 'quantiles' in loss
        ? `quantiles ${loss.quantiles.join(', ')}`
        : 'a distribution';
  return {
    'task.target': rolesOf(columns, task)
      .targets.map((target) => columns[target]!)
      .join(', '),
    'task.horizon': horizon,
    'task.loss': answer,
  };
}

/** What has to be equal of how data are read, whatever part of them was held out. */
function datasetParts({ spec: { dataset } }: ModelHeader): Record<string, unknown> {
  const { name: _name, split: _split, fold: _fold, splitSeed: _seed, ...read } = dataset;
  return Object.fromEntries(Object.entries(read).map(([key, value]) => [`dataset.${key}`, value]));
}

const shown = (value: unknown): string => (typeof value === 'string' ? value : (JSON.stringify(value) ?? 'absent'));

function differing(parts: Record<string, unknown>, first: Record<string, unknown>): string | undefined {
  const key = Object.keys({ ...first, ...parts }).find((each) => !isDeepStrictEqual(parts[each], first[each]));
  return key && `${key}: is ${shown(parts[key])}, and ${shown(first[key])} in the first`;
}

/** Whether what a task answers with is a text, or what a text goes on with. */
function isWritten(kind: TaskKind): boolean {
  const { answers, reads, loss } = tasks[kind];
  return answers === 'written' || reads === 'stream' || loss === 'connectionist temporal classification';
}

function problemOf(header: ModelHeader, first: ModelHeader): string | undefined {
  const [{ task }, { task: other }] = [header.spec, first.spec];
  if (task.kind !== other.kind) return `task: is ${task.kind}, and ${other.kind} in the first`;
  if (isWritten(task.kind)) return `task: what networks of ${task.kind} write has no mean`;
  if (header.fingerprint !== first.fingerprint) return 'was trained on other data than the first';
  const options = differing(
    { ...forecastParts(header), ...datasetParts(header) },
    { ...forecastParts(first), ...datasetParts(first) },
  );
  if (options !== undefined || task.kind === 'forecasting') return options;
  const key = (Object.keys(readAlike) as (keyof DataReading)[]).find(
    (each) => !isDeepStrictEqual(header.reading[each], first.reading[each]),
  );
  return key && `reads other ${readAlike[key]} than the first`;
}

/** The first of several models that cannot answer as one with those before it. */
export function combinationProblem(headers: readonly ModelHeader[]): CombinationProblem | undefined {
  for (const [index, header] of headers.entries()) {
    const message = problemOf(header, headers[0]!);
    if (message !== undefined && headers.length > 1) return { index, message };
  }
  return undefined;
}
