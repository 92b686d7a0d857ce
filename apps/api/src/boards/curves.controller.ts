import { Controller, Get, Param, Query } from '@nestjs/common';
import { ApiBearerAuth, ApiTags } from '@nestjs/swagger';
import {
  boardQueries,
  type ComparedCurvesQuery,
  type Comparison,
  type ComparisonQuery,
  type Curves,
  type CurvesQuery,
  type History,
  type Points,
  type PointsQuery,
} from '@unroll/contracts';
import { ApiShapeResponse, ApiShapeQuery } from '../http/api-shapes';
import { ContractPipe } from '../http/document';
import { CurvesService } from './curves.service';

const problems = [401, 404, 422, 503];

@ApiTags('leaderboards')
@ApiBearerAuth()
@Controller('v1')
export class CurvesController {
  constructor(private readonly service: CurvesService) {}

  @Get('sweeps/:id/curves')
  @ApiShapeQuery(boardQueries.curvesQuery)
  @ApiShapeResponse('Curves', { problems })
  ofSweep(
    @Param('id') id: string,
    @Query(new ContractPipe(boardQueries.curvesQuery)) query: CurvesQuery,
  ): Promise<Curves> {
    return this.service.ofSweep(id, query);
  }

  @Get('curves')
  @ApiShapeQuery(boardQueries.comparedCurvesQuery)
  @ApiShapeResponse('Curves', { problems })
  ofTrials(@Query(new ContractPipe(boardQueries.comparedCurvesQuery)) query: ComparedCurvesQuery): Promise<Curves> {
    return this.service.ofTrials(query);
  }

  @Get('sweeps/:id/points')
  @ApiShapeQuery(boardQueries.pointsQuery)
  @ApiShapeResponse('Points', { problems })
  points(
    @Param('id') id: string,
    @Query(new ContractPipe(boardQueries.pointsQuery)) query: PointsQuery,
  ): Promise<Points> {
    return this.service.points(id, query);
  }

  @Get('sweeps/:id/history')
  @ApiShapeResponse('History')
  history(@Param('id') id: string): Promise<History> {
    return this.service.history(id);
  }

  @Get('comparison')
  @ApiShapeQuery(boardQueries.comparisonQuery)
  @ApiShapeResponse('Comparison', { problems })
  compare(@Query(new ContractPipe(boardQueries.comparisonQuery)) query: ComparisonQuery): Promise<Comparison> {
    return this.service.compare(query);
  }
}
