import { Socket } from 'node:net';
import { DataSource, MigrationExecutor, type DataSourceOptions, type QueryRunner } from 'typeorm';
import { ApiKey } from './entities/api-key';
import { Attempt } from './entities/attempt';
import { AuditEntry } from './entities/audit-entry';
import { BaselineRow } from './entities/baseline';
import { Dataset } from './entities/dataset';
import { BoardRecord } from './entities/board-record';
import { Change } from './entities/change';
import { Configuration } from './entities/configuration';
import { ConfigurationDetailsRow } from './entities/configuration-details';
import { DiagnosticsRow } from './entities/diagnostics-row';
import { IdempotencyKey } from './entities/idempotency-key';
import { Delivery } from './entities/delivery';
import { Pin } from './entities/pin';
import { SignatureMemory } from './entities/signature-memory';
import { DepartedMemory } from './entities/departed-memory';
import { ToldBest } from './entities/told-best';
import { Webhook } from './entities/webhook';
import { ReadingLink } from './entities/reading-link';
import { Member } from './entities/member';
import { MetricChunk } from './entities/metric-chunk';
import { SnapshotsRow } from './entities/snapshots-row';
import { PairedTestRow } from './entities/paired-test-row';
import { ProposalRow } from './entities/proposal-row';
import { SampleRow } from './entities/sample-row';
import { SavedViewRow } from './entities/saved-view-row';
import { ModelAliasRow, ModelVersionRow, RegisteredModelRow } from './entities/registered-model';
import { Share } from './entities/share';
import { DiaryRow } from './entities/diary-row';
import { ReportRow } from './entities/report-row';
import { ReviewRow } from './entities/review-row';
import { Sweep } from './entities/sweep';
import { SweepEdit } from './entities/sweep-edit';
import { SweepUsage } from './entities/sweep-usage';
import { Team } from './entities/team';
import { Trial } from './entities/trial';
import { TrialDetailsRow } from './entities/trial-details';
import { UsageMonth } from './entities/usage-month';
import { VerdictRow } from './entities/verdict-row';
import { Worker } from './entities/worker';
import { schemaVersion } from './schema-version';
import { First1764000000000 } from './migrations/1764000000000-first';
import { Diagnostics1764300000000 } from './migrations/1764300000000-diagnostics';
import { NothingLost1764400000000 } from './migrations/1764400000000-nothing-lost';
import { Search1764500000000 } from './migrations/1764500000000-search';
import { Populations1764600000000 } from './migrations/1764600000000-populations';
import { Board1764700000000 } from './migrations/1764700000000-board';
import { BoardTokens1764800000000 } from './migrations/1764800000000-board-tokens';
import { Names1764900000000 } from './migrations/1764900000000-names';
import { LaterVerdicts1765000000000 } from './migrations/1765000000000-later-verdicts';
import { ReusedTrials1765110000000 } from './migrations/1765110000000-reused-trials';
import { SweepEdits1765120000000 } from './migrations/1765120000000-sweep-edits';
import { PairedTests1765130000000 } from './migrations/1765130000000-paired-tests';
import { Resuming1765140000000 } from './migrations/1765140000000-resuming';
import { DatasetSummary1765150000000 } from './migrations/1765150000000-dataset-summary';
import { Teams1766000002000 } from './migrations/1766000002000-teams';
import { Words1766000002100 } from './migrations/1766000002100-words';
import { Shares1766000002200 } from './migrations/1766000002200-shares';
import { OneBoard1766000002300 } from './migrations/1766000002300-one-board';
import { Diary1766000002301 } from './migrations/1766000002301-diary';
import { Fleet1766000002400 } from './migrations/1766000002400-fleet';
import { Studies1766000002700 } from './migrations/1766000002700-studies';
import { ValidationSeconds1766000002800 } from './migrations/1766000002800-validation-seconds';
import { Team1766000002900 } from './migrations/1766000002900-team';
import { ConfigurationDetails1766000003000 } from './migrations/1766000003000-configuration-details';
import { IndependentClaims1766000003100 } from './migrations/1766000003100-independent-claims';
import { Reports1766000003200 } from './migrations/1766000003200-reports';
import { Prompts1766000003300 } from './migrations/1766000003300-prompts';
import { Models1766000003400 } from './migrations/1766000003400-models';
import { FittingClaims1766000003500 } from './migrations/1766000003500-fitting-claims';
import { GenericPlans1766000003600 } from './migrations/1766000003600-generic-plans';
import { ReadsOfAClaim1766000003700 } from './migrations/1766000003700-reads-of-a-claim';
import { OrderedSums1766000004000 } from './migrations/1766000004000-ordered-sums';
import { UncheckedDetails1766000005000 } from './migrations/1766000005000-unchecked-details';
import { PlannedClaims1766000006000 } from './migrations/1766000006000-planned-claims';
import { Lineage1766000007000 } from './migrations/1766000007000-lineage';
import { KeptValues1766000008000 } from './migrations/1766000008000-kept-values';
import { BestNotCancelled1766000009000 } from './migrations/1766000009000-best-not-cancelled';
import { EndedBefore1766000010000 } from './migrations/1766000010000-ended-before';
import { KeptNumbers1766000011000 } from './migrations/1766000011000-kept-numbers';
import { RetriedArrivals1766000011001 } from './migrations/1766000011001-retried-arrivals';
import { KeptSums1766000011002 } from './migrations/1766000011002-kept-sums';
import { OrderedClaims1766000012000 } from './migrations/1766000012000-ordered-claims';
import { OwnLogs1766000013000 } from './migrations/1766000013000-own-logs';
import { lockTables } from './schema/lock-tables';

/** Most connections that one process holds for queries. */
const connections = 5;
/** Milliseconds after which the server ends an idle transaction: its locks would block the fleet. */
const silence = 8_000;
/** Milliseconds without an answer after which a connection is closed: a network that drops packets would keep it open for minutes. */
const longestAnswer = 20_000;

export const entities = [
  Sweep,
  SweepEdit,
  SweepUsage,
  Trial,
  Attempt,
  MetricChunk,
  Dataset,
  Worker,
  IdempotencyKey,
  BaselineRow,
  DiagnosticsRow,
  SnapshotsRow,
  ProposalRow,
  VerdictRow,
  PairedTestRow,
  Configuration,
  BoardRecord,
  Change,
  SampleRow,
  SavedViewRow,
  Team,
  Member,
  ApiKey,
  AuditEntry,
  ConfigurationDetailsRow,
  TrialDetailsRow,
  Share,
  UsageMonth,
  Pin,
  Webhook,
  Delivery,
  ToldBest,
  SignatureMemory,
  DepartedMemory,
  ReadingLink,
  DiaryRow,
  ReportRow,
  ReviewRow,
  RegisteredModelRow,
  ModelVersionRow,
  ModelAliasRow,
];
export const migrations = [
  First1764000000000,
  Diagnostics1764300000000,
  NothingLost1764400000000,
  Search1764500000000,
  Populations1764600000000,
  Board1764700000000,
  BoardTokens1764800000000,
  Names1764900000000,
  LaterVerdicts1765000000000,
  ReusedTrials1765110000000,
  SweepEdits1765120000000,
  PairedTests1765130000000,
  Resuming1765140000000,
  DatasetSummary1765150000000,
  Teams1766000002000,
  Words1766000002100,
  Shares1766000002200,
  OneBoard1766000002300,
  Diary1766000002301,
  Fleet1766000002400,
  Studies1766000002700,
  ValidationSeconds1766000002800,
  Team1766000002900,
  ConfigurationDetails1766000003000,
  IndependentClaims1766000003100,
  Reports1766000003200,
  Prompts1766000003300,
  Models1766000003400,
  FittingClaims1766000003500,
  GenericPlans1766000003600,
  ReadsOfAClaim1766000003700,
  OrderedSums1766000004000,
  UncheckedDetails1766000005000,
  PlannedClaims1766000006000,
  Lineage1766000007000,
  KeptValues1766000008000,
  BestNotCancelled1766000009000,
  EndedBefore1766000010000,
  KeptNumbers1766000011000,
  RetriedArrivals1766000011001,
  KeptSums1766000011002,
  OrderedClaims1766000012000,
  OwnLogs1766000013000,
];

/** How a process holds its connections. */
export interface Holding {
  /** Most connections for queries. */
  most?: number;
  /** Milliseconds without a query after which a connection is closed; undefined: 10 s. */
  idle?: number;
  /** Whether the server is a pooler whose connections change with each transaction: it takes no settings of a session. */
  pooled?: boolean;
}

/** How every process of Unroll connects to PostgreSQL at `url`. */
export function dataSourceOptions(
  url: string,
  { most = connections, idle, pooled = false }: Holding = {},
): DataSourceOptions {
  return {
    type: 'postgres',
    url,
    entities,
    migrations,
    migrationsTableName: 'migrations',
    synchronize: false,
    logging: false,
    extra: {
      max: most,
      ...(idle === undefined ? {} : { idleTimeoutMillis: idle }),
      connectionTimeoutMillis: 10_000,
      // No statement runs for as long as it would take to compile it, which tables without statistics make seem worth it.
      ...(pooled ? {} : { idle_in_transaction_session_timeout: silence, options: '-c jit=off' }),
      application_name: 'unroll',
      stream: () => openSocket(),
    },
  };
}

function openSocket(): Socket {
  const socket = new Socket();
  return socket.setTimeout(longestAnswer, () =>
    socket.destroy(new Error(`PostgreSQL did not answer for ${longestAnswer / 1000} s`)),
  );
}

/** Advisory lock numbers of the tasks that only one process may do at a time. */
export const advisoryLocks = { migrate: 0x756e0001, lead: 0x756e0002 } as const;

async function isNewer(runner: QueryRunner): Promise<boolean> {
  const [{ exists }] = (await runner.query(`select to_regclass('migrations') is not null as exists`)) as [
    { exists: boolean },
  ];
  if (!exists) return false;
  const rows = (await runner.query(`select from migrations where timestamp > $1`, [schemaVersion])) as unknown[];
  return rows.length > 0;
}

/**
 * The same connections for what takes as long as it takes: a migration of large tables, and the lock that is held meanwhile, are silent for
 * longer than any other answer. A server that is gone shows by the network's own signs of life.
 */
export function patientOptions(options: DataSourceOptions): DataSourceOptions {
  const extra = { ...(options.extra as object), stream: () => new Socket(), keepAlive: true };
  return Object.assign({ ...options }, { extra });
}

/** Migrates the schema; processes that call this at the same time wait for each other. */
export async function migrate(given: DataSource): Promise<void> {
  const dataSource = await new DataSource(patientOptions(given.options)).initialize();
  try {
    await migrateOn(dataSource);
  } finally {
    await dataSource.destroy();
  }
}

/**
 * Runs the migrations that are missing in one transaction, which first locks all tables that are there: each migration locks those that it
 * changes, in whatever order it names them, and transactions of a fleet that works meanwhile use them in orders of their own.
 */
async function migrateTables(runner: QueryRunner): Promise<void> {
  const executor = new MigrationExecutor(runner.connection, runner);
  executor.transaction = 'all';
  if ((await executor.getPendingMigrations()).length === 0) return;
  await runner.startTransaction();
  try {
    await lockTables(runner);
    await executor.executePendingMigrations();
    await runner.commitTransaction();
  } catch (error) {
    await runner.rollbackTransaction().catch(() => undefined);
    throw error;
  }
}

async function migrateOn(dataSource: DataSource): Promise<void> {
  const runner = dataSource.createQueryRunner();
  await runner.connect();
  try {
    await runner.query('select pg_advisory_lock($1)', [advisoryLocks.migrate]);
    if (await isNewer(runner))
      throw new Error('its schema was created by a newer version of Unroll: start that version');
    await migrateTables(runner);
    await runner.query('select pg_advisory_unlock($1)', [advisoryLocks.migrate]);
  } finally {
    await runner.release();
  }
}

/** Whether the schema is the one that this build expects. */
export async function schemaIsCurrent(dataSource: DataSource): Promise<boolean> {
  const [{ exists }] = await dataSource.query<[{ exists: boolean }]>(
    `select to_regclass('migrations') is not null as exists`,
  );
  if (!exists) return false;
  const rows = await dataSource.query<{ name: string }[]>('select name from migrations');
  const applied = new Set(rows.map(({ name }) => name));
  return applied.size === migrations.length && migrations.every((migration) => applied.has(migration.name));
}
