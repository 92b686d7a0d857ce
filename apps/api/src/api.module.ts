import { Module, type DynamicModule } from '@nestjs/common';
import { APP_FILTER, APP_GUARD, APP_INTERCEPTOR, DiscoveryModule } from '@nestjs/core';
import { MulterModule } from '@nestjs/platform-express';
import { TerminusModule } from '@nestjs/terminus';
import { ThrottlerStorageService } from '@nestjs/throttler';
import { TypeOrmModule } from '@nestjs/typeorm';
import { openArtifacts } from '@unroll/artifacts';
import { version, type Config } from '@unroll/config';
import { dataSourceOptions } from '@unroll/database';
import { QueueModule } from '@unroll/queue';
import { Tracing } from '@unroll/tracing';
import { diskStorage } from 'multer';
import { LoggerModule } from 'nestjs-pino';
import { Registry } from 'prom-client';
import { FleetMetrics } from './health/fleet-metrics';
import { TracingEnd } from './health/tracing-end';
import { AccessGuard } from './access/access-guard';
import { apiKey, Authentication } from './access/authentication';
import { AuditController } from './audit/audit.controller';
import { AuditInterceptor } from './audit/audit.interceptor';
import { AuditService } from './audit/audit.service';
import { WrongKeys } from './access/wrong-keys';
import { artifactStore } from './artifacts/artifacts.provider';
import { BoardsController } from './boards/boards.controller';
import { BoardsService } from './boards/boards.service';
import { PinsService } from './boards/pins.service';
import { CurvesController } from './boards/curves.controller';
import { CurvesService } from './boards/curves.service';
import { DatasetsController } from './datasets/datasets.controller';
import { DatasetsService } from './datasets/datasets.service';
import { mostStored, StorageQuota } from './datasets/storage-quota';
import { openTemporaryFolder, temporaryFolder } from './datasets/temporary-folder';
import { HealthController } from './health/health.controller';
import { LoopWatch } from './health/loop-watch';
import { KnownQuery } from './http/known-query';
import { MetricsController } from './health/metrics.controller';
import { ProblemFilter } from './http/problem-filter';
import { ImportanceController } from './importance/importance.controller';
import { ImportanceService } from './importance/importance.service';
import { LinkAccess } from './access/link-access';
import { LinksController } from './links/links.controller';
import { LinksService } from './links/links.service';
import { LiveController } from './live/live.controller';
import { LiveService } from './live/live.service';
import {
  auditDays,
  detailDays,
  directUrl,
  leaseSeconds,
  SchedulerService,
  shareHalfLife,
} from './scheduler/scheduler.service';
import { ConfirmService } from './sweeps/confirm.service';
import { InitFromService } from './sweeps/init-from.service';
import { NamedFilesService } from './datasets/named-files.service';
import { SharesController } from './shares/shares.controller';
import { SharesService } from './shares/shares.service';
import { StudiesController } from './studies/studies.controller';
import { StudiesService } from './studies/studies.service';
import { SweepsController } from './sweeps/sweeps.controller';
import { SubmissionsService } from './sweeps/submissions.service';
import { SweepChangesService } from './sweeps/sweep-changes.service';
import { SweepsService } from './sweeps/sweeps.service';
import { SearchThreads, searchThread } from './search/search-threads';
import { PromptsController } from './prompts/prompts.controller';
import { PromptsService } from './prompts/prompts.service';
import { TrialsController } from './trials/trials.controller';
import { TrialsService } from './trials/trials.service';
import { ModelsController } from './registry/models.controller';
import { ModelsService } from './registry/models.service';
import { OpenId } from './sign-in/open-id';
import { SignInController } from './sign-in/sign-in.controller';
import { openIdProvider, SignInService } from './sign-in/sign-in.service';
import { KeysService } from './team/keys.service';
import { MembersService } from './team/members.service';
import { TeamController } from './team/team.controller';
import { TeamsService } from './team/teams.service';
import { ReportsController } from './reports/reports.controller';
import { ReportsService } from './reports/reports.service';
import { DiaryController } from './words/diary.controller';
import { DiaryService } from './words/diary.service';
import { ReviewsService } from './words/reviews.service';
import { ViewsController } from './views/views.controller';
import { ViewsService } from './views/views.service';
import { Deliverer, publicAddress, webhookNetworks } from './webhooks/deliverer';
import { WebhooksController } from './webhooks/webhooks.controller';
import { WebhooksService } from './webhooks/webhooks.service';
import { parseNetworks } from './webhooks/public-address';
import { WorkersController } from './workers/workers.controller';
import { WorkersService } from './workers/workers.service';

const controllers = [
  SweepsController,
  StudiesController,
  BoardsController,
  LiveController,
  ImportanceController,
  CurvesController,
  ViewsController,
  DiaryController,
  ReportsController,
  LinksController,
  WebhooksController,
  TrialsController,
  PromptsController,
  ModelsController,
  DatasetsController,
  WorkersController,
  TeamController,
  SharesController,
  SignInController,
  AuditController,
  HealthController,
  MetricsController,
];

const services = [
  StorageQuota,
  Authentication,
  LinkAccess,
  LinksService,
  WebhooksService,
  Deliverer,
  TeamsService,
  MembersService,
  KeysService,
  SharesService,
  WorkersService,
  AuditService,
  SignInService,
  ThrottlerStorageService,
  WrongKeys,
  SweepsService,
  SubmissionsService,
  SweepChangesService,
  StudiesService,
  BoardsService,
  LiveService,
  ImportanceService,
  CurvesService,
  ViewsService,
  DiaryService,
  ReportsService,
  ReviewsService,
  PinsService,
  InitFromService,
  NamedFilesService,
  ConfirmService,
  TrialsService,
  PromptsService,
  ModelsService,
  DatasetsService,
  SchedulerService,
  SearchThreads,
  LoopWatch,
];

/** What logs must not have: keys, and what a browser keeps while it signs in, after which it is sent to an address with its key. */
const secrets = [
  'req.headers.authorization',
  'req.headers.cookie',
  'res.headers.location',
  'res.headers["set-cookie"]',
];

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
            redact: secrets,
            autoLogging: config.logLevel === 'debug',
          },
        }),
        TypeOrmModule.forRoot({
          ...dataSourceOptions(config.databaseUrl, { pooled: config.databaseDirectUrl !== undefined }),
          retryAttempts: 1,
        }),
        QueueModule.forRoot(config),
        MulterModule.register({ storage: diskStorage({ destination: folder }) }),
        TerminusModule.forRoot({ logger: false }),
        DiscoveryModule,
      ],
      controllers: [...controllers],
      providers: [
        ...services,
        { provide: APP_GUARD, useClass: AccessGuard },
        { provide: APP_INTERCEPTOR, useClass: KnownQuery },
        { provide: APP_INTERCEPTOR, useClass: AuditInterceptor },
        { provide: APP_FILTER, useClass: ProblemFilter },
        { provide: apiKey, useValue: key },
        { provide: openIdProvider, useValue: config.openId ? new OpenId(config.openId) : null },
        { provide: artifactStore, useFactory: () => openArtifacts(config.artifactsUrl) },
        { provide: temporaryFolder, useValue: folder },
        { provide: mostStored, useValue: config.datasetsBytes },
        { provide: directUrl, useValue: config.databaseDirectUrl ?? null },
        { provide: leaseSeconds, useValue: config.leaseSeconds },
        { provide: shareHalfLife, useValue: config.shareHalfLifeSeconds },
        { provide: webhookNetworks, useValue: parseNetworks(config.webhookNetworks) },
        { provide: publicAddress, useValue: config.publicUrl ?? null },
        { provide: auditDays, useValue: config.auditDays ?? null },
        { provide: detailDays, useValue: config.detailDays ?? null },
        { provide: Registry, useFactory: () => new Registry() },
        FleetMetrics,
        { provide: Tracing, useFactory: () => new Tracing('unroll-api', version) },
        TracingEnd,
        { provide: searchThread, useValue: threadFile },
      ],
    };
  }
}
