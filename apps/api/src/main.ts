import 'reflect-metadata';
import { readConfig, untilReleased } from '@unroll/config';
import type { AddressInfo } from 'node:net';
import { createApi } from './api';
import { warmUp } from './warm-up';

/** Connections that wait to be accepted: beyond Node's default of 511, the kernel resets those of clients that come at once. */
const backlog = 4096;

async function main(): Promise<void> {
  await untilReleased();
  const config = readConfig(process.env);
  const app = await createApi(config);
  warmUp();
  app.enableShutdownHooks();
  // A parent that has died cannot send a signal: shut down anyway.
  process.on('disconnect', () => process.kill(process.pid, 'SIGTERM'));
  // Nest passes what it does not know on to Node's server.listen(port, host, backlog).
  await (app.listen as (...place: unknown[]) => Promise<unknown>).call(app, config.port, config.host, backlog);
  const { port } = app.getHttpServer().address() as AddressInfo;
  process.send?.({ type: 'ready', port });
}

main().catch((error: NodeJS.ErrnoException) => {
  const taken = error.code === 'EADDRINUSE';
  const message = taken
    ? `port ${process.env.UNROLL_PORT ?? 4000} is in use: choose another with UNROLL_PORT`
    : error.message;
  process.send?.({ type: 'failed', message, code: error.code });
  console.error(`unroll api: ${message}`);
  process.exit(1);
});
