import { inWords, type Front, type Leaderboard, type SweepView, type TeamLeaderboard } from '@unroll/contracts';
import type { Command } from 'commander';
import { call, download } from '../api/client';
import { allPages } from '../api/pages';
import { CommandFailed } from '../errors/command-failed';
import { boardTable } from '../show/board';
import { frontCsv, frontTable } from '../show/front';
import { note, say, sayData, sayJson, sayStream } from '../show/text';
import { example } from './command';
import { collect, wholeNumber } from './options';

/** Rows of a table unless --limit says otherwise. */
const tableRows = 20;

interface Filters {
  sort?: string;
  order?: string;
  where?: string[];
}

/** The ranked configurations of a sweep, best first. */
export const fetchBoard = (id: string, limit: number): Promise<Leaderboard> =>
  call<Leaderboard>(`/v1/sweeps/${encodeURIComponent(id)}/leaderboard`, { query: { limit } });

/** The configurations of a sweep with several objectives by Pareto rank; undefined if it has one objective. */
export async function fetchFront(id: string, limit: number): Promise<Front | undefined> {
  const path = `/v1/sweeps/${encodeURIComponent(id)}`;
  const { objectives } = await call<SweepView>(path);
  return objectives.length > 1 ? allPages<Front>(`${path}/front`, {}, limit) : undefined;
}

const shapes = ['table', 'json', 'jsonl', 'csv'] as const;
type Shape = (typeof shapes)[number];

/** Prints Pareto fronts. @throws CommandFailed for options that sort or filter them */
function showFront(front: Front, shape: Shape, { sort, order, where = [] }: Filters): void {
  const asked =
    where.length > 0 ? '--where' : sort !== undefined ? '--sort' : order !== undefined ? '--order' : undefined;
  if (asked)
    throw new CommandFailed(
      `${asked}: not available for a sweep with several objectives, which is ranked by Pareto front`,
      2,
    );
  if (shape === 'json') return sayJson(front);
  if (shape === 'csv') return sayData(frontCsv(front));
  if (shape === 'jsonl') return front.items.forEach((row) => sayData(JSON.stringify(row)));
  say(frontTable(front));
  if (front.nextCursor !== null) note('There are more: --limit N shows N of them, --format csv all.');
}

interface Options extends Filters {
  format: string;
  json?: boolean;
  dataset?: string;
  metric?: string;
  limit?: number;
}

async function leaderboard(id: string | undefined, options: Options): Promise<void> {
  const { format, json, dataset, metric, limit, ...filters } = options;
  const asked = json ? 'json' : format;
  const shape = shapes.find((each) => each === asked);
  if (!shape) throw new CommandFailed(`--format ${format}: must be ${inWords(shapes, 'or')}`, 2);
  const isTeams = dataset !== undefined || metric !== undefined;
  if (isTeams && id !== undefined)
    throw new CommandFailed('give a sweep, or --dataset and --metric for the leaderboard of all sweeps, not both', 2);
  const most = limit ?? (shape === 'table' ? tableRows : Infinity);
  const front = isTeams ? undefined : await fetchFront(id ?? 'last', most);
  if (front) return showFront(front, shape, filters);
  const path = isTeams ? '/v1/leaderboard' : `/v1/sweeps/${encodeURIComponent(id ?? 'last')}/leaderboard`;
  const query = { ...filters, ...(isTeams ? { dataset, metric } : {}) };
  if (shape === 'csv' || shape === 'jsonl') {
    const exported = isTeams ? `${path}/export` : path.replace(/leaderboard$/, 'export');
    return sayStream(await download(exported, { ...query, format: shape, limit }));
  }
  const board = await allPages<Leaderboard | TeamLeaderboard>(path, query, most);
  if (shape === 'json') return sayJson(board);
  showBoard(board, filters);
}

function showBoard(board: Leaderboard | TeamLeaderboard, { where = [], sort, order }: Filters): void {
  if ('board' in board) say(teamTitle(board));
  if (where.length > 0 && board.items.length === 0) return say('No configuration with a value matches.');
  say(boardTable(board, (sort ?? 'value') === 'value' && (order ?? 'best') === 'best'));
  if (board.nextCursor !== null)
    note(`${board.items.length} of ${board.total ?? 'many'} configurations: --limit N shows more, --format csv all.`);
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
    .option('--order <order>', 'best, asc or desc (default: best for values and metrics, else asc)')
    .option('--dataset <name>', 'rank all sweeps on this data set')
    .option('--metric <name>', 'rank all sweeps that optimize this metric')
    .option(
      '--format <format>',
      `${inWords(shapes, 'or')}: all but the table have every row, metric and interval`,
      'table',
    )
    .option('--json', 'the same as --format json')
    .option('--limit <n>', `maximum number of rows (default: ${tableRows} in a table, else all)`, wholeNumber(1, 1e9))
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
