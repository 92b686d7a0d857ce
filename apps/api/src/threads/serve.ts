import { ValidationError } from '@unroll/contracts';
import { readlinkSync } from 'node:fs';
import { parentPort } from 'node:worker_threads';
import type { Answer, Call, Ready, ThreadMethods } from './protocol';

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
  const ready: Ready = { ready: true, thread: ownId() };
  parentPort!.postMessage(ready);
}

/** The id of this thread on Linux; undefined elsewhere. */
function ownId(): number | undefined {
  try {
    return Number(readlinkSync('/proc/thread-self').split('/').at(-1));
  } catch {
    return undefined;
  }
}
