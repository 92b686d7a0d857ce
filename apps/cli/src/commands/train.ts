import {
  isDistribution,
  initFromProblem,
  tasks,
  trainFile,
  ValidationError,
  validate,
  type TrainFile,
  type TrialSpec,
} from '@unroll/contracts';
import { fingerprintSource, prepare, toReading, type DataSource } from '@unroll/datasets';
import {
  modelFile,
  toModel,
  inheritedReading,
  initialWeights,
  train,
  type LaneReport,
  type LaneResult,
  type Model,
} from '@unroll/training';
import type { Command } from 'commander';
import { CommandFailed } from '../errors/command-failed';
import { fileSource, namedSource, resolveFrom } from '../input/data-sources';
import { readDocument } from '../input/documents';
import { chooseGpu, engineChoice, openNamedEngine, gpuChoice } from '../engines';
import { openModel, writeOutput } from '../input/models';
import { noteRead } from '../show/data';
import { openProgress, type Step } from '../show/progress';
import { note, number, say, sayData, seconds } from '../show/text';
import { example } from './command';
import { wholeNumber } from './options';

interface Options {
  engine: string;
  gpu?: string;
  json?: boolean;
  lanes: number;
  output?: string;
}

/** The path of the first distribution in a document, if any. */
function firstDistribution(node: unknown, path = ''): string | undefined {
  if (typeof node !== 'object' || node === null) return undefined;
  if (isDistribution(node)) return path;
  for (const [key, child] of Object.entries(node)) {
    const found = firstDistribution(child, path ? `${path}.${key}` : key);
    if (found !== undefined) return found;
  }
  return undefined;
}

async function readTrial(file: string): Promise<TrainFile> {
  const document = await readDocument(file);
  const searched = Object(document) as Record<string, unknown>;
  for (const key of ['dataset', 'task', 'model', 'training']) {
    const path = firstDistribution(searched[key], key);
    if (path !== undefined)
      throw new CommandFailed(
        `${path}: is a distribution, but "unroll train" trains a single trial: give a plain value, or submit the file as a sweep`,
        2,
      );
  }
  for (const key of ['search', 'stopping', 'budget', 'objective', 'objectives'])
    if (key in searched) note(`${key} is ignored: it applies only to sweeps.`);
  return validate(trainFile, document);
}

async function openSource({ dataset }: TrainFile, file: string): Promise<DataSource> {
  if (!('path' in dataset)) return namedSource(dataset);
  return fileSource(resolveFrom(file, dataset.path), dataset.kind, 'dataset.path');
}

/** The model that a trial is initialized from, if any. */
async function openInitialModel(
  { training: { initFrom: start } }: TrainFile,
  file: string,
): Promise<Model | undefined> {
  if (!start) return undefined;
  return openModel(start.model === undefined ? start.trial! : resolveFrom(file, start.model));
}

/** The result of one trial, as printed. */
interface Trained {
  state: LaneResult['state'];
  seed: number;
  metrics: Record<string, number>;
  updates: number;
  seconds: number;
  stepsPerSecond: number;
  message?: string | undefined;
}

async function trainCommand(file: string, { engine: wanted, gpu, json, lanes: count, output }: Options): Promise<void> {
  const engineName = chooseGpu(gpu, wanted);
  const read = await readTrial(file);
  const { dataset, task, model, training } = read;
  const { path: _path, kind: _kind, ...reading } = { path: undefined, kind: undefined, ...dataset };
  const spec: TrialSpec = { dataset: { name: 'file', ...reading }, task, model, training };
  const start = await openInitialModel(read, file);
  const problem = start && initFromProblem(spec, start.header.spec);
  if (problem) throw new ValidationError([problem]);
  const source = await openSource(read, file);
  const prepared = prepare(source, { ...spec, reading: start && inheritedReading(spec, start) });
  const { data, baselines } = prepared;
  const engine = await openNamedEngine(engineName);
  const requests = Array.from({ length: count }, (_, lane) => ({
    id: String(lane),
    initFrom: start && initialWeights(spec, start, data),
    spec: { ...spec, training: { ...training, seed: training.seed + lane } },
  }));
  const interrupt = new AbortController();
  process.once('SIGINT', () => interrupt.abort());
  const last = new Map<string, LaneReport>();
  const metric = tasks[task.kind].metrics[0];
  const progress = openProgress('updates', json === true);
  const results = await train(
    requests.map((request) => ({ ...request, signal: interrupt.signal })),
    data,
    {
      engine,
      sampleLength: 0,
      // A refusal is one line: what was read is said once nothing is refused any more.
      onOpen: () => noteRead(prepared),
      onReport: (report) => {
        last.set(report.id, report);
        if (report.id === '0') progress.show(toStep(report, metric));
      },
    },
  );
  progress.end();
  const trials = results.map((result) => toTrained(result, last.get(result.id)?.metrics, training.seed));
  if (output !== undefined && results[0]!.weights) {
    const about = { spec: requests[0]!.spec, reading: toReading(data), fingerprint: fingerprintSource(source) };
    await writeOutput(output, modelFile(toModel(results[0]!, about)));
    note(`Wrote the model of update ${results[0]!.weightsUpdate} to ${output}.`);
  }
  if (json)
    sayData(JSON.stringify({ ...trials[0], engine: engine.name, lanes: count, ...(count > 1 ? { trials } : {}) }));
  else {
    for (const trial of trials) sayTrial(trial, engine.name, count);
    for (const { name, metrics } of baselines) say(`baseline ${name}: ${listed(metrics)}`);
  }
  if (trials.some(({ state }) => state !== 'completed')) process.exitCode = 1;
}

const toTrained = (
  { id, state, updates, seconds: took, stepsPerSecond, message, test }: LaneResult,
  metrics: Record<string, number> | undefined,
  seed: number,
): Trained => ({
  state,
  seed: seed + Number(id),
  metrics: { ...metrics, ...test },
  updates,
  seconds: took,
  stepsPerSecond,
  ...(message === undefined ? {} : { message }),
});

const listed = (metrics: Record<string, number>): string =>
  Object.entries(metrics)
    .map(([name, value]) => `${name} ${number(value)}`)
    .join(', ');

function sayTrial(trial: Trained, engine: string, lanes: number): void {
  const pace = `${trial.updates} updates in ${seconds(trial.seconds)}, ${number(trial.stepsPerSecond)} steps/s, ${engine}`;
  const why = trial.message ? ` (${trial.message})` : '';
  say(`${trial.state}${why}${lanes > 1 ? `, seed ${trial.seed}` : ''}: ${listed(trial.metrics)} (${pace})`);
}

/** A report as a step of a progress bar. `metric` is the task's primary metric. */
function toStep({ update, of, metrics }: LaneReport, metric: string): Step {
  const text = `${metric} ${number(metrics[metric])}`;
  return {
    done: update,
    of,
    text,
    line: `update ${update}/${of}  train.loss ${number(metrics['train.loss'])}  ${text}`,
  };
}

export function addTrainCommand(program: Command): void {
  program
    .command('train <file>')
    .description('train a single trial locally, without services')
    .option('--engine <engine>', engineChoice, 'auto')
    .option('--gpu <gpu>', gpuChoice)
    .option('--lanes <k>', 'train k seeds side by side', wholeNumber(1, 1024), 1)
    .option('-o, --output <file>', 'save the model of the first seed')
    .option('--json', 'print one JSON object as the last line')
    .addHelpText(
      'after',
      example('unroll train trial.yaml -o model.safetensors', 'unroll train trial.yaml --engine cpu --lanes 4 --json'),
    )
    .action(trainCommand);
}
