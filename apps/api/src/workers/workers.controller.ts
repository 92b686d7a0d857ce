import { Controller, Get } from '@nestjs/common';
import { ApiBearerAuth, ApiTags } from '@nestjs/swagger';
import type { Page, WorkerView } from '@unroll/contracts';
import { liveWorkers } from '@unroll/database';
import { DataSource } from 'typeorm';
import { Answers } from '../http/answers';

/** Seconds after which a worker that was not seen is no longer listed. */
const seenWithin = 10;

@ApiTags('workers')
@ApiBearerAuth()
@Controller('v1/workers')
export class WorkersController {
  constructor(private readonly dataSource: DataSource) {}

  @Get()
  @Answers('WorkerPage', { problems: [401, 503] })
  async list(): Promise<Page<WorkerView>> {
    const workers = await liveWorkers(this.dataSource, seenWithin);
    return {
      items: workers.map((worker) => ({ ...worker, lastSeen: worker.lastSeen.toISOString() })),
      nextCursor: null,
    };
  }
}
