/** Unroll from TypeScript: hyperparameter sweeps of recurrent networks. */
export { Client, type ClientOptions } from './client.ts';
export { Refused, TimedOut, Unreachable, type FieldError } from './errors.ts';
export type { LiveEvent } from './events.ts';
export type * from './schemas.ts';
export { AskedTrial, Study, type AskOptions, type Metrics, type Outcome, type Parameters } from './study.ts';
export { Sweep } from './sweep.ts';
export { Trial } from './trial.ts';
export type { components } from './api.ts';
