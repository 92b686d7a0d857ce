import {
  priorities,
  sweepSpec,
  validate,
  type Priority,
  type SweepPlan,
  type SweepSpec,
  type SweepView,
} from '@unroll/contracts';
import type { Tokens } from '@unroll/datasets';
import { Option, type Command } from 'commander';
import { randomUUID } from 'node:crypto';
import { stringify } from 'yaml';
import { call } from '../../api/client';
import { CommandFailed } from '../../errors/command-failed';
import { readDocument } from '../../input/documents';
import { nameBeside, nameFiles, registerFiles, requireRegistered, type SweepFile } from '../../input/file-datasets';
import { addDataset, nameOf } from '../../input/register-dataset';
import { readOwnText, updatesWithin } from '../../input/own-text';
import { noteRead } from '../../show/data';
import { table } from '../../show/table';
import { note, parameters, say, sayData, sayJson, seconds } from '../../show/text';
import { ownTextSweep } from '../../templates';
import { example } from '../command';
import { collect, positiveNumber } from '../options';
import { watch } from './watch';

interface SubmitOptions {
  text?: string;
  minutes?: number;
  tokens?: Tokens;
  watch?: boolean;
  dryRun?: boolean;
  priority?: Priority;
  set: string[];
  json?: boolean;
}

/** A sweep file, checked, and the data that it names by their files. */
async function readSweep(file: string, set: readonly string[]): Promise<{ spec: SweepSpec; files: SweepFile[] }> {
  const document = await readDocument(file, set);
  if (typeof document !== 'object' || document === null || !('dataset' in document))
    return { spec: validate(sweepSpec, document), files: [] };
  const { dataset, files } = await nameFiles(document.dataset, file);
  const beside = await nameBeside({ ...document, dataset }, file);
  return { spec: validate(sweepSpec, beside.named), files: [...files, ...beside.files] };
}

/** The specification to submit; undefined where it was only to be shown. */
async function specFor(file: string | undefined, options: SubmitOptions): Promise<unknown> {
  const { text, set, dryRun, minutes, tokens } = options;
  if (text === undefined) {
    if (minutes !== undefined)
      throw new CommandFailed('--minutes: is for --text; in a file, write training.updates', 2);
    if (tokens !== undefined) throw new CommandFailed('--tokens: is for --text; in a file, write task.tokens', 2);
    if (file === undefined) throw new CommandFailed('give a sweep file, or your own text with --text MY.txt', 2);
    const { spec, files } = await readSweep(file, set);
    await (dryRun ? requireRegistered(files) : registerFiles(files));
    return spec;
  }
  if (file !== undefined) throw new CommandFailed('give a sweep file or --text, not both', 2);
  if (set.length > 0) throw new CommandFailed('--set needs a sweep file: create one with "npx unroll init"', 2);
  const name = await nameOf(text, 'text');
  const updates = minutes === undefined ? undefined : await updatesWithin(minutes, text, tokens ?? 'character');
  if (dryRun)
    return showOwnText(ownTextSweep(name, { dataset: { path: text, kind: 'text' }, updates, tokens }), options);
  return ownTextSweep(await addDataset(name, text, 'text'), { updates, tokens });
}

async function submit(file: string | undefined, options: SubmitOptions): Promise<void> {
  if (options.dryRun && options.priority)
    throw new CommandFailed('--priority has no effect with --dry-run, which submits nothing: leave one out', 2);
  const spec = await specFor(file, options);
  if (spec === undefined) return;
  const body = JSON.stringify(spec);
  const headers = { 'content-type': 'application/json' };
  if (options.dryRun)
    return showPlan(
      await call<SweepPlan>('/v1/sweeps', { method: 'POST', body, headers, query: { dryRun: 'true' } }),
      options,
    );
  const sweep = await call<SweepView>('/v1/sweeps', {
    method: 'POST',
    body,
    headers: { ...headers, 'idempotency-key': randomUUID() },
    ...(options.priority ? { query: { priority: options.priority } } : {}),
  });
  if (options.json) return options.watch ? watch(sweep.id, options) : sayJson(sweep);
  say(`Sweep ${sweep.id} (${sweep.name}): ${sweep.total} trials.`);
  if (sweep.message !== null) say(`${sweep.message}.`);
  if (sweep.warning !== undefined) note(`warning: ${sweep.warning}`);
  if (!options.watch) return say(`Follow it with: npx unroll sweep watch ${sweep.id}`);
  await watch(sweep.id);
}

/** Shows the sweep over a text as a file that may be submitted. */
async function showOwnText(sweep: object, { text, tokens, json }: SubmitOptions): Promise<undefined> {
  noteRead(await readOwnText(text!, tokens ?? 'character'));
  if (json) return sayJson(sweep) as undefined;
  note('Nothing was submitted. As a file, this is the sweep:');
  sayData(stringify(sweep).trimEnd());
}

function showPlan(plan: SweepPlan, { json }: SubmitOptions): void {
  if (json) return sayJson(plan);
  const seeds = plan.seeds > 1 ? ` × ${plan.seeds} repeats` : '';
  if (plan.why !== null) say(`search: auto selects ${plan.why}.`);
  if (plan.limit !== null) say(`${plan.limit}.`);
  if (plan.reused !== null) say(`${plan.reused}.`);
  for (const line of plan.data) say(line);
  if (plan.warning !== null) say(`warning: ${plan.warning}`);
  say(
    `Valid: ${plan.configurations} configurations${seeds} = ${plan.trials} trials. Nothing was submitted. The first ones:`,
  );
  say(
    table(
      ['configuration', 'seed', 'parameters'],
      plan.examples.map((each) => [String(each.configuration), String(each.seed), parameters(each.parameters)]),
      [0, 1],
    ),
  );
  const { trainings, updates, seconds: trainer, basis } = plan.estimate;
  const work = `${trainings} training runs${updates === null ? '' : `, ${updates.toLocaleString('en')} updates in total`}`;
  const time =
    trainer === null ? `duration unknown, ${basis}` : `about ${seconds(trainer)} on one trainer, based on ${basis}`;
  say(`${work}: ${time}.`);
}

export function addSubmitCommand(sweep: Command): void {
  sweep
    .command('submit [file]')
    .description('submit a sweep file, or a text file of your own with default settings')
    .option('--text <file>', 'search for a network that generates text like this file')
    .option(
      '--minutes <n>',
      'with --text: train about so long on this machine (default: 600 updates a trial)',
      positiveNumber,
    )
    .addOption(
      new Option('--tokens <kind>', 'with --text: what the networks read and write (default: character)').choices([
        'character',
        'word',
        'subword',
      ]),
    )
    .option('--watch', 'follow the sweep until it ends')
    .option('--dry-run', 'check the file and show what it would run; write nothing')
    .addOption(new Option('--priority <priority>', 'among your own sweeps; default: normal').choices(priorities))
    .option('--set <path=value>', 'override a value of the file; repeatable', collect, [])
    .option('--json', 'print the sweep as JSON; with --watch, once it has ended')
    .addHelpText(
      'after',
      example(
        'unroll sweep submit sweep.yaml --watch',
        'unroll sweep submit sweep.yaml --set training.learningRate=1e-3',
        'unroll sweep submit --text diary.txt --minutes 5 --watch',
      ),
    )
    .action(submit);
}
