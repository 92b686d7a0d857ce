import type { SweepView } from '@unroll/contracts';
import type { Command } from 'commander';
import { call } from '../../api/client';
import { CommandFailed } from '../../errors/command-failed';
import { boardTable } from '../../show/board';
import { frontTable } from '../../show/front';
import { follow } from '../../show/live';
import { note, say, sayJson } from '../../show/text';
import { example } from '../command';
import { fetchBoard, fetchFront } from '../leaderboard';

/** Ctrl-C ends the command, not the sweep, and says so. */
function sayOnInterrupt(id: string): () => void {
  const interrupted = (): void => {
    note(
      `\nSweep ${id} goes on: "npx unroll sweep watch ${id}" follows it again, "npx unroll sweep cancel ${id}" stops it.`,
    );
    process.exit(1);
  };
  process.once('SIGINT', interrupted);
  return () => void process.off('SIGINT', interrupted);
}

/** Follows a sweep until it ends and prints its leaderboard, or with `json` the sweep. @throws CommandFailed if the sweep failed */
export async function watch(given: string, { json }: { json?: boolean } = {}): Promise<void> {
  const { id } = await call<SweepView>(`/v1/sweeps/${encodeURIComponent(given)}`);
  const stopSaying = sayOnInterrupt(id);
  const sweep = await follow(id, { silent: json });
  stopSaying();
  if (json) sayJson(sweep);
  else await showEnded(id);
  if (sweep.state === 'failed') throw new CommandFailed(`the sweep failed: ${sweep.message ?? 'reason unknown'}`);
  if (sweep.trials.failed + sweep.trials.diverged > 0) process.exitCode = 1;
}

async function showEnded(id: string): Promise<void> {
  say();
  const front = await fetchFront(id, 20);
  say(front ? frontTable(front) : boardTable(await fetchBoard(id, 20)));
}

export function addWatchCommand(sweep: Command): void {
  sweep
    .command('watch <id>')
    .description('follow a sweep until it ends; Ctrl-C ends the command, not the sweep')
    .option('--json', 'print the sweep as JSON once it has ended')
    .addHelpText('after', example('unroll sweep watch last'))
    .action(watch);
}
