import { HttpStatus, Injectable, StreamableFile } from '@nestjs/common';
import {
  suggestion,
  type BoardQuery,
  type BoardView,
  type ExportQuery,
  type Leaderboard,
  type SweepSpec,
  type TeamBoardQuery,
  type TeamExportQuery,
  type TeamLeaderboard,
} from '@unroll/contracts';
import { boardSweeps, findId, hasIndex, mostLookedAt, Sweep, sweepBoards, type CountedBoard } from '@unroll/database';
import { parameterAxes } from '@unroll/search';
import { DataSource } from 'typeorm';
import { ProblemException } from '../http/problem';
import { boardPage } from './board-page';
import { metricNamesOf, requestOf, type AskedBoard } from './board-request';
import { exportOf } from './export';
import { CountedBoards } from './counted-boards';

/** Sweeps of a board that say what it can be sorted by; its newest. */
const mostSweeps = 200;

const pathsOf = (spec: SweepSpec): string[] => parameterAxes(spec).map(({ path }) => path);

export type Chosen = Pick<TeamBoardQuery, 'dataset' | 'metric' | 'board'>;

@Injectable()
export class BoardsService {
  private readonly counted: CountedBoards;

  constructor(private readonly dataSource: DataSource) {
    this.counted = new CountedBoards(dataSource);
  }

  async ofSweep(prefix: string, query: BoardQuery): Promise<Leaderboard> {
    const { board, boards } = await this.sweepBoard(prefix);
    return boardPage(this.dataSource, board, boards, query);
  }

  async ofTeam(query: TeamBoardQuery): Promise<TeamLeaderboard> {
    const { board, chosen, all } = await this.teamBoard(query);
    const { request, ranked } = requestOf(board, query, query.limit);
    const page = await boardPage(this.dataSource, board, [chosen.comparisonKey], query);
    const indexed = ranked && hasIndex(board.place, request.filter);
    const bounded = !indexed && chosen.configurations > mostLookedAt;
    const boards = all.filter(({ dataset }) => dataset === chosen.dataset).map(boardView);
    return { ...page, board: boardView(chosen), boards, among: bounded ? mostLookedAt : null };
  }

  async exportSweep(prefix: string, query: ExportQuery): Promise<StreamableFile> {
    const { board, sweep } = await this.sweepBoard(prefix);
    return this.file(board, query, `leaderboard-${sweep.id}`);
  }

  async exportTeam({ dataset, metric, board: id, ...query }: TeamExportQuery): Promise<StreamableFile> {
    const { board, chosen } = await this.teamBoard({ dataset, metric, board: id });
    return this.file(board, query, `leaderboard-${chosen.dataset}`);
  }

  private async file(board: AskedBoard, query: ExportQuery, name: string): Promise<StreamableFile> {
    const { stream, type, extension } = await exportOf(this.dataSource, board, query);
    return new StreamableFile(stream, { type, disposition: `attachment; filename="${name}.${extension}"` });
  }

  async list(): Promise<{ items: BoardView[] }> {
    return { items: (await this.counted.read()).map(boardView) };
  }

  /** The leaderboard of a sweep, and the ids of what it measured. */
  async sweepBoard(prefix: string): Promise<{ board: AskedBoard; boards: string[]; sweep: Sweep }> {
    const sweepId = await findId(this.dataSource, 'sweeps', prefix);
    const [sweep, { comparisonKeys: boards, metrics }] = await Promise.all([
      this.dataSource.getRepository(Sweep).findOneByOrFail({ id: sweepId }),
      sweepBoards(this.dataSource, sweepId),
    ]);
    const parameters = pathsOf(sweep.spec);
    const board = { place: { sweepId }, objective: sweep.objective, parameters, metrics: metricNamesOf(metrics) };
    return { board, boards, sweep };
  }

  /** The team's board that is asked for: of those that fit, the one with most configurations. */
  async teamBoard(asked: Chosen): Promise<{ board: AskedBoard; chosen: CountedBoard; all: CountedBoard[] }> {
    const all = await this.counted.read();
    const chosen = choose(all, asked) ?? choose(await this.counted.readAgain(), asked);
    if (!chosen) throw new ProblemException(HttpStatus.NOT_FOUND, refusal(all, asked));
    const { specs, metrics } = await boardSweeps(this.dataSource, chosen, mostSweeps);
    const parameters = [...new Set(specs.flatMap(pathsOf))];
    const { comparisonKey, objective, metric, goal } = chosen;
    const metricNames = metricNamesOf(metrics);
    return {
      board: { place: { comparisonKey, objective }, objective: { metric, goal }, parameters, metrics: metricNames },
      chosen,
      all,
    };
  }
}

function choose(all: readonly CountedBoard[], { dataset, metric, board }: Chosen): CountedBoard | undefined {
  return all.find(
    (each) =>
      (dataset === undefined || each.dataset === dataset) &&
      (metric === undefined || each.metric === metric) &&
      (board === undefined || each.comparisonKey === board),
  );
}

function refusal(all: readonly CountedBoard[], { dataset, metric, board }: Chosen): string {
  if (all.length === 0) return 'no trial has a value yet: there is no leaderboard';
  const datasets = [...new Set(all.map((each) => each.dataset))];
  if (dataset !== undefined && !datasets.includes(dataset))
    return `no trial on the data set ${JSON.stringify(dataset)} has a value${suggestion(dataset, datasets)}: there are boards of ${datasets.join(', ')}`;
  const metrics = [...new Set(all.filter((each) => !dataset || each.dataset === dataset).map((each) => each.metric))];
  if (metric !== undefined && !metrics.includes(metric))
    return `no sweep there optimises ${JSON.stringify(metric)}: there are boards of ${metrics.join(', ')}`;
  return board === undefined
    ? 'there is no such leaderboard'
    : `there is no board ${JSON.stringify(board)} of that kind`;
}

const boardView = ({ comparisonKey: id, reading, ...rest }: CountedBoard): BoardView => {
  const { dataset, fingerprint, task, tokens, metric, goal, configurations } = rest;
  return { id, dataset, fingerprint, split: reading, task, tokens, metric, goal, configurations };
};
