import { study as studies, validate, type SweepView } from '@unroll/contracts';
import { Option, type Command } from 'commander';
import { randomUUID } from 'node:crypto';
import { stringify } from 'yaml';
import { call } from '../api/client';
import { CommandFailed } from '../errors/command-failed';
import type { ImportedStudy, ImportedTrial, ImportOptions } from '../interchange/imported-study';
import { readStudy } from '../interchange/read-study';
import { takenTrials } from '../interchange/taken-trials';
import { openProgress } from '../show/progress';
import { note, say, sayData, sayJson } from '../show/text';
import { example } from './command';
import { wholeNumber } from './options';
import { sendJson } from './send-json';

interface Options extends ImportOptions {
  print?: boolean;
  json?: boolean;
}

/** The study with these trials as its first ones, and no others. */
const startingWith = (spec: ImportedStudy['spec'], trials: readonly ImportedTrial[]): ImportedStudy['spec'] => ({
  ...spec,
  search: { algorithm: 'random', trials: trials.length, enqueue: trials.map((each) => searchedOf(each, spec)) },
});

/** What of a trial's parameters the study searches: a constant is no part of it. */
function searchedOf({ parameters }: ImportedTrial, { space }: ImportedStudy['spec']): Record<string, unknown> {
  const pick = (values: Record<string, unknown>, of: Record<string, unknown>): Record<string, unknown> =>
    Object.fromEntries(
      Object.entries(values).flatMap(([name, value]): [string, unknown][] => {
        const own = of[name];
        if (typeof own !== 'object' || own === null || Array.isArray(own)) return [];
        const isNested = typeof value === 'object' && value !== null && !('choice' in own);
        return [[name, isNested ? pick(value as Record<string, unknown>, own as Record<string, unknown>) : value]];
      }),
    );
  return pick(parameters, space);
}

/** Asks for each of the study's trials, which come in the order of `trials`, and tells its result. */
async function tellAll(id: string, trials: readonly ImportedTrial[], json: boolean): Promise<void> {
  const progress = openProgress('trials', json);
  for (let done = 0; done < trials.length; done++) {
    const { trial } = await sendJson<studies.Asked>('POST', `/v1/sweeps/${id}/ask`, { host: 'import', wait: 30 });
    if (!trial) throw new CommandFailed(`study ${id} gave ${done} of ${trials.length} trials`);
    await sendJson('POST', `/v1/trials/${trial.id}/tell`, { ...trials[trial.number]!.outcome, attempt: trial.attempt });
    progress.show({ done: done + 1, of: trials.length });
  }
  progress.end();
}

async function importStudy(path: string, { print, json, ...options }: Options): Promise<void> {
  const { tool, study } = await readStudy(path, options);
  const { trials, notes } = print ? { trials: study.trials, notes: [] } : takenTrials(study);
  const spec = trials.length > 0 && !print ? startingWith(study.spec, trials) : study.spec;
  validate(studies.studySpec, spec);
  for (const each of [...study.notes, ...notes]) note(`${path}: ${each}.`);
  if (print) return json ? sayJson(spec) : sayData(stringify(spec).trimEnd());
  const sweep = await call<SweepView>('/v1/studies', {
    method: 'POST',
    body: JSON.stringify(spec),
    headers: { 'content-type': 'application/json', 'idempotency-key': randomUUID() },
  });
  await tellAll(sweep.id, trials, json === true);
  if (json) return sayJson(await call<SweepView>(`/v1/sweeps/${sweep.id}`));
  if (trials.length === 0)
    return say(`Study ${sweep.id} (${sweep.name}), from ${tool}: ${sweep.total} trials to ask for (docs/studies.md).`);
  say(`Study ${sweep.id} (${sweep.name}), from ${tool}: ${trials.length} trials with their results.`);
  say(
    `Go on in a study of the same name and space with search: {from: [${sweep.id}]}. See: npx unroll leaderboard ${sweep.id}`,
  );
}

export function addImportCommand(program: Command): void {
  program
    .command('import <file>')
    .description(
      'create a study from another tool: a W&B sweep, a Katib experiment, a journal or database of Optuna, a folder of Ray Tune',
    )
    .option('--name <name>', 'a name for the study (default: its own)')
    .option('--study <name>', 'which study of a file that has several')
    .option('--metric <name>', 'which metric of Ray Tune is the value')
    .addOption(new Option('--goal <goal>', 'of that metric').choices(['minimize', 'maximize']))
    .option('--steps <n>', 'reports of a whole trial, where the file does not say', wholeNumber(1, 100_000_000))
    .option('--print', 'print the study as YAML for POST /v1/studies, and create nothing')
    .option('--json', 'print the study as JSON')
    .addHelpText(
      'after',
      example(
        'unroll import wandb-sweep.yaml --print',
        'unroll import optuna-journal.log --study lstm',
        'unroll import optuna.db --study lstm',
        'unroll import ray_results/lstm --metric val_loss --goal minimize',
      ),
    )
    .action(importStudy);
}
