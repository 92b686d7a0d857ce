import {
  limits,
  sweepSpec,
  type Page,
  type Replay,
  type Rungs,
  type SweepPlan,
  type SweepView,
} from '@unroll/contracts';
import type { Command } from 'commander';
import { createHash, randomUUID } from 'node:crypto';
import { basename, extname } from 'node:path';
import { call } from '../api/client';
import { CommandFailed } from '../errors/command-failed';
import { addDataset } from '../input/register-dataset';
import { readChecked, readText } from '../input/documents';
import { ownTextSweep } from '../templates';
import { boardTable } from '../show/board';
import { frontTable } from '../show/front';
import { follow } from '../show/live';
import { table } from '../show/table';
import { colouredState, number, parameters, say, seconds } from '../show/text';
import { example } from './command';
import { collect, wholeNumber } from './options';
import { boardOf, frontOf } from './leaderboard';

interface SubmitOptions {
  text?: string;
  watch?: boolean;
  dryRun?: boolean;
  set: string[];
  json?: boolean;
}

const asJson = (value: unknown): void => say(JSON.stringify(value, null, 2));

/** A registered name for a file of one's own: its own name, and some of its content so that an edited file is another one. */
function nameFor(file: string, content: string): string {
  const plain = basename(file, extname(file))
    .toLowerCase()
    .replaceAll(/[^a-z0-9]+/g, '-')
    .replaceAll(/^-|-$/g, '')
    .slice(0, 40);
  return `${plain || 'text'}-${createHash('sha256').update(content).digest('hex').slice(0, 6)}`;
}

async function specFor(file: string | undefined, { text, set, dryRun }: SubmitOptions): Promise<unknown> {
  if (text === undefined) {
    if (file === undefined) throw new CommandFailed('give a sweep file, or a text of your own with --text MY.txt', 2);
    return readChecked(sweepSpec, file, set);
  }
  if (file !== undefined) throw new CommandFailed('give a sweep file or --text, not both', 2);
  if (dryRun)
    throw new CommandFailed('--dry-run writes nothing, and --text registers the text: leave one of them out', 2);
  if (set.length > 0) throw new CommandFailed('--set needs a sweep file: write one with "npx unroll init"', 2);
  return ownTextSweep(await addDataset(nameFor(text, await readText(text)), text, 'text'));
}

async function submit(file: string | undefined, options: SubmitOptions): Promise<void> {
  const body = JSON.stringify(await specFor(file, options));
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
  });
  if (options.json) return asJson(sweep);
  say(`Sweep ${sweep.id} (${sweep.name}): ${sweep.total} trials.`);
  if (!options.watch) return say(`Follow it with: npx unroll sweep watch ${sweep.id}`);
  await watch(sweep.id);
}

function showPlan(plan: SweepPlan, { json }: SubmitOptions): void {
  if (json) return asJson(plan);
  const seeds = plan.seeds > 1 ? ` × ${plan.seeds} seeds` : '';
  if (plan.why !== null) say(`search: auto takes ${plan.why}.`);
  say(
    `Valid: ${plan.configurations} configurations${seeds} = ${plan.trials} trials. Nothing was submitted. The first:`,
  );
  say(
    table(
      ['configuration', 'seed', 'parameters'],
      plan.examples.map((each) => [String(each.configuration), String(each.seed), parameters(each.parameters)]),
      [0, 1],
    ),
  );
  const { trainings, updates, seconds: trainer, basis } = plan.estimate;
  const work = `${trainings} trainings${updates === null ? '' : ` of ${updates.toLocaleString('en')} updates in all`}`;
  say(
    `${work}: ${trainer === null ? `how long is not known, ${basis}` : `about ${seconds(trainer)} of one trainer, by ${basis}`}.`,
  );
}

async function watch(id: string): Promise<void> {
  const sweep = await follow(id);
  say();
  const front = await frontOf(sweep.id, 20);
  say(front ? frontTable(front) : boardTable(await boardOf(sweep.id, 20)));
  if (sweep.state === 'failed') throw new CommandFailed(`the sweep failed: ${sweep.message ?? 'no reason is known'}`);
  if (sweep.trials.failed + sweep.trials.diverged > 0) process.exitCode = 1;
}

async function list(options: { json?: boolean; limit: string }): Promise<void> {
  const page = await call<Page<SweepView>>('/v1/sweeps', { query: { limit: options.limit } });
  if (options.json) return asJson(page.items);
  if (page.items.length === 0) return say('No sweep yet: write one with "npx unroll init" and submit it.');
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

async function show(id: string, { json }: { json?: boolean }): Promise<void> {
  const sweep = await call<SweepView>(`/v1/sweeps/${encodeURIComponent(id)}`);
  if (json) return asJson(sweep);
  const counted = Object.entries(sweep.trials).filter(([, count]) => count > 0);
  const { metric, goal, use } = sweep.objective;
  say(
    table(
      ['', ''],
      [
        ['sweep', sweep.id],
        ['name', sweep.name],
        ['state', colouredState(sweep.state) + (sweep.message ? `: ${sweep.message}` : '')],
        ['trials', `${sweep.total}: ${counted.map(([state, count]) => `${count} ${state}`).join(', ') || 'none yet'}`],
        ...(sweep.objectives.length > 1
          ? sweep.objectives.map((each) => ['objective', `${each.goal} ${each.metric}`])
          : [['objective', `${goal} ${metric} (${use})`]]),
        ['best', sweep.best ? `${number(sweep.best.value)} by trial ${sweep.best.trialId}` : '-'],
        ['submitted', sweep.createdAt],
        ['finished', sweep.finishedAt ?? '-'],
      ],
    ).trimStart(),
  );
}

async function rungs(id: string, { json }: { json?: boolean }): Promise<void> {
  const { rule, objective, items } = await call<Rungs>(`/v1/sweeps/${encodeURIComponent(id)}/rungs`);
  if (json) return asJson({ rule, objective, items });
  if (rule === 'none') return say('This sweep stops nobody early: give it stopping: asha, for example.');
  if (items.length === 0) return say(`No configuration has come to a rung of ${rule} yet.`);
  const rows = items.map(({ rung, updates: [from, to], came, stopped, best, correlation, compared }) => [
    String(rung),
    from === to ? String(from) : `${from}-${to}`,
    String(came),
    String(came - stopped),
    String(stopped),
    number(best),
    correlation === null ? '-' : `${correlation.toFixed(2)} of ${compared}`,
  ]);
  const isPopulation = rule === 'population';
  const head = [
    'rung',
    'updates',
    'came',
    'went on',
    isPopulation ? 'took over' : 'stopped',
    `best ${objective.metric}`,
    'order kept to the next',
  ];
  say(table(head, rows, [0, 1, 2, 3, 4, 5, 6]));
  say(
    'Order kept: rank correlation of the values at a rung and the next, of those that went on from one to the other. Near 1,',
  );
  say(
    'what was better early was better late. These are the better ones, which differ less: of all it would be higher.',
  );
  if (isPopulation) return say('Near 0, the choice went by chance: give a larger stopping.every.');
  say('Near 0, stopping went by chance: give a larger stopping.minUpdates, or what you gave instead of it.');
}

async function replay(id: string, { json }: { json?: boolean }): Promise<void> {
  const result = await call<Replay>(`/v1/sweeps/${encodeURIComponent(id)}/replay`);
  const parts = [
    ['configurations', result.proposals],
    ['verdicts', result.verdicts],
  ] as const;
  if (json) asJson(result);
  else
    for (const [what, { count, different, first }] of parts)
      say(different === 0 ? `${count} ${what}: equal` : `${count} ${what}: ${different} differ; the first is ${first}`);
  if (parts.some(([, { different }]) => different > 0)) process.exitCode = 1;
}

async function cancel(id: string, { json }: { json?: boolean }): Promise<void> {
  const sweep = await call<SweepView>(`/v1/sweeps/${encodeURIComponent(id)}/cancel`, { method: 'POST' });
  if (json) return asJson(sweep);
  say(`Sweep ${sweep.id} is cancelled: ${sweep.trials.completed} of ${sweep.total} trials had completed.`);
}

/** Changes of a sweep that take nothing but its id, and what is said of each. */
const changes = {
  pause: {
    description: 'let no more trials begin; what runs goes on to its end',
    done: ({ trials }: SweepView) => `is paused; ${trials.running} trials still run to their end`,
  },
  resume: {
    description: 'let a paused sweep go on',
    done: ({ trials, total }: SweepView) => `goes on: ${trials.completed} of ${total} trials have completed`,
  },
} as const;

const change =
  (verb: keyof typeof changes) =>
  async (id: string, { json }: { json?: boolean }): Promise<void> => {
    const sweep = await call<SweepView>(`/v1/sweeps/${encodeURIComponent(id)}/${verb}`, { method: 'POST' });
    if (json) return asJson(sweep);
    say(`Sweep ${sweep.id} ${changes[verb].done(sweep)}.`);
  };

async function extend(id: string, { trials, json }: { trials: number; json?: boolean }): Promise<void> {
  const sweep = await call<SweepView>(`/v1/sweeps/${encodeURIComponent(id)}/extend`, {
    method: 'POST',
    body: JSON.stringify({ trials }),
    headers: { 'content-type': 'application/json', 'idempotency-key': randomUUID() },
  });
  if (json) return asJson(sweep);
  say(`Sweep ${sweep.id} now has ${sweep.total} trials.`);
}

export function addSweepCommands(program: Command): void {
  const sweep = program.command('sweep').description('submit sweeps and follow them');
  sweep
    .command('submit [file]')
    .description('submit a sweep file, or a text of your own with defaults')
    .option('--text <file>', 'search for a network that writes this text')
    .option('--watch', 'follow it until it ends')
    .option('--dry-run', 'check it and show what it would do; write nothing')
    .option('--set <path=value>', 'change a value of the file; may be given more than once', collect, [])
    .option('--json', 'print the sweep as JSON')
    .addHelpText(
      'after',
      example(
        'unroll sweep submit sweep.yaml --watch',
        'unroll sweep submit sweep.yaml --set training.learningRate=1e-3',
        'unroll sweep submit --text diary.txt --watch',
      ),
    )
    .action(submit);
  sweep
    .command('list')
    .description('list sweeps, newest first')
    .option('--limit <n>', 'how many', '50')
    .option('--json', 'print them as JSON')
    .addHelpText('after', example('unroll sweep list'))
    .action(list);
  sweep
    .command('show <id>')
    .description('show a sweep')
    .option('--json', 'print it as JSON')
    .addHelpText('after', example('unroll sweep show last'))
    .action(show);
  sweep
    .command('watch <id>')
    .description('follow a sweep until it ends')
    .addHelpText('after', example('unroll sweep watch last'))
    .action(watch);
  for (const verb of ['pause', 'resume'] as const)
    sweep
      .command(`${verb} <id>`)
      .description(changes[verb].description)
      .option('--json', 'print it as JSON')
      .addHelpText('after', example(`unroll sweep ${verb} last`))
      .action(change(verb));
  sweep
    .command('extend <id>')
    .description('add configurations to a sweep; one that has completed goes on')
    .requiredOption('--trials <n>', 'how many more', wholeNumber(1, limits.configurations))
    .option('--json', 'print it as JSON')
    .addHelpText('after', example('unroll sweep extend last --trials 20'))
    .action(extend);
  sweep
    .command('rungs <id>')
    .description('show what the stopping rule did at each rung, and whether its order held')
    .option('--json', 'print it as JSON')
    .addHelpText('after', example('unroll sweep rungs last'))
    .action(rungs);
  sweep
    .command('replay <id>')
    .description('compute all proposals and verdicts again from the log, and say whether they are equal')
    .option('--json', 'print it as JSON')
    .addHelpText('after', example('unroll sweep replay last'))
    .action(replay);
  sweep
    .command('cancel <id>')
    .description('end a sweep and its running trials')
    .option('--json', 'print it as JSON')
    .addHelpText('after', example('unroll sweep cancel last'))
    .action(cancel);
  sweep
    .command('delete <id>')
    .description('delete an ended sweep with its trials')
    .addHelpText('after', example('unroll sweep delete q7k2m9xa'))
    .action(async (id: string) => {
      await call(`/v1/sweeps/${encodeURIComponent(id)}`, { method: 'DELETE' });
      say(`Sweep ${id} is deleted.`);
    });
}
