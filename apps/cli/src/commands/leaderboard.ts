import type { Front, Leaderboard, SweepView, TeamLeaderboard } from '@unroll/contracts';
import type { Command } from 'commander';
import { call } from '../api/client';
import { CommandFailed } from '../errors/command-failed';
import { boardCsv, boardTable } from '../show/board';
import { frontCsv, frontTable } from '../show/front';
import { say, sayData, sayJson } from '../show/text';
import { example } from './command';
import { collect, requireFormat, wholeNumber } from './options';

interface Query {
  limit: number;
  sort?: string;
  order?: string;
  where?: string[];
}

/** The ranked configurations of a sweep. */
export function fetchBoard(id: string, asked: Query | number): Promise<Leaderboard> {
  const query = typeof asked === 'number' ? { limit: asked } : { ...asked };
  return call<Leaderboard>(`/v1/sweeps/${encodeURIComponent(id)}/leaderboard`, { query });
}

/** The configurations of a sweep with several objectives by Pareto rank; undefined if it has one objective. */
export async function fetchFront(id: string, limit: number): Promise<Front | undefined> {
  const path = `/v1/sweeps/${encodeURIComponent(id)}`;
  const { objectives } = await call<SweepView>(path);
  return objectives.length > 1 ? call<Front>(`${path}/front`, { query: { limit } }) : undefined;
}

/** Prints Pareto fronts. @throws CommandFailed for options that sort or filter them */
function showFront(front: Front, shape: string, { sort, order, where = [] }: Query): void {
  const asked =
    where.length > 0 ? '--where' : sort !== undefined ? '--sort' : order !== undefined ? '--order' : undefined;
  if (asked)
    throw new CommandFailed(
      `${asked}: not available for a sweep with several objectives, which is ranked by Pareto front`,
      2,
    );
  if (shape === 'json') return sayJson(front);
  if (shape === 'csv') return sayData(frontCsv(front));
  say(frontTable(front));
}

interface Options extends Query {
  format: string;
  json?: boolean;
  dataset?: string;
  metric?: string;
}

async function leaderboard(id: string | undefined, options: Options): Promise<void> {
  const { format, json, dataset, metric, ...asked } = options;
  const shape = requireFormat({ format, json });
  const isTeams = dataset !== undefined || metric !== undefined;
  if (isTeams && id !== undefined)
    throw new CommandFailed('give a sweep, or --dataset and --metric for the leaderboard of all sweeps, not both', 2);
  const front = isTeams ? undefined : await fetchFront(id ?? 'last', asked.limit);
  if (front) return showFront(front, shape, asked);
  const board = isTeams
    ? await call<TeamLeaderboard>('/v1/leaderboard', { query: { ...asked, dataset, metric } })
    : await fetchBoard(id ?? 'last', asked);
  if (shape === 'json') return sayJson(board);
  if (shape === 'csv') return sayData(boardCsv(board));
  if ('board' in board) say(teamTitle(board as TeamLeaderboard));
  const filtered = (asked.where ?? []).length > 0;
  if (filtered && board.items.length === 0) return say('No configuration with a value matches.');
  say(boardTable(board, (asked.sort ?? 'value') === 'value' && (asked.order ?? 'best') === 'best'));
}

function teamTitle({ board, boards }: TeamLeaderboard): string {
  const { dataset, task, tokens, metric, goal, configurations } = board;
  const others = boards.length - 1;
  const more = others > 0 ? `; ${others} other ${others === 1 ? 'leaderboard' : 'leaderboards'} for this data set` : '';
  return `${dataset}, ${task}${tokens ? ` by ${tokens}` : ''}: ${goal} ${metric}, ${configurations} configurations from all sweeps${more}`;
}

export function addLeaderboardCommand(program: Command): void {
  program
    .command('leaderboard [id]')
    .description('rank the configurations of a sweep (default: the newest), or of all sweeps on a data set')
    .option('--where <condition>', 'PATH:VALUE, PATH:VALUE|VALUE or PATH:LOW..HIGH; repeatable', collect, [])
    .option('--sort <key>', 'value, updates, seconds, finishedAt, metric:NAME or parameter:PATH (default: value)')
    .option('--order <order>', 'best, asc or desc')
    .option('--dataset <name>', 'rank all sweeps on this data set')
    .option('--metric <name>', 'rank all sweeps that optimize this metric')
    .option('--format <format>', 'table, json or csv', 'table')
    .option('--json', 'the same as --format json')
    .option('--limit <n>', 'maximum number of rows', wholeNumber(1, 1000), 20)
    .addHelpText(
      'after',
      example(
        'unroll leaderboard',
        'unroll leaderboard last --where model.cell:gru --where training.learningRate:1e-3..1e-2',
        "unroll leaderboard last --where 'model.cell:gru|lstm'",
        'unroll leaderboard --dataset sales --sort seconds',
        'unroll leaderboard last --format csv > board.csv',
      ),
    )
    .action(leaderboard);
}
