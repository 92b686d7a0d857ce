import type { Replay } from '@unroll/contracts';
import type { Command } from 'commander';
import { call } from '../../api/client';
import { say, sayJson } from '../../show/text';
import { example } from '../command';

async function replay(id: string, { json }: { json?: boolean }): Promise<void> {
  const result = await call<Replay>(`/v1/sweeps/${encodeURIComponent(id)}/replay`);
  const parts = [
    ['configurations', result.proposals],
    ['verdicts', result.verdicts],
  ] as const;
  if (json) sayJson(result);
  else
    for (const [what, { count, different, first }] of parts)
      say(different === 0 ? `${count} ${what}: equal` : `${count} ${what}: ${different} differ; the first is ${first}`);
  if (parts.some(([, { different }]) => different > 0)) process.exitCode = 1;
}

export function addReplayCommand(sweep: Command): void {
  sweep
    .command('replay <id>')
    .description('recompute every proposal and verdict from the log and report any that differ')
    .option('--json', 'print the result as JSON')
    .addHelpText('after', example('unroll sweep replay last'))
    .action(replay);
}
