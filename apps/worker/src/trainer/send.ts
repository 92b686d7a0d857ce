import type { FromTrainer } from './protocol';

/** Messages of this turn of the event loop, which are sent as one: each takes a call of the system, and wakes the worker. */
let waiting: FromTrainer[] = [];

/** Sends a message to the worker, at the end of this turn of the event loop. */
export function send(message: FromTrainer): void {
  if (waiting.push(message) === 1) setImmediate(flush);
}

/** Once the worker is gone there is nobody to tell, and this process is about to exit. */
function flush(): void {
  const messages = waiting;
  waiting = [];
  if (messages.length > 0 && process.connected) process.send?.(messages);
}

process.on('exit', flush);
