import { NestFactory } from '@nestjs/core';
import type { NestExpressApplication } from '@nestjs/platform-express';
import { openArtifacts, probeArtifactName } from '@unroll/artifacts';
import type { Config } from '@unroll/config';
import { limits } from '@unroll/contracts';
import { dataSourceOptions, migrate } from '@unroll/database';
import { checkQueueServer } from '@unroll/queue';
import { text } from 'express';
import helmet from 'helmet';
import { Logger } from 'nestjs-pino';
import { join } from 'node:path';
import { DataSource } from 'typeorm';
import { Authentication } from './access/authentication';
import { requireAccess } from './access/require-access';
import { refuseStrangersBodies } from './access/strangers-bodies';
import { ApiModule } from './api.module';
import { compressLargeResponses, serveDashboard } from './http/dashboard';
import { documentTypes } from './http/document';
import { closeAfterEarlyAnswers, refuseLargeBodies } from './http/large-bodies';
import { loadKey } from './key';
import { serveOpenApi } from './open-api/serve';

/** The database cannot be used. The message is one line. */
export class DatabaseUnavailable extends Error {
  override readonly name = 'DatabaseUnavailable';
}

export async function prepareDatabase(url: string): Promise<void> {
  const dataSource = new DataSource(dataSourceOptions(url));
  try {
    await dataSource.initialize();
    await migrate(dataSource);
  } catch (error) {
    const { message, code } = error as { message?: string; code?: string };
    throw new DatabaseUnavailable(
      `PostgreSQL at ${new URL(url).host} cannot be used: ${message || code || String(error)}`,
    );
  } finally {
    if (dataSource.isInitialized) await dataSource.destroy();
  }
}

/**
 * Creates the API, ready to listen: schema migrated, probe written, key loaded. `threadFile`: of a search thread.
 * @throws ConfigError, DatabaseUnavailable, QueueRefused
 */
export async function createApi(
  config: Config,
  threadFile = join(__dirname, 'search', 'search-thread.js'),
): Promise<NestExpressApplication> {
  const key = await loadKey(config);
  await prepareDatabase(config.databaseDirectUrl ?? config.databaseUrl);
  await checkQueueServer(config);
  await openArtifacts(config.artifactsUrl).put(probeArtifactName, Buffer.from('unroll\n'));
  const app = await NestFactory.create<NestExpressApplication>(ApiModule.forRoot(config, key, threadFile), {
    bufferLogs: true,
    bodyParser: false,
    abortOnError: false,
    // A client that keeps its connection open must not keep the API from exiting.
    forceCloseConnections: true,
  });
  requireAccess(app);
  app.useLogger(app.get(Logger));
  app.use(
    helmet({
      contentSecurityPolicy: { directives: { upgradeInsecureRequests: null } },
      strictTransportSecurity: false,
    }),
  );
  app.use(closeAfterEarlyAnswers, refuseStrangersBodies(app.get(Authentication)), refuseLargeBodies);
  app.use(text({ type: documentTypes, limit: limits.bodyBytes }));
  app.disable('x-powered-by');
  compressLargeResponses(app);
  serveDashboard(app);
  serveOpenApi(app);
  return app;
}
