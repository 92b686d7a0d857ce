import { Module, type DynamicModule } from '@nestjs/common';
import { APP_FILTER, APP_GUARD } from '@nestjs/core';
import { MulterModule } from '@nestjs/platform-express';
import { TerminusModule } from '@nestjs/terminus';
import { ThrottlerStorageService } from '@nestjs/throttler';
import { TypeOrmModule } from '@nestjs/typeorm';
import { openArtifacts } from '@unroll/artifacts';
import type { Config } from '@unroll/config';
import { dataSourceOptions } from '@unroll/database';
import { QueueModule } from '@unroll/queue';
import { diskStorage } from 'multer';
import { LoggerModule } from 'nestjs-pino';
import { Registry } from 'prom-client';
import { artifactStore } from './artifacts/artifacts.provider';
import { BoardsController } from './boards/boards.controller';
import { BoardsService } from './boards/boards.service';
import { CurvesController } from './boards/curves.controller';
import { CurvesService } from './boards/curves.service';
import { DatasetsController } from './datasets/datasets.controller';
import { DatasetsService } from './datasets/datasets.service';
import { mostStored, StorageQuota } from './datasets/storage-quota';
import { openTemporaryFolder, temporaryFolder } from './datasets/temporary-folder';
import { HealthController } from './health/health.controller';
import { LoopWatch } from './health/loop-watch';
import { MetricsController } from './health/metrics.controller';
import { apiKey, KeyGuard } from './http/key-guard';
import { ProblemFilter } from './http/problem-filter';
import { WrongKeys } from './http/wrong-keys';
import { ImportanceController } from './importance/importance.controller';
import { ImportanceService } from './importance/importance.service';
import { LiveController } from './live/live.controller';
import { LiveService } from './live/live.service';
import { leaseSeconds, SchedulerService } from './scheduler/scheduler.service';
import { InitFromService } from './sweeps/init-from.service';
import { SweepsController } from './sweeps/sweeps.controller';
import { SweepsService } from './sweeps/sweeps.service';
import { SearchThreads, searchThread } from './search/search-threads';
import { TrialsController } from './trials/trials.controller';
import { TrialsService } from './trials/trials.service';
import { ViewsController } from './views/views.controller';
import { ViewsService } from './views/views.service';
import { WorkersController } from './workers/workers.controller';

@Module({})
export class ApiModule {
  static forRoot(config: Config, key: string, threadFile: string): DynamicModule {
    const folder = openTemporaryFolder(config.dataFolder);
    return {
      module: ApiModule,
      imports: [
        LoggerModule.forRoot({
          pinoHttp: {
            level: config.logLevel,
            redact: ['req.headers.authorization'],
            autoLogging: config.logLevel === 'debug',
          },
        }),
        TypeOrmModule.forRoot({ ...dataSourceOptions(config.databaseUrl), retryAttempts: 1 }),
        QueueModule.forRoot(config),
        MulterModule.register({ storage: diskStorage({ destination: folder }) }),
        TerminusModule.forRoot({ logger: false }),
      ],
      controllers: [
        SweepsController,
        BoardsController,
        LiveController,
        ImportanceController,
        CurvesController,
        ViewsController,
        TrialsController,
        DatasetsController,
        WorkersController,
        HealthController,
        MetricsController,
      ],
      providers: [
        { provide: APP_GUARD, useClass: KeyGuard },
        { provide: APP_FILTER, useClass: ProblemFilter },
        { provide: apiKey, useValue: key },
        ThrottlerStorageService,
        WrongKeys,
        { provide: artifactStore, useFactory: () => openArtifacts(config.artifactsUrl) },
        { provide: temporaryFolder, useValue: folder },
        { provide: mostStored, useValue: config.datasetsBytes },
        StorageQuota,
        { provide: leaseSeconds, useValue: config.leaseSeconds },
        SweepsService,
        BoardsService,
        LiveService,
        ImportanceService,
        CurvesService,
        ViewsService,
        InitFromService,
        TrialsService,
        DatasetsService,
        SchedulerService,
        SearchThreads,
        LoopWatch,
        { provide: Registry, useFactory: () => new Registry() },
        { provide: searchThread, useValue: threadFile },
      ],
    };
  }
}
