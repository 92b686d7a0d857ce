import { Controller, Get, Param } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import type { Importance } from '@unroll/contracts';
import { Admits, OpensByLink } from '../access/access';
import { From, type Caller } from '../access/caller';
import { ApiShapeResponse } from '../http/api-shapes';
import { ImportanceService } from './importance.service';

@ApiTags('leaderboards')
@Controller('v1/sweeps/:id/importance')
export class ImportanceController {
  constructor(private readonly importance: ImportanceService) {}

  @Get()
  @Admits('viewer')
  @OpensByLink('sweep')
  @ApiShapeResponse('Importance')
  show(@From() caller: Caller, @Param('id') id: string): Promise<Importance> {
    return this.importance.show(caller, id);
  }
}
