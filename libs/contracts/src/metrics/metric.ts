/**
 * A number that trials are compared by. A new one is one file beside this one and one entry in index.ts; a task that measures it lists it
 * among its metrics.
 */
export interface MetricDefinition {
  /** With the part of the data or of the training that it is measured on: `validation.accuracy`. */
  readonly name: string;
  /** Which way is better. */
  readonly goal: 'minimize' | 'maximize';
  /** Undefined for a bare number, and where it depends on the loss of the task. */
  readonly unit: string | undefined;
  readonly description: string;
  /** Whether trials of every task have it; otherwise tasks that have it say so. */
  readonly isOfEveryTask: boolean;
}
