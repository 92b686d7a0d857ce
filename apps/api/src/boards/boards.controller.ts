import { Controller, Get, Param, Query, StreamableFile } from '@nestjs/common';
import { ApiBearerAuth, ApiProduces, ApiTags } from '@nestjs/swagger';
import {
  boardQueries,
  type BoardList,
  type BoardQuery,
  type ExportQuery,
  type Leaderboard,
  type TeamBoardQuery,
  type TeamExportQuery,
  type TeamLeaderboard,
} from '@unroll/contracts';
import { ApiShapeResponse, ApiShapeQuery } from '../http/api-shapes';
import { ContractPipe } from '../http/document';
import { BoardsService } from './boards.service';

const problems = [401, 404, 422, 503];

@ApiTags('leaderboards')
@ApiBearerAuth()
@Controller('v1')
export class BoardsController {
  constructor(private readonly boards: BoardsService) {}

  @Get('sweeps/:id/leaderboard')
  @ApiShapeQuery(boardQueries.boardQuery)
  @ApiShapeResponse('Leaderboard', { problems })
  ofSweep(
    @Param('id') id: string,
    @Query(new ContractPipe(boardQueries.boardQuery)) query: BoardQuery,
  ): Promise<Leaderboard> {
    return this.boards.ofSweep(id, query);
  }

  @Get('sweeps/:id/export')
  @ApiProduces('text/csv', 'application/x-ndjson')
  @ApiShapeQuery(boardQueries.exportQuery)
  exportSweep(
    @Param('id') id: string,
    @Query(new ContractPipe(boardQueries.exportQuery)) query: ExportQuery,
  ): Promise<StreamableFile> {
    return this.boards.exportSweep(id, query);
  }

  @Get('leaderboard')
  @ApiShapeQuery(boardQueries.teamBoardQuery)
  @ApiShapeResponse('TeamLeaderboard', { problems })
  ofTeam(@Query(new ContractPipe(boardQueries.teamBoardQuery)) query: TeamBoardQuery): Promise<TeamLeaderboard> {
    return this.boards.ofTeam(query);
  }

  @Get('leaderboard/export')
  @ApiProduces('text/csv', 'application/x-ndjson')
  @ApiShapeQuery(boardQueries.teamExportQuery)
  exportTeam(@Query(new ContractPipe(boardQueries.teamExportQuery)) query: TeamExportQuery): Promise<StreamableFile> {
    return this.boards.exportTeam(query);
  }

  @Get('boards')
  @ApiShapeResponse('Boards', { problems: [401, 503] })
  list(): Promise<BoardList> {
    return this.boards.list();
  }
}
