import {
  isDistribution,
  initFromProblem,
  tasks,
  trainFile,
  ValidationError,
  validate,
  type DataReading,
  type TrainFile,
  type TrialSpec,
} from '@unroll/contracts';
import {
  fingerprintSource,
  prepare,
  toReading,
  type DataSource,
  type Prepared,
  type PreparedData,
} from '@unroll/datasets';
import {
  foreignWeights,
  modelFile,
  toModel,
  inheritedReading,
  initialWeights,
  train,
  type Checkpoint,
  type Engine,
  type LaneReport,
  type LaneRequest,
  type LaneResult,
  type Weights,
} from '@unroll/training';
import type { Command } from 'commander';
import { existsSync } from 'node:fs';
import { CommandFailed } from '../errors/command-failed';
import { fileSource, namedSource, resolveFrom } from '../input/data-sources';
import { readDocument } from '../input/documents';
import { chooseGpu, engineChoice, openNamedEngine, gpuChoice } from '../engines';
import {
  checkpointFile,
  readInterrupted,
  removeInterrupted,
  writeInterrupted,
  type InterruptedTraining,
} from '../input/interrupted-training';
import { openFileToStartFrom, openModel, writeOutput } from '../input/models';
import { noteRead } from '../show/data';
import { openProgress, type Step } from '../show/progress';
import { note, number, say, sayData, trainingTime } from '../show/text';
import { example } from './command';
import { wholeNumber } from './options';

interface Options {
  engine: string;
  gpu?: string;
  json?: boolean;
  lanes?: number;
  output?: string;
  resume?: boolean;
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

/** What a trial is initialized from: how its data is read then, and its first weights. */
interface Start {
  /** What is said about it once nothing is refused any more. */
  notice?: string | undefined;
  reading?: DataReading | undefined;
  weights: (data: PreparedData) => Weights;
}

/** @throws CommandFailed, ValidationError for a model that does not fit the trial */
async function openStart(spec: TrialSpec, file: string): Promise<Start | undefined> {
  const { initFrom } = spec.training;
  if (!initFrom) return undefined;
  const { trial, model: path, modules } = initFrom;
  const opened =
    path === undefined
      ? { model: await openModel(trial!) }
      : await openFileToStartFrom(resolveFrom(file, path), modules);
  if ('layers' in opened) {
    const notice = `Starts from ${opened.layers.origin}; other weights are drawn.`;
    return { notice, weights: (data) => foreignWeights(spec, opened.layers, data) };
  }
  const { model } = opened;
  const problem = initFromProblem(spec, model.header.spec);
  if (problem) throw new ValidationError([problem]);
  return { reading: inheritedReading(spec, model), weights: (data) => initialWeights(spec, model, data) };
}

/** A trial to train here: its specification, its data, and its first weights if they are not drawn. */
interface LocalTrial {
  spec: TrialSpec;
  first: Weights | undefined;
  /** What is said about them. */
  notice: string | undefined;
  source: DataSource;
  prepared: Prepared;
}

/** Reads a trial file and its data. @throws CommandFailed, ValidationError, DatasetError */
async function openTrial(file: string): Promise<LocalTrial> {
  const read = await readTrial(file);
  const { dataset, task, model, training } = read;
  const { path: _path, kind: _kind, ...reading } = { path: undefined, kind: undefined, ...dataset };
  const spec: TrialSpec = { dataset: { name: 'file', ...reading }, task, model, training };
  const start = await openStart(spec, file);
  const source = await openSource(read, file);
  const prepared = prepare(source, { ...spec, reading: start?.reading });
  return { spec, first: start?.weights(prepared.data), notice: start?.notice, source, prepared };
}

/** The result of one trial, as printed. */
interface Trained {
  state: LaneResult['state'];
  seed: number;
  /** Of the weights that are kept, which were those of `weightsUpdate`. */
  metrics: Record<string, number>;
  weightsUpdate?: number | undefined;
  updates: number;
  seconds: number;
  validationSeconds: number;
  stepsPerSecond: number;
  message?: string | undefined;
}

/** Where an interrupted training is continued: its checkpoints, for as many lanes as it had. */
async function findInterrupted(
  file: string,
  { spec, source }: LocalTrial,
  { resume, lanes }: Options,
): Promise<InterruptedTraining | undefined> {
  const path = checkpointFile(file);
  if (!resume) {
    if (existsSync(path)) note(`${path} is of an interrupted training: --resume continues it.`);
    return undefined;
  }
  const found = await readInterrupted(path, { spec, fingerprint: fingerprintSource(source) });
  const { size } = found.checkpoints;
  if (lanes !== undefined && lanes !== size)
    throw new CommandFailed(`--lanes ${lanes}: ${path} has ${size}; leave the option out to continue these`, 2);
  return found;
}

/** The lanes of a trial: its seed and the following ones. */
function toRequests(trial: LocalTrial, earlier: InterruptedTraining | undefined, count: number): LaneRequest[] {
  const { spec, first } = trial;
  return Array.from({ length: count }, (_, lane) => {
    const seed = spec.training.seed + lane;
    return {
      id: String(lane),
      initFrom: first,
      spec: { ...spec, training: { ...spec.training, seed } },
      checkpoint: earlier?.checkpoints.get(seed),
    };
  });
}

async function trainCommand(file: string, options: Options): Promise<void> {
  const engineName = chooseGpu(options.gpu, options.engine);
  const trial = await openTrial(file);
  const earlier = await findInterrupted(file, trial, options);
  const engine = await openNamedEngine(engineName);
  if (earlier && earlier.engine !== engine.name)
    note(
      `Continues on ${engine.name} what ${earlier.engine} began: the numbers differ by rounding from those of either.`,
    );
  const requests = toRequests(trial, earlier, earlier?.checkpoints.size ?? options.lanes ?? 1);
  const { results, reports, checkpoints } = await trainHere(requests, trial, engine, options.json === true);
  const trials = results.map((result) => toTrained(result, reports.get(result.id)?.metrics, trial.spec.training.seed));
  await keep(file, { trial, requests, results, checkpoints, engine: engine.name }, options);
  if (options.json) {
    const all = trials.length > 1 ? { trials } : {};
    sayData(JSON.stringify({ ...trials[0], engine: engine.name, lanes: trials.length, ...all }));
  } else {
    for (const each of trials) sayTrial(each, engine.name, trials.length);
    for (const { name, metrics } of trial.prepared.baselines) say(`baseline ${name}: ${listed(metrics)}`);
  }
  if (trials.some(({ state }) => state !== 'completed')) process.exitCode = 1;
}

/** What a training leaves: its results and the last report of each lane; of an interrupted one, the checkpoints by seed. */
interface Left {
  results: LaneResult[];
  reports: Map<string, LaneReport>;
  checkpoints: Map<number, Checkpoint>;
}

/** Trains with a progress bar. The first Ctrl-C ends the training after the current update; the second, the process at once. */
async function trainHere(
  requests: LaneRequest[],
  { spec, prepared, notice }: LocalTrial,
  engine: Engine,
  json: boolean,
): Promise<Left> {
  const interrupt = new AbortController();
  process.once('SIGINT', () => interrupt.abort());
  const reports = new Map<string, LaneReport>();
  const checkpoints = new Map<number, Checkpoint>();
  const [metric] = tasks[spec.task.kind].metrics;
  const progress = openProgress('updates', json);
  const results = await train(requests, prepared.data, {
    engine,
    sampleLength: 0,
    drain: interrupt.signal,
    keepInterrupted: true,
    // A refusal is one line: what was read is said once nothing is refused any more.
    onOpen: () => {
      noteRead(prepared);
      if (notice !== undefined) note(notice);
    },
    onUpdate: (_, { update, of }) => progress.show({ done: update, of }),
    onReport: (report) => {
      reports.set(report.id, report);
      if (report.id === '0') progress.show(toStep(report, metric));
    },
    onCheckpoint: (id, checkpoint) => void checkpoints.set(spec.training.seed + Number(id), checkpoint),
  });
  progress.end();
  return { results, reports, checkpoints };
}

/** Writes the model that was asked for; of an interrupted training also its checkpoint, and says how to go on. */
async function keep(
  file: string,
  left: Omit<Left, 'reports'> & { trial: LocalTrial; requests: LaneRequest[]; engine: string },
  { output, resume }: Options,
): Promise<void> {
  const { trial, requests, results, checkpoints, engine } = left;
  const fingerprint = fingerprintSource(trial.source);
  const isInterrupted = results.some(({ state }) => state === 'interrupted');
  const model =
    output ?? (isInterrupted ? checkpointFile(file).replace(/checkpoint$/, 'interrupted.safetensors') : undefined);
  const [first] = results;
  if (model !== undefined && first!.weights) {
    const about = { spec: requests[0]!.spec, reading: toReading(trial.prepared.data), fingerprint };
    await writeOutput(model, modelFile(toModel(first!, about)));
    note(`Wrote the model of update ${first!.weightsUpdate} to ${model}.`);
  }
  const path = checkpointFile(file);
  if (isInterrupted) {
    await writeInterrupted(path, { spec: trial.spec, fingerprint, engine, checkpoints });
    note(`Interrupted: ${path} keeps all of it. Go on with: npx unroll train ${file} --resume`);
  } else if (resume) await removeInterrupted(path);
}

const toTrained = (
  { id, state, updates, seconds, validationSeconds, stepsPerSecond, message, metrics, weightsUpdate, test }: LaneResult,
  reported: Record<string, number> | undefined,
  seed: number,
): Trained => ({
  state,
  seed: seed + Number(id),
  metrics: { ...(metrics ?? reported), ...test },
  ...(weightsUpdate === undefined ? {} : { weightsUpdate }),
  updates,
  seconds,
  validationSeconds,
  stepsPerSecond,
  ...(message === undefined ? {} : { message }),
});

const listed = (metrics: Record<string, number>): string =>
  Object.entries(metrics)
    .map(([name, value]) => `${name} ${number(value)}`)
    .join(', ');

function sayTrial(trial: Trained, engine: string, lanes: number): void {
  const { state, metrics, message, seed, updates, weightsUpdate } = trial;
  const took = trainingTime(trial.seconds, trial.validationSeconds);
  const pace = `${updates} updates in ${took}, ${number(trial.stepsPerSecond)} steps/s, ${engine}`;
  const why = message ? ` (${message})` : '';
  const kept = weightsUpdate === undefined || weightsUpdate === updates ? '' : `, kept update ${weightsUpdate}`;
  const reached = listed(metrics) || 'no report of these weights';
  say(`${state}${why}${lanes > 1 ? `, seed ${seed}` : ''}${kept}: ${reached} (${pace})`);
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
    .option('--lanes <k>', 'train k seeds side by side (default: 1)', wholeNumber(1, 1024))
    .option('--resume', 'continue a training that Ctrl-C interrupted')
    .option('-o, --output <file>', 'save the model of the first seed')
    .option('--json', 'print one JSON object as the last line')
    .addHelpText(
      'after',
      example(
        'unroll train trial.yaml -o model.safetensors',
        'unroll train trial.yaml --engine cpu --lanes 4 --json',
        'unroll train trial.yaml --resume',
      ),
    )
    .action(trainCommand);
}
