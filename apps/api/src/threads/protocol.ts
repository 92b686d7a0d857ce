import type { FieldError } from '@unroll/contracts';

/** What a thread computes: methods of one argument, by name. Arguments and results are copied by the structured clone algorithm. */
export type ThreadMethods = Record<string, (input: never) => unknown>;

/** What a thread is told at its start. `niceness`: what is added to its process's, as by nice(1). */
export interface Setting {
  niceness: number;
}

export interface Call {
  method: string;
  input: unknown;
}

/** `invalid`: the errors of a ValidationError, which would lose its class as `error`. */
export type Answer = { result: unknown } | { invalid: readonly FieldError[] } | { error: unknown };

/** The first message of a thread, once it has loaded and answers calls. `thread`: its id of the operating system, if it is known. */
export interface Ready {
  ready: true;
  thread: number | undefined;
}
