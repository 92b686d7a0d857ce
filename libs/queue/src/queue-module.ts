import { BullModule } from '@nestjs/bullmq';
import { Module, type DynamicModule } from '@nestjs/common';
import type { Config } from '@unroll/config';
import { createPostgresBackend, setDefaultBackendFactory } from 'bullmq';
import { Redis } from 'ioredis';
import { ticketQueueName, TicketQueue } from './ticket-queue';

/** Connections that one BullMQ object may hold to PostgreSQL. */
const connections = 2;

/** A queue server that cannot be trusted with a queue. The message is one line. */
export class QueueRefused extends Error {
  override readonly name = 'QueueRefused';
}

type QueuePlace = Pick<Config, 'databaseUrl' | 'redisUrl'>;

/** BullMQ on Redis where REDIS_URL names one, else on PostgreSQL. Two Unrolls on one Redis are kept apart by their database. */
@Module({})
export class QueueModule {
  static forRoot({ databaseUrl, redisUrl }: QueuePlace): DynamicModule {
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
      imports: [BullModule.forRoot(root as never), BullModule.registerQueue({ name: ticketQueueName })],
      providers: [TicketQueue],
      exports: [TicketQueue, BullModule],
    };
  }
}

/**
 * Checks what only a running server can tell: that Redis answers, and never evicts keys, which would lose tickets.
 * @throws QueueRefused
 */
export async function checkQueueServer({ redisUrl }: QueuePlace): Promise<void> {
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
      throw new QueueRefused(`Redis evicts keys (maxmemory-policy ${policy}): set it to noeviction`);
  } catch (error) {
    if (error instanceof QueueRefused) throw error;
    throw new QueueRefused(`Redis at ${new URL(redisUrl).host} cannot be reached: ${refusals[0] ?? String(error)}`);
  } finally {
    redis.disconnect();
  }
}
