import type { Page, SweepView } from '@unroll/contracts';
import type { Command } from 'commander';
import { call } from '../../api/client';
import { table } from '../../show/table';
import { colouredState, number, say, sayJson } from '../../show/text';
import { example } from '../command';

async function list(options: { json?: boolean; limit: string }): Promise<void> {
  const page = await call<Page<SweepView>>('/v1/sweeps', { query: { limit: options.limit } });
  if (options.json) return sayJson(page.items);
  if (page.items.length === 0) return say('No sweeps yet: create one with "npx unroll init" and submit it.');
  const rows = page.items.map(({ id, name, state, trials, total, best, createdAt }) => {
    const ended = total - trials.pending - trials.running;
    return [
      id,
      name,
      colouredState(state),
      `${Math.max(0, ended)}/${total}`,
      number(best?.value),
      createdAt.slice(0, 16).replace('T', ' '),
    ];
  });
  say(table(['sweep', 'name', 'state', 'done', 'best', 'submitted (UTC)'], rows, [3, 4]));
}

export function addListCommand(sweep: Command): void {
  sweep
    .command('list')
    .description('list sweeps, newest first')
    .option('--limit <n>', 'maximum number of sweeps', '50')
    .option('--json', 'print them as JSON')
    .addHelpText('after', example('unroll sweep list'))
    .action(list);
}
