import { Controller, Get, Param, Query } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
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
import { Admits, OpensByLink } from '../access/access';
import { From, type Caller } from '../access/caller';
import { ApiShapeResponse, ApiShapeQuery } from '../http/api-shapes';
import { ContractPipe } from '../http/document';
import { CurvesService } from './curves.service';

const problems = [401, 404, 422, 503];

@ApiTags('leaderboards')
@Controller('v1')
export class CurvesController {
  constructor(private readonly service: CurvesService) {}

  @Get('sweeps/:id/curves')
  @Admits('viewer')
  @OpensByLink('sweep')
  @ApiShapeQuery(boardQueries.curvesQuery)
  @ApiShapeResponse('Curves', { problems })
  ofSweep(
    @From() caller: Caller,
    @Param('id') id: string,
    @Query(new ContractPipe(boardQueries.curvesQuery)) query: CurvesQuery,
  ): Promise<Curves> {
    return this.service.ofSweep(caller, id, query);
  }

  @Get('curves')
  @Admits('viewer')
  @ApiShapeQuery(boardQueries.comparedCurvesQuery)
  @ApiShapeResponse('Curves', { problems })
  ofTrials(
    @From() caller: Caller,
    @Query(new ContractPipe(boardQueries.comparedCurvesQuery)) query: ComparedCurvesQuery,
  ): Promise<Curves> {
    return this.service.ofTrials(caller, query);
  }

  @Get('sweeps/:id/points')
  @Admits('viewer')
  @OpensByLink('sweep')
  @ApiShapeQuery(boardQueries.pointsQuery)
  @ApiShapeResponse('Points', { problems })
  points(
    @From() caller: Caller,
    @Param('id') id: string,
    @Query(new ContractPipe(boardQueries.pointsQuery)) query: PointsQuery,
  ): Promise<Points> {
    return this.service.points(caller, id, query);
  }

  @Get('sweeps/:id/history')
  @Admits('viewer')
  @OpensByLink('sweep')
  @ApiShapeResponse('History')
  history(@From() caller: Caller, @Param('id') id: string): Promise<History> {
    return this.service.history(caller, id);
  }

  @Get('comparison')
  @Admits('viewer')
  @ApiShapeQuery(boardQueries.comparisonQuery)
  @ApiShapeResponse('Comparison', { problems })
  compare(
    @From() caller: Caller,
    @Query(new ContractPipe(boardQueries.comparisonQuery)) query: ComparisonQuery,
  ): Promise<Comparison> {
    return this.service.compare(caller, query);
  }
}
