import type { Leaderboard } from '@unroll/contracts';
import type { Command } from 'commander';
import { call } from '../api-client';
import { CommandFailed } from '../command-failed';
import { boardCsv, boardTable } from '../show/board';
import { say } from '../show/text';
import { example } from './command';
import { wholeNumber } from './options';

/** The best configurations of a sweep. */
export function boardOf(id: string, limit: number): Promise<Leaderboard> {
  return call<Leaderboard>(`/v1/sweeps/${encodeURIComponent(id)}/leaderboard`, { query: { limit } });
}

interface Options {
  format: string;
  json?: boolean;
  limit: number;
}

async function leaderboard(id: string, { format, json, limit }: Options): Promise<void> {
  const shape = json ? 'json' : format;
  if (!['table', 'json', 'csv'].includes(shape))
    throw new CommandFailed(`--format ${shape}: must be table, json or csv`, 2);
  const board = await boardOf(id, limit);
  say(shape === 'json' ? JSON.stringify(board, null, 2) : shape === 'csv' ? boardCsv(board) : boardTable(board));
}

export function addLeaderboardCommand(program: Command): void {
  program
    .command('leaderboard [id]')
    .description('rank the configurations of a sweep; without an id, of the newest')
    .option('--format <format>', 'table, json or csv', 'table')
    .option('--json', 'the same as --format json')
    .option('--limit <n>', 'how many rows', wholeNumber(1, 1000), 20)
    .addHelpText('after', example('unroll leaderboard', 'unroll leaderboard last --format csv > board.csv'))
    .action((id: string | undefined, options: Options) => leaderboard(id ?? 'last', options));
}
