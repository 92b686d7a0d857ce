import { parentPort, workerData } from 'node:worker_threads';

/**
 * A thread that kills the process when the worker that started it has died. The main thread notices the lost connection too, but not during
 * a computation that never returns: without this thread such a process would run forever, unnoticed.
 */
const { parent, interval } = workerData as { parent: number; interval: number };

setInterval(() => {
  if (process.ppid !== parent) process.kill(process.pid, 'SIGKILL');
}, interval);
parentPort?.postMessage('watching');
