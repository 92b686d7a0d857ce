import type { INestApplicationContext } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { openArtifacts, probeArtifactName } from '@unroll/artifacts';
import type { Config } from '@unroll/config';
import { schemaIsCurrent } from '@unroll/database';
import { checkQueueServer } from '@unroll/queue';
import { Logger } from 'nestjs-pino';
import { setTimeout as sleep } from 'node:timers/promises';
import { DataSource } from 'typeorm';
import { Committer } from './committer';
import { Dispatcher } from './dispatcher';
import { LeaseKeeper } from './lease-keeper';
import { TicketConsumer } from './ticket-consumer';
import { WorkerModule } from './worker.module';

/** Seconds that a worker waits for the API to migrate and to write the probe. */
const patience = 120;

/** A worker that cannot take part in this fleet. The message is one line. */
export class WorkerRefused extends Error {
  override readonly name = 'WorkerRefused';
}

async function until(condition: () => Promise<boolean>, refusal: string): Promise<void> {
  const deadline = performance.now() + patience * 1000;
  while (!(await condition())) {
    if (performance.now() > deadline) throw new WorkerRefused(refusal);
    await sleep(250);
  }
}

/**
 * A worker that takes part in the fleet until it is closed.
 * @throws WorkerRefused, QueueRefused, EngineUnavailable
 */
export async function startWorker(config: Config): Promise<INestApplicationContext> {
  await checkQueueServer(config);
  const app = await NestFactory.createApplicationContext(WorkerModule.forRoot(config), {
    bufferLogs: true,
    abortOnError: false,
  });
  app.useLogger(app.get(Logger));
  try {
    const dataSource = app.get(DataSource);
    await until(
      () => schemaIsCurrent(dataSource),
      'the database has another version of the schema: start an API of the same version first',
    );
    const store = openArtifacts(config.artifactsUrl);
    await until(
      () => store.exists(probeArtifactName),
      `${config.artifactsUrl} does not hold what the API wrote: give both the same ARTIFACTS_URL`,
    );
    await app.get(Dispatcher).start();
    await app.get(Committer).start();
    await app.get(LeaseKeeper).start();
    app.get(TicketConsumer).start();
  } catch (error) {
    await app.close();
    throw error;
  }
  return app;
}
