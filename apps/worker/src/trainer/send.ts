import type { FromTrainer } from './protocol';

/** Sends a message to the worker. Once the worker is gone there is nobody to tell, and this process is about to exit. */
export function send(message: FromTrainer): void {
  if (process.connected) process.send?.(message);
}
