import type { PreparedData } from '@unroll/datasets';
import type { TaskKind, TrialSpec } from '@unroll/contracts';
import type { Tensor } from '../tensor/tfjs';
import type { Observer } from '../nn/observer';
import type { LanePosition, Part } from '../batches/lane-position';
import type { Named, Parameter, States } from '../nn/parameter';

/**
 * What is learned. A new task is one file beside this one and one entry in tasks.ts.
 */
export interface Task {
  readonly kind: TaskKind;
  /** The parameters of one lane. Throws Error for data that it cannot use. */
  parameters(spec: TrialSpec, data: PreparedData): Parameter[];
  /** Makes the data ready for lanes that share all of `spec` that has to be equal. Throws Error for data it cannot use. */
  open(spec: TrialSpec, data: PreparedData): OpenTask<unknown>;
}

/** `Batch` is the task's own; its tensors belong to the surrounding tidy. */
export interface OpenTask<Batch> {
  /** Updates of one pass over the data. */
  readonly updatesPerEpoch: number;
  /**
   * Whether a batch has one shape at every update. Lanes at different updates can then be trained side by side and keep, bit for bit, the numbers that
   * they have alone; where batches are padded to the longest of their sequences, a lane beside another update's would be summed in other parts.
   */
  readonly evenBatches: boolean;
  /** The states of lanes that start anew; empty where none are carried. */
  zeroStates(lanes: number): States;
  /** How many of its own updates ago the state was saved from which a window is computed; 0 where each starts anew. */
  readonly stateAge: number;
  /** For each lane, how many updates of the current pass over the data lie behind it. */
  sinceReset(position: LanePosition): number;
  trainingBatch(positions: readonly LanePosition[]): Batch;
  /** Mean loss of each lane, [lane], and the states after the last step. Differentiated in the parameters. */
  loss(parameters: Named, batch: Batch, states: States, positions: readonly LanePosition[]): Outcome;
  /** What a network answers to the inputs of a part, in their order; undefined for a task that answers to none. */
  answering?: ((part: Part) => Answering) | undefined;
  /** What writes, token by token; undefined for a task that does not write on. */
  writer?: Writer | undefined;
  /** A measurement of held-out data, anew for each time. Throws Error where that part is empty. */
  evaluation(part: Part, lanes: number): Evaluation;
  /** Gives back what it keeps on the device; undefined where it keeps nothing. */
  dispose?: (() => void) | undefined;
  /** Made anew for each call, from the validation part; a task without it is not looked into. */
  inspection?: (() => Inspection) | undefined;
  /** What each lane would write, a line each, from its own stream of random numbers. */
  sample?: ((parameters: Named, positions: readonly LanePosition[], length: number) => Promise<string[]>) | undefined;
}

export interface Outcome {
  loss: Tensor;
  /** Of each lane, [lane], what is minimised beside the loss and not reported with it; undefined for nothing. */
  penalty?: Tensor | undefined;
  states: States;
  /** What training measured for parameters that are measured, by name. */
  measured?: Readonly<Record<string, Tensor>>;
}

/** A few held-out sequences, the same at every report and for every lane, that diagnostics look into. */
export interface Inspection {
  /** Layers of the network that have a state to look at, and how wide they run. */
  layers: number;
  width: number;
  /** Steps of each sequence, none 0; [batch]. */
  lengths: Int32Array;
  /** Steps of all once they are padded. */
  steps: number;
  /**
   * For each of `lanes` lanes the sum over the sequences of the loss at their last step that counts, [lane]; the same loss as
   * training's but for the mean. Runs the network's layers with `observer`.
   */
  loss(parameters: Named, lanes: number, observer: Observer): Tensor;
  /** What the steps of a sequence read, where they read something that has a name. */
  symbols?: ((sequence: number) => string[]) | undefined;
}

/** One measurement of held-out data, batch by batch. */
export interface Evaluation {
  readonly batches: number;
  /** Before the first batch. */
  zeroStates(): States;
  /** What batch `index` gives, to be read back, [lane, n]; and the states to go on with, none where each batch starts anew. */
  measure(parameters: Named, index: number, states: States): { values: Tensor; states: States };
  /** Adds what was read back; in the order of batches. */
  add(values: Float32Array, index: number): void;
  /** What a lane reached, without the prefix; `loss` is always there. */
  metrics(lane: number): Record<string, number>;
}

/** What a network says of one input. */
export type Answer =
  | { class: string; probability: number; probabilities: Record<string, number> }
  | { value: number }
  | { values: number[] }
  | { tags: string[] }
  | { labels: { label: string; probability: number }[] }
  | { text: string };

/** Answers, batch by batch, of one network alone. */
export interface Answering {
  readonly batches: number;
  /** What batch `index` gives, to be read back. */
  run(parameters: Named, index: number): Tensor;
  /** The answers in what was read back, each with the number of its example. */
  read(values: Float32Array, index: number): { example: number; answer: Answer }[];
}

/** A network that writes on what it has read. */
export interface Writer {
  vocabulary: readonly string[];
  separator: string;
  /** Tokens at most that are read anew for each one that is written, where no state keeps them. */
  rereads?: number | undefined;
  /** States before the first token, of one lane. */
  start(batch: number): States;
  /** ids int32 [lane, time, batch] → logits of the next token after each step [lane, time · batch, vocabulary], and the states after them. */
  step(parameters: Named, ids: Tensor, states: States): { logits: Tensor; states: States };
}
