import { ValidationError } from '@unroll/contracts';
import { parentPort } from 'node:worker_threads';
import type { Answer, Call, ThreadMethods } from './protocol';

/** Answers the calls of the thread that started this one. */
export function serve(methods: ThreadMethods): void {
  const answer = ({ method, input }: Call): Answer => {
    try {
      // eslint-disable-next-line no-restricted-syntax -- Thread.call has checked the input against the method.
      return { result: methods[method]!(input as never) };
    } catch (error) {
      return error instanceof ValidationError ? { invalid: error.errors } : { error };
    }
  };
  parentPort!.on('message', (call: Call) => parentPort!.postMessage(answer(call)));
}
