import { isExploiting, type Rungs } from '@unroll/contracts';
import type { Command } from 'commander';
import { call } from '../../api/client';
import { table } from '../../show/table';
import { number, say, sayJson } from '../../show/text';
import { example } from '../command';

async function rungs(id: string, { json }: { json?: boolean }): Promise<void> {
  const answer = await call<Rungs>(`/v1/sweeps/${encodeURIComponent(id)}/rungs`);
  const { rule, objective, items, pairedTests } = answer;
  if (json) return sayJson({ rule, objective, items, pairedTests });
  if (pairedTests.length > 0) sayPairedTests(answer);
  if (rule === 'none' && pairedTests.length > 0) return;
  if (rule === 'none') return say('This sweep has no stopping rule: set one, for example stopping: asha.');
  if (items.length === 0) return say(`No configuration has reached a rung of ${rule} yet.`);
  const rows = items.map(({ rung, updates: [from, to], came, stopped, best, correlation, compared }) => [
    String(rung),
    from === to ? String(from) : `${from}-${to}`,
    String(came),
    String(came - stopped),
    String(stopped),
    number(best),
    correlation === null ? '-' : `${correlation.toFixed(2)} of ${compared}`,
  ]);
  const isPopulation = isExploiting(rule);
  const head = [
    'rung',
    'updates',
    'reached',
    'continued',
    isPopulation ? 'exploited' : 'stopped',
    `best ${objective.metric}`,
    'rank correlation',
  ];
  say(table(head, rows, [0, 1, 2, 3, 4, 5, 6]));
  say(
    'Rank correlation: between the values at a rung and at the next rung, over the configurations that reached both.',
  );
  say('Near 1, early results predict later ones. Only survivors are compared, and they differ less: over all');
  say('configurations it would be higher.');
  if (isPopulation) return say('Near 0, the selection was random: increase stopping.every.');
  say('Near 0, stopping was random: increase stopping.minUpdates, or the unit used in its place.');
}

function sayPairedTests({ pairedTests }: Rungs): void {
  const rows = pairedTests.map(({ seeds, came, stopped }) => [seeds, came, came - stopped, stopped].map(String));
  say(table(['seeds', 'compared', 'continued', 'stopped'], rows, [0, 1, 2, 3]));
  say('Compared: with the best configuration, on the same seeds (stopping.pThreshold).');
}

export function addRungsCommand(sweep: Command): void {
  sweep
    .command('rungs <id>')
    .description(
      'show what the stopping rule and the paired tests of seeds decided, and how well early ranks predicted later ones',
    )
    .option('--json', 'print them as JSON')
    .addHelpText('after', example('unroll sweep rungs last'))
    .action(rungs);
}
