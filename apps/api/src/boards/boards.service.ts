import { HttpStatus, Injectable, StreamableFile } from '@nestjs/common';
import {
  countFolds,
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
import {
  boardSweeps,
  findId,
  hasIndex,
  mostLookedAt,
  Sweep,
  sweepBoards,
  type BoardSweep,
  type CountedBoard,
} from '@unroll/database';
import { fixedParameters, measuredOptions, parameterAxes } from '@unroll/search';
import { DataSource } from 'typeorm';
import type { Caller } from '../access/caller';
import { ProblemException } from '../http/problem';
import { boardPage } from './board-page';
import { boardRequest, metricNames, toldNames, type Board } from './board-request';
import { exportBoard, exportTurns } from './export';
import { CountedBoards } from './counted-boards';

/** Newest sweeps of a board whose parameters and metrics it can be sorted by. */
const mostSweeps = 200;

const parameterPaths = (spec: SweepSpec): string[] => parameterAxes(spec).map(({ path }) => path);

export type Chosen = Pick<TeamBoardQuery, 'dataset' | 'metric' | 'board'>;

@Injectable()
export class BoardsService {
  private readonly counted: CountedBoards;

  constructor(private readonly dataSource: DataSource) {
    this.counted = new CountedBoards(dataSource);
  }

  async ofSweep(caller: Caller, prefix: string, query: BoardQuery): Promise<Leaderboard> {
    const { board, boards } = await this.sweepBoard(caller, prefix);
    return boardPage(this.dataSource, board, boards, query);
  }

  async ofTeam(caller: Caller, query: TeamBoardQuery): Promise<TeamLeaderboard> {
    const { board, chosen, all } = await this.teamBoard(caller, query);
    const { request, ranked } = boardRequest(board, query, query.limit);
    const page = await boardPage(this.dataSource, board, [chosen.comparisonKey], query);
    const indexed = ranked && hasIndex(board.place, request.filter);
    const bounded = !indexed && chosen.configurations > mostLookedAt;
    // Whoever came by a link sees this one only.
    const others = caller.link ? [chosen] : all.filter(({ names }) => names.includes(chosen.dataset));
    const boards = others.map(boardView);
    return { ...page, board: boardView(chosen), boards, among: bounded ? mostLookedAt : null };
  }

  async exportSweep(caller: Caller, prefix: string, query: ExportQuery): Promise<StreamableFile> {
    const { board, sweep } = await exportTurns.take(() => this.sweepBoard(caller, prefix));
    return this.file(board, query, `leaderboard-${sweep.id}`);
  }

  async exportTeam(caller: Caller, { dataset, metric, board: id, ...query }: TeamExportQuery): Promise<StreamableFile> {
    const { board, chosen } = await exportTurns.take(() => this.teamBoard(caller, { dataset, metric, board: id }));
    return this.file(board, query, `leaderboard-${chosen.dataset}`);
  }

  private async file(board: Board, query: ExportQuery, name: string): Promise<StreamableFile> {
    const { stream, type, extension } = await exportBoard(this.dataSource, board, query);
    return new StreamableFile(stream, { type, disposition: `attachment; filename="${name}.${extension}"` });
  }

  async list(caller: Caller): Promise<{ items: BoardView[] }> {
    return { items: (await this.counted.read(caller.teamId)).map(boardView) };
  }

  /** The leaderboard of a sweep, and its comparison keys. */
  async sweepBoard(caller: Caller, prefix: string): Promise<{ board: Board; boards: string[]; sweep: Sweep }> {
    const sweepId = await findId(this.dataSource, caller.teamId, 'sweeps', prefix);
    const [sweep, { comparisonKeys: boards, sweeps, metrics }] = await Promise.all([
      this.dataSource.getRepository(Sweep).findOneByOrFail({ id: sweepId }),
      sweepBoards(this.dataSource, sweepId),
    ]);
    const parameters = parameterPaths(sweep.spec);
    const board = {
      ...{ place: { sweepId }, objective: sweep.objective },
      ...{ parameters, metrics: metricNames(metrics), told: toldNames(metrics, sweep.objective) },
      ...{ settings: settingsOf(sweeps), folds: foldsOf(sweeps) },
    };
    return { board, boards, sweep };
  }

  /** The team's board that is requested: of those that match, the one with the most configurations. */
  async teamBoard(caller: Caller, asked: Chosen): Promise<{ board: Board; chosen: CountedBoard; all: CountedBoard[] }> {
    const all = await this.counted.read(caller.teamId);
    const chosen = choose(all, asked) ?? choose(await this.counted.refresh(caller.teamId), asked);
    if (!chosen) throw new ProblemException(HttpStatus.NOT_FOUND, refusal(all, asked));
    const { sweeps, metrics } = await boardSweeps(this.dataSource, chosen, mostSweeps);
    const parameters = [...new Set(sweeps.flatMap(({ spec }) => parameterPaths(spec)))];
    const { comparisonKey, objective, metric, goal } = chosen;
    const place = { comparisonKey, objective };
    return {
      board: {
        ...{ place, objective: { metric, goal } },
        ...{ parameters, metrics: metricNames(metrics), told: toldNames(metrics, chosen) },
        ...{ settings: settingsOf(sweeps), folds: foldsOf(sweeps) },
      },
      chosen,
      all,
    };
  }
}

/** The settings that each sweep fixed; without those that an edit changed, which not all of its trials share. */
const settingsOf = (sweeps: readonly BoardSweep[]): Board['settings'] =>
  Object.fromEntries(
    sweeps.map(({ sweepId, spec, changed }) => {
      const isChanged = (path: string): boolean => changed.some((each) => `${path}.`.startsWith(`${each}.`));
      return [sweepId, Object.fromEntries(Object.entries(fixedParameters(spec)).filter(([path]) => !isChanged(path)))];
    }),
  );

const foldsOf = (sweeps: readonly BoardSweep[]): Board['folds'] =>
  Object.fromEntries(sweeps.map(({ sweepId, spec }) => [sweepId, countFolds(spec)]));

function choose(all: readonly CountedBoard[], { dataset, metric, board }: Chosen): CountedBoard | undefined {
  const found = all.find(
    (each) =>
      (dataset === undefined || each.names.includes(dataset)) &&
      (metric === undefined || each.metric === metric) &&
      (board === undefined || each.comparisonKey === board),
  );
  return found && { ...found, dataset: dataset ?? found.dataset };
}

function refusal(all: readonly CountedBoard[], { dataset, metric, board }: Chosen): string {
  if (all.length === 0) return 'there is no leaderboard yet: no trial has a value';
  const datasets = [...new Set(all.flatMap(({ names }) => names))];
  if (dataset !== undefined && !datasets.includes(dataset))
    return `no board of the data set ${JSON.stringify(dataset)}, only of ${datasets.join(', ')}${suggestion(dataset, datasets)}`;
  const metrics = [
    ...new Set(all.filter(({ names }) => !dataset || names.includes(dataset)).map((each) => each.metric)),
  ];
  if (metric !== undefined && !metrics.includes(metric))
    return `no board of the metric ${JSON.stringify(metric)}, only of ${metrics.join(', ')}`;
  return board === undefined ? 'there is no such leaderboard' : `there is no such board ${JSON.stringify(board)}`;
}

const boardView = ({ comparisonKey: id, reading, taskSpec, fold, ...rest }: CountedBoard): BoardView => {
  const { dataset, fingerprint, task, metric, goal, configurations } = rest;
  const { kind: _, ...options } = measuredOptions(taskSpec, metric);
  // Trials that differ only in their tokens may share a board.
  const tokens = 'tokens' in options ? rest.tokens : null;
  // The parts that are held out in turn share a board.
  const split = fold && fold.index === undefined ? { ...reading, fold } : reading;
  return { id, dataset, fingerprint, split, task, tokens, options, metric, goal, configurations };
};
