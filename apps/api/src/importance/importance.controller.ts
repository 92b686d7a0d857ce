import { Controller, Get, Param } from '@nestjs/common';
import { ApiBearerAuth, ApiTags } from '@nestjs/swagger';
import type { Importance } from '@unroll/contracts';
import { Answers } from '../http/answers';
import { ImportanceService } from './importance.service';

@ApiTags('leaderboards')
@ApiBearerAuth()
@Controller('v1/sweeps/:id/importance')
export class ImportanceController {
  constructor(private readonly importance: ImportanceService) {}

  @Get()
  @Answers('Importance')
  show(@Param('id') id: string): Promise<Importance> {
    return this.importance.of(id);
  }
}
