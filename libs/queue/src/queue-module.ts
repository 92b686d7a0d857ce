import { BullModule, type BullRootModuleOptions } from '@nestjs/bullmq';
import { Module, type DynamicModule } from '@nestjs/common';
import type { Config } from '@unroll/config';
import { createPostgresBackend, setDefaultBackendFactory } from 'bullmq';
import { Redis } from 'ioredis';
import { Client } from 'pg';
import { ticketQueueName, TicketQueue } from './ticket-queue';

/** Most connections of one BullMQ object to PostgreSQL, besides the one that listens. */
const connections = 1;

/** The queue server is unreachable or misconfigured. The message is one line. */
export class QueueRefused extends Error {
  override readonly name = 'QueueRefused';
}

type QueueConfig = Pick<Config, 'databaseUrl' | 'databaseDirectUrl' | 'redisUrl'>;

/**
 * BullMQ on Redis if REDIS_URL is set, else on PostgreSQL. Installations that share a Redis are separated by the name of their database.
 */
@Module({})
export class QueueModule {
  /** `migrate`: whether this process creates the tables of a queue on PostgreSQL; a worker's role may not. */
  static forRoot({ databaseUrl, databaseDirectUrl, redisUrl }: QueueConfig, { migrate = true } = {}): DynamicModule {
    const database = new URL(databaseUrl).pathname.slice(1);
    setDefaultBackendFactory(redisUrl ? undefined : createPostgresBackend);
    const root = redisUrl
      ? { connection: { url: redisUrl, maxRetriesPerRequest: null }, prefix: `unroll-${database}` }
      : {
          connection: {
            // It listens to notifications, which a pooler does not pass on.
            connectionString: databaseDirectUrl ?? databaseUrl,
            migrate,
            max: connections,
            // A ticket may be lost: no commit of the queue waits for the disk.
            options: '-c synchronous_commit=off',
            application_name: 'unroll-queue',
          },
        };
    return {
      module: QueueModule,
      global: true,
      imports: [BullModule.forRoot(root as BullRootModuleOptions), BullModule.registerQueue({ name: ticketQueueName })],
      providers: [TicketQueue],
      exports: [TicketQueue, BullModule],
    };
  }
}

/** Whether the tables of a queue on PostgreSQL are there. If it cannot be asked it counts as ready: whoever uses it next says why not. */
export async function queueIsReady({ databaseUrl, databaseDirectUrl, redisUrl }: QueueConfig): Promise<boolean> {
  if (redisUrl) return true;
  const client = new Client({ connectionString: databaseDirectUrl ?? databaseUrl, application_name: 'unroll-queue' });
  client.on('error', () => undefined);
  try {
    await client.connect();
    const { rows } = await client.query<{ exists: boolean }>(
      `select to_regclass('bullmq.migration') is not null as exists`,
    );
    return rows[0]!.exists;
  } catch {
    return true;
  } finally {
    await client.end().catch(() => undefined);
  }
}

/**
 * Checks the running server: Redis must answer, and must not evict keys, which would lose tickets.
 * @throws QueueRefused
 */
export async function checkQueueServer({ redisUrl }: Pick<Config, 'redisUrl'>): Promise<void> {
  if (!redisUrl) return;
  const redis = new Redis(redisUrl, {
    lazyConnect: true,
    retryStrategy: null,
    connectTimeout: 5000,
    maxRetriesPerRequest: 0,
  });
  const refusals: string[] = [];
  redis.on('error', (error: Error & { code?: string }) => refusals.push(error.message || (error.code ?? 'no answer')));
  try {
    await redis.connect();
    const policy = /^maxmemory_policy:(\S+)/m.exec(await redis.info('memory'))?.[1];
    if (policy !== undefined && policy !== 'noeviction')
      throw new QueueRefused(`Redis evicts keys (maxmemory-policy ${policy}): set maxmemory-policy to noeviction`);
  } catch (error) {
    if (error instanceof QueueRefused) throw error;
    throw new QueueRefused(`Redis at ${new URL(redisUrl).host} cannot be reached: ${refusals[0] ?? String(error)}`);
  } finally {
    redis.disconnect();
  }
}
