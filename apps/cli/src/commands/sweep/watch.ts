import type { Command } from 'commander';
import { CommandFailed } from '../../errors/command-failed';
import { boardTable } from '../../show/board';
import { frontTable } from '../../show/front';
import { follow } from '../../show/live';
import { say } from '../../show/text';
import { example } from '../command';
import { fetchBoard, fetchFront } from '../leaderboard';

/** Follows a sweep until it ends and prints its leaderboard. @throws CommandFailed if the sweep failed */
export async function watch(id: string): Promise<void> {
  const sweep = await follow(id);
  say();
  const front = await fetchFront(sweep.id, 20);
  say(front ? frontTable(front) : boardTable(await fetchBoard(sweep.id, 20)));
  if (sweep.state === 'failed') throw new CommandFailed(`the sweep failed: ${sweep.message ?? 'reason unknown'}`);
  if (sweep.trials.failed + sweep.trials.diverged > 0) process.exitCode = 1;
}

export function addWatchCommand(sweep: Command): void {
  sweep
    .command('watch <id>')
    .description('follow a sweep until it ends')
    .addHelpText('after', example('unroll sweep watch last'))
    .action(watch);
}
