import { Controller, Get } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import type { Page, WorkerView } from '@unroll/contracts';
import { liveWorkers } from '@unroll/database';
import { DataSource } from 'typeorm';
import { Admits } from '../access/access';
import { From, type Caller } from '../access/caller';
import { ApiShapeResponse } from '../http/api-shapes';
import { seenWithin, workerView } from './worker-view';

@ApiTags('workers')
@Controller('v1/workers')
export class WorkersController {
  constructor(private readonly dataSource: DataSource) {}

  @Get()
  @Admits('viewer')
  @ApiShapeResponse('WorkerPage', { problems: [401, 503] })
  async list(@From() caller: Caller): Promise<Page<WorkerView>> {
    const workers = await liveWorkers(this.dataSource, caller.teamId, seenWithin);
    return { items: workers.map(workerView), nextCursor: null };
  }
}
