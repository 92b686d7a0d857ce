/**
 * A number by which trials are compared. To add one, add a file beside this one and an entry in index.ts, and list it in the metrics of
 * each task that measures it.
 */
export interface MetricDefinition {
  /** Prefixed with the part of the data that it is measured on, or with `cost`: `validation.accuracy`. */
  readonly name: string;
  /** Which direction is better. */
  readonly goal: 'minimize' | 'maximize';
  /** Undefined for a dimensionless number, and if it depends on the loss of the task. */
  readonly unit: string | undefined;
  /** The least and the largest possible value; undefined for any number. */
  readonly range?: readonly [least: number, most: number];
  readonly description: string;
  /** Whether it is per token, so that it compares only trials with the same tokens; or per character, whatever the tokens. */
  readonly per?: 'token' | 'character';
  /** Whether every task has it; otherwise tasks list it. */
  readonly isOfEveryTask: boolean;
}
