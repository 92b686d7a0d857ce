import {
  idleOnData,
  idleOptions,
  isDistribution,
  trainFile,
  validate,
  type TrainFile,
  type TrialSpec,
} from '@unroll/contracts';
import {
  fingerprintSource,
  prepare,
  score,
  stepKind,
  toReading,
  type DataSource,
  type PreparedData,
} from '@unroll/datasets';
import { modelFile, Network, toModel, type LaneRequest, type LaneResult, type Model } from '@unroll/training';
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
import { openStart, trainHere, type Left, type LocalTrial, type Start } from '../input/local-training';
import { writeOutput } from '../input/models';
import { openTokenizer } from '../input/named-files';
import { inputSource } from '../input/network';
import { note, number, say, sayData, trainingTime } from '../show/text';
import { example } from './command';
import { wholeNumber } from './options';

interface Options {
  engine: string;
  evaluate?: string;
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

/** Reads a trial file and its data. @throws CommandFailed, ValidationError, DatasetError */
async function openTrial(file: string, { resume = false }: Options): Promise<LocalTrial> {
  const read = await readTrial(file);
  const { dataset, task, model, training } = read;
  const { path: _path, kind: _kind, ...options } = { path: undefined, kind: undefined, ...dataset };
  const spec: TrialSpec = { dataset: { name: 'file', ...options }, task, model, training };
  const start = await openStart(spec, file);
  const source = await openSource(read, file);
  const reading = start?.reading ?? (await openTokenizer(spec, file));
  const prepared = prepare(source, { ...spec, reading, isSubmission: !resume });
  await start?.read?.(prepared.data);
  return { spec, first: start && firstWeights(start, prepared.data, spec), notice: start?.notice, source, prepared };
}

/** The first weights by seed: a model's are the same for all. @throws ValidationError */
function firstWeights(start: Start, data: PreparedData, { training }: TrialSpec): LocalTrial['first'] {
  const own = start.weights(data, training.seed);
  return (seed) => (start.read && seed !== training.seed ? start.weights(data, seed) : own);
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
      initFrom: first?.(seed),
      spec: { ...spec, training: { ...spec.training, seed } },
      checkpoint: earlier?.checkpoints.get(seed),
    };
  });
}

async function trainCommand(file: string, options: Options): Promise<void> {
  const engineName = chooseGpu(options.gpu, options.engine);
  const trial = await openTrial(file, options);
  const idle = [...idleOptions([trial.spec]), ...idleOnData([trial.spec], stepKind(trial.prepared.data))];
  for (const line of idle) note(`warning: ${line}.`);
  const held = options.evaluate === undefined ? undefined : await openEvaluated(trial, options.evaluate);
  const earlier = await findInterrupted(file, trial, options);
  const engine = await openNamedEngine(engineName);
  if (earlier && earlier.engine !== engine.name)
    note(
      `Continues on ${engine.name} what ${earlier.engine} began: the numbers differ by rounding from those of either.`,
    );
  const requests = toRequests(trial, earlier, earlier?.checkpoints.size ?? options.lanes ?? 1);
  const { results, reports, checkpoints } = await trainHere(requests, trial, engine, options.json === true);
  const trials = results.map((result) => toTrained(result, reports.get(result.id)?.metrics, trial.spec.training.seed));
  const model = modelOf(trial, requests[0]!, results[0]!);
  await keep(file, { trial, model, results, checkpoints, engine: engine.name }, options);
  const evaluated = model && held && (await measure(model, held));
  if (options.json) {
    const all = { ...(trials.length > 1 ? { trials } : {}), ...(evaluated ? { evaluated } : {}) };
    sayData(JSON.stringify({ ...trials[0], engine: engine.name, lanes: trials.length, ...all }));
  } else {
    for (const each of trials) sayTrial(each, engine.name, trials.length);
    for (const { name, metrics } of trial.prepared.baselines) say(`baseline ${name}: ${listed(metrics)}`);
    if (evaluated) say(`on ${options.evaluate}${trials.length > 1 ? ', first seed' : ''}: ${listed(evaluated)}`);
  }
  if (trials.some(({ state }) => state !== 'completed')) process.exitCode = 1;
}

/** Data with targets, read as the training data are, to measure the trained network on. @throws CommandFailed, DatasetError */
async function openEvaluated({ spec, prepared }: LocalTrial, path: string): Promise<PreparedData> {
  const header = { spec, reading: toReading(prepared.data) };
  return score(await inputSource(path, header, '--evaluate'), { ...spec, reading: header.reading }).data;
}

async function measure(model: Model, data: PreparedData): Promise<Record<string, number>> {
  const network = new Network(model, data);
  const metrics = await network.measure();
  network.dispose();
  return metrics;
}

/** The model of a lane; undefined for one that has left no weights. */
function modelOf({ source, prepared }: LocalTrial, { spec }: LaneRequest, result: LaneResult): Model | undefined {
  if (!result.weights) return undefined;
  return toModel(result, { spec, reading: toReading(prepared.data), fingerprint: fingerprintSource(source) });
}

/** Writes the model that was asked for; of an interrupted training also its checkpoint, and says how to go on. */
async function keep(
  file: string,
  left: Omit<Left, 'reports'> & { trial: LocalTrial; model: Model | undefined; engine: string },
  { output, resume }: Options,
): Promise<void> {
  const { trial, model, results, checkpoints, engine } = left;
  const fingerprint = fingerprintSource(trial.source);
  const isInterrupted = results.some(({ state }) => state === 'interrupted');
  const target =
    output ?? (isInterrupted ? checkpointFile(file).replace(/checkpoint$/, 'interrupted.safetensors') : undefined);
  if (target !== undefined && model) {
    await writeOutput(target, modelFile(model));
    note(`Wrote the model of update ${model.header.update} to ${target}.`);
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

export function addTrainCommand(program: Command): void {
  program
    .command('train <file>')
    .description('train a single trial locally, without services')
    .option('--engine <engine>', engineChoice, 'auto')
    .option('--gpu <gpu>', gpuChoice)
    .option('--lanes <k>', 'train k seeds side by side (default: 1)', wholeNumber(1, 1024))
    .option('--resume', 'continue a training that Ctrl-C interrupted')
    .option('-o, --output <file>', 'save the model of the first seed')
    .option(
      '--evaluate <file>',
      'measure the network of the first seed on data in the format of the training data, with targets',
    )
    .option('--json', 'print one JSON object as the last line')
    .addHelpText(
      'after',
      example(
        'unroll train trial.yaml -o model.safetensors',
        'unroll train trial.yaml --evaluate new.csv',
        'unroll train trial.yaml --engine cpu --lanes 4 --json',
        'unroll train trial.yaml --resume',
      ),
    )
    .action(trainCommand);
}
