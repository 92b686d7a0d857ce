import { parentPort, workerData } from 'node:worker_threads';

/**
 * A thread that ends the process when the worker that started it has died. The trainer hears of that by itself, but not while a
 * computation never comes back: without this thread it would run for ever, and nobody would know.
 */
const { parent, every } = workerData as { parent: number; every: number };

setInterval(() => {
  if (process.ppid !== parent) process.kill(process.pid, 'SIGKILL');
}, every);
parentPort?.postMessage('watching');
