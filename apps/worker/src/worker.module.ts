import { Module, type DynamicModule } from '@nestjs/common';
import { TypeOrmModule } from '@nestjs/typeorm';
import type { Config } from '@unroll/config';
import { dataSourceOptions } from '@unroll/database';
import { QueueModule } from '@unroll/queue';
import { LoggerModule } from 'nestjs-pino';
import { join } from 'node:path';
import { Claims } from './claims';
import { Committer } from './committer';
import { DataCache } from './data-cache';
import { Departure } from './departure';
import { Dispatcher } from './dispatcher';
import { LeaseKeeper } from './lease-keeper';
import { MetricsServer } from './metrics-server';
import { Prompts } from './prompts';
import { readSettings, workerSettings } from './settings';
import { Spool } from './spool';
import { TicketConsumer } from './ticket-consumer';
import { workerTrainers, type TrainerProcess } from './trainer-process';
import { WorkerMetrics } from './worker-metrics';
import { WorkerTraces } from './worker-traces';

/** Most connections for queries: one for claims, one for commits and renewals. An idle worker keeps one. */
const connections = 2;
/** Milliseconds for which the second is kept: a claim would wait for a new one, while the results of the trials before it are committed. */
const keptMilliseconds = 60_000;

@Module({})
export class WorkerModule {
  static forRoot(config: Config, trainers: readonly TrainerProcess[]): DynamicModule {
    return {
      module: WorkerModule,
      imports: [
        LoggerModule.forRoot({ pinoHttp: { level: config.logLevel } }),
        TypeOrmModule.forRoot({
          ...dataSourceOptions(config.databaseUrl, {
            most: connections,
            idle: keptMilliseconds,
            pooled: config.databaseDirectUrl !== undefined,
          }),
          retryAttempts: 3,
          retryDelay: 1000,
        }),
        QueueModule.forRoot(config, { migrate: false }),
      ],
      providers: [
        { provide: workerSettings, useValue: readSettings(config) },
        { provide: workerTrainers, useValue: trainers },
        DataCache,
        { provide: Spool, useFactory: () => new Spool(join(config.dataFolder, 'spool')) },
        Committer,
        Claims,
        Dispatcher,
        TicketConsumer,
        LeaseKeeper,
        Prompts,
        Departure,
        WorkerMetrics,
        WorkerTraces,
        MetricsServer,
      ],
    };
  }
}
