import type { TaskSpec, TrialSpec } from '@unroll/contracts';
import type { Tensor } from '../engines/tfjs';
import type { Parameter } from '../parameters';

/** Parameters by name, in our layout with a leading lane axis. */
export type Named = (name: string) => Tensor;

/** States carried by the recurrent layers: first by state (h, c), then by layer; each [lane, batch, hidden]. */
export type States = Tensor[][];

/**
 * What is learned. A new task is one file beside this one and one entry in tasks.ts.
 */
export interface Task<Data> {
  readonly kind: TaskSpec['kind'];
  /** The parameters of one lane. */
  parameters(spec: TrialSpec, data: Data): Parameter[];
  /** Makes the data ready for lanes that share all of `spec` that has to be equal. Throws Error for data it cannot use. */
  open(spec: TrialSpec, data: Data): OpenTask;
}

/** A lane as a task sees it. */
export interface LanePosition {
  seed: number;
  /** The update that is to come, from 1: every cursor into the data is a pure function of it. */
  update: number;
}

/** A batch for several lanes. Its tensors belong to the surrounding tidy. */
export interface Batch {
  /** int32 [lane, time, batch] */
  ids: Tensor;
  /** int32 [lane, n], with the mask and weight of layers/cross-entropy.ts. */
  classes: Tensor;
  valid?: Tensor;
  /** 1 / the number of valid targets, [lane, 1]; 1 where sums are wanted. */
  weight: Tensor;
  /** Valid targets of each lane. */
  counts: readonly number[];
  /** Steps that count, bool [lane, time, batch]; undefined where all do. */
  steps?: Tensor;
  /** First steps that bear no loss. */
  context: number;
}

export interface OpenTask {
  /** The states of lanes that start anew. */
  zeroStates(lanes: number): States;
  /** How many of its own updates ago the state was saved from which a window is computed; 0 where each starts from zeros. */
  readonly stateAge: number;
  /** For each lane, how many updates of the current pass over the data lie behind it. */
  sinceReset(position: LanePosition): number;
  trainingBatch(positions: readonly LanePosition[]): Batch;
  /** Loss of each lane, [lane], and the states after the last step. */
  loss(parameters: Named, batch: Batch, states: States, training: boolean): { loss: Tensor; states: States };
  /** How many batches the held-out part has, and each of them, the same for every lane and weighted for a sum. */
  readonly validationBatches: number;
  validationBatch(index: number, lanes: number): Batch;
  /** Whether states are carried from one validation batch to the next. */
  readonly validationCarries: boolean;
  /** Metrics, without the prefix, of the mean loss of all targets. */
  metrics(meanLoss: number): Record<string, number>;
  /** A line of what each lane would write, from its own stream of random numbers. */
  sample(parameters: Named, positions: readonly LanePosition[], length: number): Promise<string[]>;
}
