import { Logger as NestLogger, type INestApplicationContext } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { openArtifacts, probeArtifactName } from '@unroll/artifacts';
import type { Config } from '@unroll/config';
import { schemaIsCurrent } from '@unroll/database';
import { checkQueueServer, queueIsReady } from '@unroll/queue';
import { Logger } from 'nestjs-pino';
import { setTimeout as sleep } from 'node:timers/promises';
import { DataSource } from 'typeorm';
import { Committer } from './committer';
import { Dispatcher } from './dispatcher';
import { LeaseKeeper } from './lease-keeper';
import { MetricsServer } from './metrics-server';
import { Prompts } from './prompts';
import { TicketConsumer } from './ticket-consumer';
import { beginTrainers } from './trainer-process';
import { WorkerTraces } from './worker-traces';
import { WorkerModule } from './worker.module';

/** Seconds that a worker waits for the API to migrate the database and write the probe. */
const startSeconds = 120;

/** This worker cannot join the fleet. The message is one line. */
export class WorkerRefused extends Error {
  override readonly name = 'WorkerRefused';
}

async function waitUntil(condition: () => Promise<boolean>, refusal: string): Promise<void> {
  const deadline = performance.now() + startSeconds * 1000;
  while (!(await condition())) {
    if (performance.now() > deadline) throw new WorkerRefused(refusal);
    await sleep(250);
  }
}

/**
 * Starts a worker, which is part of the fleet until it is closed.
 * @throws WorkerRefused, QueueRefused, EngineUnavailable
 */
export async function startWorker(config: Config): Promise<INestApplicationContext> {
  NestLogger.attachBuffer();
  // They load while this worker waits for the API.
  const trainers = beginTrainers(config);
  await checkQueueServer(config);
  await waitUntil(() => queueIsReady(config), 'the database has no queue yet: start an API of the same version first');
  const app = await NestFactory.createApplicationContext(WorkerModule.forRoot(config, trainers), {
    bufferLogs: true,
    abortOnError: false,
  });
  app.useLogger(app.get(Logger));
  try {
    const dataSource = app.get(DataSource);
    await waitUntil(
      () => schemaIsCurrent(dataSource),
      'the database schema is of another version: start an API of the same version first',
    );
    const store = openArtifacts(config.artifactsUrl);
    await waitUntil(
      () => store.exists(probeArtifactName),
      `${config.artifactsUrl} does not contain what the API wrote: give both the same ARTIFACTS_URL`,
    );
    // Before the engine is opened, which may take long: whoever watches sees that it lives.
    await app.get(MetricsServer).start();
    app.get(WorkerTraces).start();
    await app.get(Dispatcher).start();
    await app.get(Committer).start();
    await app.get(LeaseKeeper).start();
    app.get(TicketConsumer).start();
    app.get(Prompts).start();
  } catch (error) {
    await app.close();
    throw error;
  }
  return app;
}
