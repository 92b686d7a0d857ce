import { sweepSpec, type SweepView } from '@unroll/contracts';
import type { Command } from 'commander';
import { randomUUID } from 'node:crypto';
import { call } from '../../api/client';
import { CommandFailed } from '../../errors/command-failed';
import { assign, readChecked } from '../../input/documents';
import { say, sayJson } from '../../show/text';
import { example } from '../command';
import { collect } from '../options';

interface EditOptions {
  file?: string;
  set: string[];
  json?: boolean;
}

/**
 * The top-level keys that an edit changes: all of a file, or those that the assignments touch in the sweep as it is. The name in a file
 * counts where it is another one than before: the sweep may have been renamed since it was submitted.
 */
async function changesOf({ spec }: SweepView, { file, set }: EditOptions): Promise<Record<string, unknown>> {
  if (file !== undefined) {
    const { name, ...changes } = await readChecked(sweepSpec, file, set);
    return name === spec.name ? changes : { name, ...changes };
  }
  if (set.length === 0) throw new CommandFailed('give a change with --set PATH=VALUE, or a sweep file with -f FILE', 2);
  for (const assignment of set) assign(spec, assignment);
  const touched = set.map((assignment) => assignment.split(/[.=]/)[0]!);
  return Object.fromEntries(touched.map((key) => [key, spec[key]]));
}

async function edit(id: string, options: EditOptions): Promise<void> {
  const path = `/v1/sweeps/${encodeURIComponent(id)}`;
  const before = await call<SweepView>(path);
  const sweep = await call<SweepView>(path, {
    method: 'PATCH',
    body: JSON.stringify(await changesOf(before, options)),
    headers: { 'content-type': 'application/json', 'idempotency-key': randomUUID() },
  });
  if (options.json) return sayJson(sweep);
  const made = sweep.edits.at(-1);
  if (!made || sweep.edits.length === before.edits.length)
    return say(`Sweep ${sweep.id} is unchanged: it has these settings already.`);
  say(`Sweep ${sweep.id} searches the new space from configuration ${made.first} on: ${made.changed.join(', ')}.`);
  if (made.withdrawn > 0) say(`${made.withdrawn} pending trials outside of it were cancelled.`);
}

export function addEditCommand(sweep: Command): void {
  sweep
    .command('edit <id>')
    .description('change what a running or paused sweep searches')
    .option('-f, --file <file>', 'a sweep file with the new space')
    .option('--set <path=value>', 'change one value; repeatable', collect, [])
    .option('--json', 'print the sweep as JSON')
    .addHelpText(
      'after',
      example(
        'unroll sweep edit last --set training.learningRate.logUniform=[1e-4,1e-2]',
        'unroll sweep edit last --set model.hiddenSize.choice=[64,128] --set search.algorithm=tpe',
        'unroll sweep edit last -f sweep.yaml',
      ),
    )
    .action(edit);
}
