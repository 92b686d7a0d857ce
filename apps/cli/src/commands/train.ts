import {
  isDistribution,
  parseDocument,
  taskMetrics,
  trainFile,
  validate,
  type DatasetKind,
  type DatasetView,
  type TrainFile,
  type TrialSpec,
} from '@unroll/contracts';
import { builtIns, prepare, type DataSource } from '@unroll/datasets';
import { openEngine, train, type LaneReport, type LaneResult } from '@unroll/training';
import { SingleBar } from 'cli-progress';
import type { Command } from 'commander';
import { existsSync } from 'node:fs';
import { access } from 'node:fs/promises';
import { dirname, resolve } from 'node:path';
import { call, download } from '../api-client';
import { CommandFailed } from '../command-failed';
import { readText } from '../documents';
import { note, number, say, seconds } from '../show/text';
import { example } from './command';
import { wholeNumber } from './options';

interface Options {
  engine: string;
  json?: boolean;
  lanes: number;
}

/** The path of the first distribution in a document. */
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
  const document = parseDocument(await readText(file));
  const searched = Object(document) as Record<string, unknown>;
  for (const key of ['dataset', 'task', 'model', 'training']) {
    const path = firstDistribution(searched[key], key);
    if (path !== undefined)
      throw new CommandFailed(
        `${path}: is a distribution; "unroll train" trains one trial, so give a plain value (or submit the file as a sweep)`,
        2,
      );
  }
  for (const key of ['search', 'budget', 'objective'])
    if (key in searched) note(`${key} is ignored: it belongs to a sweep.`);
  return validate(trainFile, document);
}

async function sourceOf({ dataset }: TrainFile, file: string): Promise<DataSource> {
  if ('path' in dataset) {
    const beside = resolve(dirname(file), dataset.path);
    const path = existsSync(beside) ? beside : resolve(dataset.path);
    await access(path).catch((error: NodeJS.ErrnoException) => {
      throw new CommandFailed(`dataset.path: ${path} cannot be read (${error.code})`, 2);
    });
    return { kind: dataset.kind, path };
  }
  const { name } = dataset;
  const builtIn = builtIns.find((candidate) => candidate.name === name);
  return builtIn ? { kind: builtIn.kind, bytes: builtIn.read(dataset) } : registered(name);
}

/** A data set that the stack which runs knows. Training itself needs none. */
async function registered(name: string): Promise<DataSource> {
  try {
    const path = `/v1/datasets/${encodeURIComponent(name)}`;
    const { kind } = await call<DatasetView>(path);
    const bytes = new Uint8Array(await new Response(await download(`${path}/content`)).arrayBuffer());
    return { kind: kind as DatasetKind, bytes };
  } catch (error) {
    if (!(error instanceof CommandFailed)) throw error;
    throw new CommandFailed(
      `dataset: ${name} is no built-in data set (${builtIns.map((each) => each.name).join(', ')}), and no stack that runs here has it (${error.message}); for a file write dataset: {path: FILE, kind: text}`,
      2,
    );
  }
}

/** Values of one trial for people and programs. */
interface Trained {
  state: LaneResult['state'];
  seed: number;
  metrics: Record<string, number>;
  updates: number;
  seconds: number;
  stepsPerSecond: number;
  message?: string | undefined;
}

async function trainCommand(file: string, { engine: engineName, json, lanes: count }: Options): Promise<void> {
  const read = await readTrial(file);
  const { dataset, task, model, training } = read;
  const { path: _path, kind: _kind, ...reading } = { path: undefined, kind: undefined, ...dataset };
  const spec: TrialSpec = { dataset: { name: 'file', ...reading }, task, model, training };
  const { data, baselines } = prepare(await sourceOf(read, file), spec);
  const engine = await openEngine(engineName as never).catch((error: Error) => {
    throw new CommandFailed(error.message, 2);
  });
  const requests = Array.from({ length: count }, (_, lane) => ({
    id: String(lane),
    spec: { ...spec, training: { ...training, seed: training.seed + lane } },
  }));
  const interrupt = new AbortController();
  process.once('SIGINT', () => interrupt.abort());
  const last = new Map<string, LaneReport>();
  const progress = progressOf(taskMetrics[task.kind][0], json === true);
  const results = await train(
    requests.map((request) => ({ ...request, signal: interrupt.signal })),
    data,
    {
      engine,
      onReport: (report) => {
        last.set(report.id, report);
        if (report.id === '0') progress.report(report);
      },
    },
  );
  progress.end();
  const trials = results.map((result): Trained => {
    const { id, state, updates, stepsPerSecond, message } = result;
    return {
      state,
      seed: training.seed + Number(id),
      metrics: { ...last.get(id)?.metrics, ...result.test },
      updates,
      seconds: result.seconds,
      stepsPerSecond,
      ...(message === undefined ? {} : { message }),
    };
  });
  if (json) say(JSON.stringify({ ...trials[0], engine: engine.name, lanes: count, ...(count > 1 ? { trials } : {}) }));
  else {
    for (const trial of trials) sayTrial(trial, engine.name, count);
    for (const { name, metrics } of baselines) say(`beside it, ${name}: ${listed(metrics)}`);
  }
  if (trials.some(({ state }) => state !== 'completed')) process.exitCode = 1;
}

const listed = (metrics: Record<string, number>): string =>
  Object.entries(metrics)
    .map(([name, value]) => `${name} ${number(value)}`)
    .join(', ');

function sayTrial(trial: Trained, engine: string, lanes: number): void {
  const pace = `${trial.updates} updates in ${seconds(trial.seconds)}, ${number(trial.stepsPerSecond)} a second, ${engine}`;
  const why = trial.message ? ` (${trial.message})` : '';
  say(`${trial.state}${why}${lanes > 1 ? `, seed ${trial.seed}` : ''}: ${listed(trial.metrics)} (${pace})`);
}

/** A bar in a terminal, plain lines in a pipe, nothing beside JSON. `metric` is the task's own. */
function progressOf(metric: string, quiet: boolean): { report(report: LaneReport): void; end(): void } {
  const line = ({ update, of, metrics }: LaneReport): string =>
    `update ${update}/${of}  train.loss ${number(metrics['train.loss'])}  ${metric} ${number(metrics[metric])}`;
  if (quiet || !process.stderr.isTTY) return { report: (report) => note(line(report)), end: () => undefined };
  const bar = new SingleBar({
    format: '{bar} {percentage}% | {value}/{total} updates | {text}',
    stopOnComplete: true,
    hideCursor: true,
    stream: process.stderr,
  });
  let started = false;
  return {
    report({ update, of, metrics }) {
      if (!started) bar.start(of, 0, { text: '' });
      started = true;
      bar.update(update, { text: `${metric} ${number(metrics[metric])}` });
    },
    end: () => bar.stop(),
  };
}

export function addTrainCommand(program: Command): void {
  program
    .command('train <file>')
    .description('train one trial here, without services')
    .option('--engine <engine>', 'auto, tensorflow, native, wasm or cpu', 'auto')
    .option('--lanes <k>', 'train it with k seeds side by side', wholeNumber(1, 1024), 1)
    .option('--json', 'print one JSON object as the last line')
    .addHelpText('after', example('unroll train trial.yaml', 'unroll train trial.yaml --engine cpu --lanes 4 --json'))
    .action(trainCommand);
}
