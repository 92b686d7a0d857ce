import { Controller, Get, Param } from '@nestjs/common';
import { ApiBearerAuth, ApiTags } from '@nestjs/swagger';
import type { Importance } from '@unroll/contracts';
import { ApiShapeResponse } from '../http/api-shapes';
import { ImportanceService } from './importance.service';

@ApiTags('leaderboards')
@ApiBearerAuth()
@Controller('v1/sweeps/:id/importance')
export class ImportanceController {
  constructor(private readonly importance: ImportanceService) {}

  @Get()
  @ApiShapeResponse('Importance')
  show(@Param('id') id: string): Promise<Importance> {
    return this.importance.show(id);
  }
}
