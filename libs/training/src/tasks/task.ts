import type { Snapshots, TaskKind, TaskSpec, TrialSpec } from '@unroll/contracts';
import type { Tokens } from '@unroll/datasets';
import type { LanePosition, Part } from '../batches/lane-position';
import type { Observer } from '../nn/observer';
import type { Named, Parameter, States } from '../nn/parameter';
import type { Tensor } from '../tensor/tfjs';
import type { DataNeed, TaskData } from './task-data';

/** A trial of one kind of task, or of several. */
export type TrialOf<Kind extends TaskKind> = TrialSpec & { task: Extract<TaskSpec, { kind: Kind }> };

/** The output layer of a network that is its layers and one output layer. */
export interface Head {
  /** Whether it answers once for a sequence, for each of its steps, or for each step of a text that never ends. */
  over: 'sequence' | 'steps' | 'stream';
  /** A class, labels each by itself, or numbers. */
  gives: 'class' | 'labels' | 'numbers';
}

/**
 * What is learned. `Kind` types the options in `spec.task`, and `Need` the data: both are checked once, by `openTask` and
 * `taskParameters`. A new task is one file beside this one and one entry in tasks.ts.
 */
export interface Task<Kind extends TaskKind = TaskKind, Need extends DataNeed = DataNeed> {
  readonly kind: Kind;
  readonly needs: Need;
  /** Undefined for a network that is more than its layers and one output layer. */
  readonly head?: Head;
  /** How such a network answers one sequence; undefined for one that answers otherwise. */
  answers?(spec: TrialOf<Kind>, data: TaskData[Need]): SequenceAnswers | undefined;
  /** The parameters of one lane. */
  parameters(spec: TrialOf<Kind>, data: TaskData[Need]): Parameter[];
  /** Makes the data ready for lanes that share everything in `spec` that has to be equal. Throws Error for data it cannot use. */
  open(spec: TrialOf<Kind>, data: TaskData[Need]): OpenTask<unknown>;
}

/** A task of any kind, as `getTask` gives it: only for a trial of that kind, and for data that `requireData` accepts. */
export interface AnyTask extends Pick<Task, 'kind' | 'needs' | 'head'> {
  answers?(spec: TrialSpec, data: TaskData[DataNeed]): SequenceAnswers | undefined;
  parameters(spec: TrialSpec, data: TaskData[DataNeed]): Parameter[];
  open(spec: TrialSpec, data: TaskData[DataNeed]): OpenTask<unknown>;
}

/** `Batch` is the task's own; its tensors belong to the surrounding tidy. */
export interface OpenTask<Batch> {
  /** Updates of one pass over the data. */
  readonly updatesPerEpoch: number;
  /**
   * Whether a batch has one shape at every update. Lanes at different updates can then be trained side by side and get, bit
   * for bit, the numbers that they get alone. Where batches are padded to the longest of their sequences, a lane beside
   * another update's would be summed in other parts.
   */
  readonly evenBatches: boolean;
  /** The states before the first step; empty where none are carried. */
  zeroStates(lanes: number): States;
  /** How many updates ago the state was saved from which a window is computed; 0 where every window starts from zeros. */
  readonly stateAge: number;
  /** How many updates of the current pass over the data a lane has done. */
  sinceReset(position: LanePosition): number;
  trainingBatch(positions: readonly LanePosition[]): Batch;
  /** Mean loss of each lane, [lane], and the states after the last step. Differentiated in the parameters. */
  loss(parameters: Named, batch: Batch, states: States, positions: readonly LanePosition[]): Outcome;
  /** The answers of a network to the inputs of a part, in their order; undefined for a task without answers to inputs. */
  answering?: ((part: Part) => Answering) | undefined;
  /** Continues a text token by token; undefined for a task that does not. */
  writer?: Writer | undefined;
  /** A new measurement of a held-out part. Throws Error where that part does not exist. */
  evaluation(part: Part, lanes: number): Evaluation;
  /** Frees what it keeps on the device; undefined where it keeps nothing. */
  dispose?: (() => void) | undefined;
  /** A new inspection, of the validation part; undefined for a task without diagnostics. */
  inspection?: (() => Inspection) | undefined;
  /** What people look at of a trained network, one lane's; undefined for a task without it. */
  exhibit?: ((parameters: Named) => Promise<Exhibited>) | undefined;
  /** A line written by each lane, from its own stream of random numbers; undefined for a task that writes nothing. */
  sample?: ((parameters: Named, positions: readonly LanePosition[], length: number) => Promise<string[]>) | undefined;
}

export interface Outcome {
  loss: Tensor;
  /** Of each lane, [lane], what is minimised in addition to the loss and not reported with it; undefined for nothing. */
  penalty?: Tensor | undefined;
  states: States;
  /** The new values of buffers, by parameter. */
  buffers?: Readonly<Record<string, Tensor>>;
}

/** A few held-out sequences for diagnostics, the same at every report and for every lane. */
export interface Inspection {
  /** The widths of the network's layers that have a state to observe. */
  widths: readonly number[];
  /** Steps of each sequence, none 0; [batch]. */
  lengths: Int32Array;
  /** Steps of all of them, after padding. */
  steps: number;
  /**
   * For each of `lanes` lanes, the sum over the sequences of the loss at their last step that counts, [lane]: training's loss
   * without the mean. Runs the network's layers with `observer`.
   */
  loss(parameters: Named, lanes: number, observer: Observer): Tensor;
  /** The symbols that a sequence's steps read; undefined where they read numbers. */
  symbols?: ((sequence: number) => string[]) | undefined;
}

/** One measurement of held-out data, batch by batch. */
export interface Evaluation {
  readonly batches: number;
  /** The states before the first batch. */
  zeroStates(): States;
  /**
   * The values of batch `index`, to be read back, [lane, n]; and the states of the next batch, empty where it starts from
   * zeros.
   */
  measure(parameters: Named, index: number, states: States): { values: Tensor; states: States };
  /** Adds values that were read back, in the order of batches. */
  add(values: Float32Array, index: number): void;
  /** A lane's metrics, without the prefix; `loss` is always among them. */
  metrics(lane: number): Record<string, number>;
  /** How several networks are measured as one; undefined for a task whose answers have no mean. */
  combined?: Combined | undefined;
}

/** What several networks answer as one: the mean of their outputs, which are the values that `answering` reads. */
export interface Combined {
  /** The probabilities or numbers that one network gives for batch `index`. */
  outputs(parameters: Named, index: number): Tensor;
  /** The values of batch `index` from the mean of such outputs, to be read back and added as those of `measure`, [1, n]. */
  measure(mean: Tensor, index: number): Tensor;
}

/** The forecast of one column, in the unit of the data. */
export interface TargetForecast {
  values: number[];
  /** By their levels; undefined for a forecast without intervals. */
  quantiles?: Record<string, number[]>;
  /** Draws a path from the distribution of each row, within `drawnWith`; undefined for what is no distribution. */
  draw?: () => number[];
  /** Its quantiles at any ascending levels, [level][row]; undefined for what is no distribution. */
  quantilesAt?: (levels: readonly number[]) => number[][];
}

/** Forecasts of the columns in task.target, in their order. */
export interface ForecastAnswer {
  forecasts: TargetForecast[];
}

/** The answer of a network to one input. */
export type Answer =
  | { class: string; probability: number; probabilities: Record<string, number> }
  | { value: number }
  | ForecastAnswer
  | { tags: string[] }
  | { labels: { label: string; probability: number }[] }
  | { text: string };

/** Answers to single sequences. */
export interface SequenceAnswers {
  /** What the output layer reads: the output that was read last, the mean of all, or the output of each step. */
  reads: 'last' | 'mean' | 'steps';
  /** The answer to the example of that number, from what the output layer gives, as probabilities where it gives classes or labels. */
  read: (values: Float32Array, example: { index: number; length: number }) => Answer;
}

/** Answers, batch by batch, of one lane. */
export interface Answering {
  readonly batches: number;
  /** The values of batch `index`, to be read back. */
  run(parameters: Named, index: number): Tensor;
  /** The answers in values that were read back, each with the number of its example. */
  read(values: Float32Array, index: number): { example: number; answer: Answer }[];
}

/** What people look at of the network of one lane. */
export type Exhibited = Pick<Snapshots, 'forecasts' | 'classes' | 'tagged' | 'written' | 'frames'>;

/** What people look at, of answers to the validation part. */
export interface ShownAnswers {
  answering: Answering;
  /** From all answers, in the order of their examples. */
  show(answers: readonly Answer[]): Exhibited;
}

/** A network that continues what it has read. */
export interface Writer {
  vocabulary: readonly string[];
  /** What a token is. */
  tokens: Tokens;
  /** Of a network without a state, how many of the last tokens it reads again for each one that it writes. */
  rereads?: number | undefined;
  /** The states before the first token, of one lane. */
  start(batch: number): States;
  /**
   * ids int32 [lane, time, batch] → logits of the token after each step [lane, time · batch, vocabulary], and the states
   * after them.
   */
  step(parameters: Named, ids: Tensor, states: States): { logits: Tensor; states: States };
}
