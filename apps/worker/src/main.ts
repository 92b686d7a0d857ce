import 'reflect-metadata';
import { readConfig, untilReleased } from '@unroll/config';
import { Departure } from './departure';
import { startWorker } from './worker';

async function main(): Promise<void> {
  await untilReleased();
  const app = await startWorker(readConfig(process.env));
  app.enableShutdownHooks();
  // Whatever hangs, the process exits within 10 s of a signal: its leases expire, and its spool stays on disk.
  for (const signal of ['SIGTERM', 'SIGINT'] as const) process.once(signal, exitInTime);
  // A parent that has died cannot send a signal: shut down anyway.
  process.on('disconnect', () => process.kill(process.pid, 'SIGTERM'));
  process.send?.({ type: 'ready' });
  const reason = await app.get(Departure).due();
  console.error(`unroll worker: leaving: ${reason}`);
  process.send?.({ type: 'left', reason });
  exitInTime();
  await app.close();
  process.exit();
}

/** Milliseconds from a signal to the forced exit. */
const exitMilliseconds = 9500;

function exitInTime(): void {
  setTimeout(() => {
    console.error('unroll worker: some trials could not be released in time; their leases will expire');
    process.exit(1);
  }, exitMilliseconds).unref();
}

main().catch((error: unknown) => {
  const message = error instanceof Error ? error.message : String(error);
  process.send?.({ type: 'failed', message });
  console.error(`unroll worker: ${message}`);
  process.exit(1);
});
