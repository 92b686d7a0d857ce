import { Controller, Get, Param, Query, StreamableFile } from '@nestjs/common';
import { ApiProduces, ApiTags } from '@nestjs/swagger';
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
import { Admits, OpensByLink } from '../access/access';
import { From, type Caller } from '../access/caller';
import { ApiShapeResponse, ApiShapeQuery } from '../http/api-shapes';
import { ContractPipe } from '../http/document';
import { BoardsService } from './boards.service';

const problems = [401, 404, 422, 503];

@ApiTags('leaderboards')
@Controller('v1')
export class BoardsController {
  constructor(private readonly boards: BoardsService) {}

  @Get('sweeps/:id/leaderboard')
  @Admits('viewer')
  @OpensByLink('sweep')
  @ApiShapeQuery(boardQueries.boardQuery)
  @ApiShapeResponse('Leaderboard', { problems })
  ofSweep(
    @From() caller: Caller,
    @Param('id') id: string,
    @Query(new ContractPipe(boardQueries.boardQuery)) query: BoardQuery,
  ): Promise<Leaderboard> {
    return this.boards.ofSweep(caller, id, query);
  }

  @Get('sweeps/:id/export')
  @Admits('viewer')
  @OpensByLink('sweep')
  @ApiProduces('text/csv', 'application/x-ndjson')
  @ApiShapeQuery(boardQueries.exportQuery)
  exportSweep(
    @From() caller: Caller,
    @Param('id') id: string,
    @Query(new ContractPipe(boardQueries.exportQuery)) query: ExportQuery,
  ): Promise<StreamableFile> {
    return this.boards.exportSweep(caller, id, query);
  }

  @Get('leaderboard')
  @Admits('viewer')
  @OpensByLink('board')
  @ApiShapeQuery(boardQueries.teamBoardQuery)
  @ApiShapeResponse('TeamLeaderboard', { problems })
  ofTeam(
    @From() caller: Caller,
    @Query(new ContractPipe(boardQueries.teamBoardQuery)) query: TeamBoardQuery,
  ): Promise<TeamLeaderboard> {
    return this.boards.ofTeam(caller, query);
  }

  @Get('leaderboard/export')
  @Admits('viewer')
  @OpensByLink('board')
  @ApiProduces('text/csv', 'application/x-ndjson')
  @ApiShapeQuery(boardQueries.teamExportQuery)
  exportTeam(
    @From() caller: Caller,
    @Query(new ContractPipe(boardQueries.teamExportQuery)) query: TeamExportQuery,
  ): Promise<StreamableFile> {
    return this.boards.exportTeam(caller, query);
  }

  @Get('boards')
  @Admits('viewer')
  @ApiShapeResponse('Boards', { problems: [401, 503] })
  list(@From() caller: Caller): Promise<BoardList> {
    return this.boards.list(caller);
  }
}
