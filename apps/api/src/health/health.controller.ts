import { Controller, Get, HttpStatus } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import { HealthCheckService } from '@nestjs/terminus';
import { schemaIsCurrent } from '@unroll/database';
import { TicketQueue } from '@unroll/queue';
import { DataSource } from 'typeorm';
import { Open } from '../http/key-guard';
import { ProblemException } from '../http/problem';

/** Milliseconds that a part has to answer. */
const patience = 3000;

@ApiTags('health')
@Open()
@Controller()
export class HealthController {
  constructor(
    private readonly health: HealthCheckService,
    private readonly dataSource: DataSource,
    private readonly tickets: TicketQueue,
  ) {}

  /** The process answers. */
  @Get('healthz')
  alive(): { status: string } {
    return { status: 'ok' };
  }

  /** Database, schema and queue answer. */
  @Get('readyz')
  async ready(): Promise<{ status: string }> {
    const check = async (name: string, part: () => Promise<unknown>) => {
      await within(part()).catch((error: unknown) => {
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
    if (!(await schemaIsCurrent(this.dataSource))) throw new Error('its schema is not the one of this version');
  }
}

async function within<Value>(promise: Promise<Value>): Promise<Value> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error('no answer')), patience);
  });
  return Promise.race([promise, late]).finally(() => clearTimeout(timer));
}
