import 'reflect-metadata';
import { readConfig } from '@unroll/config';
import { startWorker } from './worker';

async function main(): Promise<void> {
  const app = await startWorker(readConfig(process.env));
  app.enableShutdownHooks();
  // Whatever hangs, a worker that is told to end is gone within 10 s: its leases run out, and its spool waits on the disk.
  for (const signal of ['SIGTERM', 'SIGINT'] as const) process.once(signal, endInTime);
  // A parent that is gone cannot stop us: stop by ourselves.
  process.on('disconnect', () => process.kill(process.pid, 'SIGTERM'));
  process.send?.({ type: 'ready' });
}

/** Milliseconds from a signal to the end of the process. */
const patience = 9500;

function endInTime(): void {
  setTimeout(() => {
    console.error('unroll worker: what is left could not be given back in time; its leases will run out');
    process.exit(1);
  }, patience).unref();
}

main().catch((error: unknown) => {
  const message = error instanceof Error ? error.message : String(error);
  process.send?.({ type: 'failed', message });
  console.error(`unroll worker: ${message}`);
  process.exit(1);
});
