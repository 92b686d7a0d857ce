import { Controller, Get, HttpCode, HttpStatus, Param, Post } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import { rest, type DrainBody, type Page, type WorkerView } from '@unroll/contracts';
import { Admits } from '../access/access';
import { From, type Caller } from '../access/caller';
import { ApiShapeResponse } from '../http/api-shapes';
import { ContractPipe, Document } from '../http/document';
import { WorkersService } from './workers.service';

const body = new ContractPipe(rest.drainBody);

@ApiTags('workers')
@Controller('v1/workers')
export class WorkersController {
  constructor(private readonly workers: WorkersService) {}

  @Get()
  @Admits('viewer')
  @ApiShapeResponse('WorkerPage', { problems: [401, 503] })
  async list(@From() caller: Caller): Promise<Page<WorkerView>> {
    return { items: await this.workers.list(caller), nextCursor: null };
  }

  /** The fleet serves all teams: their operator decides who leaves it. */
  @Post(':id/drain')
  @HttpCode(HttpStatus.OK)
  @Admits('operator', 'worker.drain')
  @ApiShapeResponse('Worker')
  drain(@From() caller: Caller, @Param('id') id: string, @Document(body) wish: DrainBody): Promise<WorkerView> {
    return this.workers.drain(caller, id, wish);
  }

  @Post(':id/resume')
  @HttpCode(HttpStatus.OK)
  @Admits('operator', 'worker.resume')
  @ApiShapeResponse('Worker')
  resume(@From() caller: Caller, @Param('id') id: string): Promise<WorkerView> {
    return this.workers.resume(caller, id);
  }
}
