import { Controller, Get, HttpStatus } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import { HealthCheckService } from '@nestjs/terminus';
import { schemaIsCurrent } from '@unroll/database';
import { TicketQueue } from '@unroll/queue';
import { DataSource } from 'typeorm';
import { Admits } from '../access/access';
import { ProblemException } from '../http/problem';

/** Milliseconds that each component has to answer. */
const timeout = 3000;

@ApiTags('health')
@Controller()
export class HealthController {
  constructor(
    private readonly health: HealthCheckService,
    private readonly dataSource: DataSource,
    private readonly tickets: TicketQueue,
  ) {}

  /** Liveness: the process answers. */
  @Get('healthz')
  @Admits('open')
  alive(): { status: string } {
    return { status: 'ok' };
  }

  /** Readiness: the database has the current schema, and the queue answers. */
  @Get('readyz')
  @Admits('open')
  async ready(): Promise<{ status: string }> {
    const check = async (name: string, ping: () => Promise<unknown>) => {
      await withTimeout(ping()).catch((error: unknown) => {
        throw new ProblemException(
          HttpStatus.SERVICE_UNAVAILABLE,
          `the ${name} cannot be used: ${error instanceof Error ? error.message : String(error)}`,
        );
      });
      return { [name]: { status: 'up' as const } };
    };
    const { status } = await this.health.check([
      () => check('database', () => this.requireSchema()),
      () => check('queue', () => this.tickets.ping()),
    ]);
    return { status };
  }

  private async requireSchema(): Promise<void> {
    if (!(await schemaIsCurrent(this.dataSource))) throw new Error('its schema is of another version');
  }
}

async function withTimeout<Value>(promise: Promise<Value>): Promise<Value> {
  let timer: NodeJS.Timeout | undefined;
  const expired = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error('no answer')), timeout);
  });
  return Promise.race([promise, expired]).finally(() => clearTimeout(timer));
}
