import { Controller, Get } from '@nestjs/common';
import { ApiBearerAuth, ApiTags } from '@nestjs/swagger';
import type { Page, WorkerView } from '@unroll/contracts';
import { liveWorkers } from '@unroll/database';
import { DataSource } from 'typeorm';
import { ApiShapeResponse } from '../http/api-shapes';
import { seenWithin, workerView } from './worker-view';

@ApiTags('workers')
@ApiBearerAuth()
@Controller('v1/workers')
export class WorkersController {
  constructor(private readonly dataSource: DataSource) {}

  @Get()
  @ApiShapeResponse('WorkerPage', { problems: [401, 503] })
  async list(): Promise<Page<WorkerView>> {
    const workers = await liveWorkers(this.dataSource, seenWithin);
    return { items: workers.map(workerView), nextCursor: null };
  }
}
