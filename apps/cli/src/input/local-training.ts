import { initFromProblem, tasks, ValidationError, type DataReading, type TrialSpec } from '@unroll/contracts';
import type { DataSource, Prepared, PreparedData, WordVectors } from '@unroll/datasets';
import {
  embeddingWeights,
  foreignWeights,
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
import { resolveFrom } from './data-sources';
import { openFileToStartFrom, openModel } from './models';
import { openWordVectors } from './named-files';
import { noteRead } from '../show/data';
import { openProgress, type Step } from '../show/progress';
import { note, number } from '../show/text';

/** What a trial is initialized from: how its data is read then, and its first weights. */
export interface Start {
  /** What is said about it once nothing is refused any more. */
  notice?: string | undefined;
  reading?: DataReading | undefined;
  /** Of a lane with that seed. */
  weights: (data: PreparedData, seed: number) => Weights;
  /** Reads what depends on the data, before `weights`. */
  read?: (data: PreparedData) => Promise<void>;
}

/** What a trial starts from; `file`: the one that it is in. @throws CommandFailed, ValidationError for a model that does not fit it */
export async function openStart(spec: TrialSpec, file = ''): Promise<Start | undefined> {
  const { initFrom } = spec.training;
  if (!initFrom) return undefined;
  const { trial, model: path, modules, embedding } = initFrom;
  if (embedding !== undefined) return fromVectors(spec, file);
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

/** A start from word vectors. */
function fromVectors(spec: TrialSpec, file: string): Start {
  let found: WordVectors | undefined;
  return {
    read: async (data) => void (found = await openWordVectors(spec, file, data)),
    weights: (data, seed) => embeddingWeights(spec, found!, data, seed),
  };
}

/** A trial to train here: its specification, its data, and its first weights if they are not drawn. */
export interface LocalTrial {
  spec: TrialSpec;
  /** Of a lane with that seed. */
  first: ((seed: number) => Weights) | undefined;
  /** What is said about them. */
  notice: string | undefined;
  source: DataSource;
  prepared: Prepared;
}

/** What a training leaves: its results and the last report of each lane; of an interrupted one, the checkpoints by seed. */
export interface Left {
  results: LaneResult[];
  reports: Map<string, LaneReport>;
  checkpoints: Map<number, Checkpoint>;
}

/** Trains with a progress bar. The first Ctrl-C ends the training after the current update; the second, the process at once. */
export async function trainHere(
  requests: LaneRequest[],
  { spec, prepared, notice }: Pick<LocalTrial, 'spec' | 'prepared' | 'notice'>,
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
