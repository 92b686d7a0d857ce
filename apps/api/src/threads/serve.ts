import { ValidationError } from '@unroll/contracts';
import { getPriority, setPriority } from 'node:os';
import { parentPort, workerData } from 'node:worker_threads';
import { ownThread } from './clock';
import type { Answer, Call, Ready, Setting, ThreadMethods } from './protocol';

/** The niceness of the lowest priority. */
const lowest = 19;

/** Answers the calls of the thread that started this one. */
export function serve(methods: ThreadMethods): void {
  const answer = ({ method, input }: Call): Answer => {
    try {
      // eslint-disable-next-line eslint-core/no-restricted-syntax -- Thread.call has checked the input against the method.
      return { result: methods[method]!(input as never) };
    } catch (error) {
      return error instanceof ValidationError ? { invalid: error.errors } : { error };
    }
  };
  parentPort!.on('message', (call: Call) => parentPort!.postMessage(answer(call)));
  const thread = ownThread();
  if (thread !== undefined) giveWay(thread);
  const ready: Ready = { ready: true, thread };
  parentPort!.postMessage(ready);
}

/**
 * Lowers the priority of this thread. With the same one as the thread that serves requests, each computation would take as much of a core
 * as all requests together: 20 ms of answers took 100 ms on two cores. Only Linux has a priority for each thread.
 */
function giveWay(thread: number): void {
  // eslint-disable-next-line eslint-core/no-restricted-syntax -- What Thread passes to its worker.
  const { niceness } = workerData as Setting;
  try {
    setPriority(thread, Math.min(getPriority(thread) + niceness, lowest));
  } catch {
    // A sandbox that has no priorities: it computes at the same one.
  }
}
