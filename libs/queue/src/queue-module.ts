import { BullModule, type BullRootModuleOptions } from '@nestjs/bullmq';
import { Module, type DynamicModule } from '@nestjs/common';
import type { Config } from '@unroll/config';
import { createPostgresBackend, setDefaultBackendFactory } from 'bullmq';
import { Redis } from 'ioredis';
import { ticketQueueName, TicketQueue } from './ticket-queue';

/** Most connections of one BullMQ object to PostgreSQL. */
const connections = 2;

/** The queue server is unreachable or misconfigured. The message is one line. */
export class QueueRefused extends Error {
  override readonly name = 'QueueRefused';
}

type QueueConfig = Pick<Config, 'databaseUrl' | 'redisUrl'>;

/**
 * BullMQ on Redis if REDIS_URL is set, else on PostgreSQL. Installations that share a Redis are separated by the name of their database.
 */
@Module({})
export class QueueModule {
  static forRoot({ databaseUrl, redisUrl }: QueueConfig): DynamicModule {
    const database = new URL(databaseUrl).pathname.slice(1);
    setDefaultBackendFactory(redisUrl ? undefined : createPostgresBackend);
    const root = redisUrl
      ? { connection: { url: redisUrl, maxRetriesPerRequest: null }, prefix: `unroll-${database}` }
      : {
          connection: {
            connectionString: databaseUrl,
            migrate: true,
            max: connections,
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

/**
 * Checks the running server: Redis must answer, and must not evict keys, which would lose tickets.
 * @throws QueueRefused
 */
export async function checkQueueServer({ redisUrl }: QueueConfig): Promise<void> {
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
