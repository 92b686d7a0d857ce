import 'reflect-metadata';
import { readConfig } from '@unroll/config';
import { startWorker } from './worker';

async function main(): Promise<void> {
  const app = await startWorker(readConfig(process.env));
  app.enableShutdownHooks();
  // A parent that is gone cannot stop us: stop by ourselves.
  process.on('disconnect', () => process.kill(process.pid, 'SIGTERM'));
  process.send?.({ type: 'ready' });
}

main().catch((error: unknown) => {
  const message = error instanceof Error ? error.message : String(error);
  process.send?.({ type: 'failed', message });
  console.error(`unroll worker: ${message}`);
  process.exit(1);
});
