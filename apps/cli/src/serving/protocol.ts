import type { FieldError, ServedModel } from '@unroll/contracts';
import type { AskedPrecision } from './inference';
import type { ServingOptions } from './describe';

/** What the process of the network is started with. */
export interface Start extends ServingOptions {
  type: 'start';
  /** The model's file. */
  file: Uint8Array;
  engine: string;
  precision: AskedPrecision;
}

/** The methods of `Inference` that a call may name. */
export type Method = 'predict' | 'generate' | 'openSession' | 'step' | 'endSession' | 'sessionCount';

export type ToNetwork =
  | Start
  | { type: 'call'; id: number; method: Method; arguments: unknown[] }
  | { type: 'cancel'; id: number };

export type FromNetwork =
  | { type: 'ready'; served: ServedModel }
  | { type: 'unavailable'; message: string }
  | { type: 'piece'; id: number; text: string }
  | { type: 'result'; id: number; value: unknown }
  | { type: 'refused'; id: number; status: number; message: string; errors?: readonly FieldError[] | undefined }
  | { type: 'failed'; id: number; message: string };
