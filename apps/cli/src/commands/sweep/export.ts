import type { Page, SweepView, TrialView } from '@unroll/contracts';
import { Option, type Command } from 'commander';
import { existsSync, mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { call } from '../../api/client';
import { allPages } from '../../api/pages';
import { CommandFailed } from '../../errors/command-failed';
import { writeOutput } from '../../input/models';
import { curvesOf, ownCurves, requireNew, timeWithin, type ExportedSweep } from '../../interchange/exported-sweep';
import { Mlflow, type LoggedRun } from '../../interchange/mlflow';
import { eventFile, type Scalar } from '../../interchange/tensorboard';
import { writeOptuna } from '../../interchange/write-optuna';
import { writeOptunaDatabase } from '../../interchange/write-optuna-database';
import { openProgress } from '../../show/progress';
import { parameters, say, sayJson } from '../../show/text';
import { example } from '../command';

const formats = ['optuna', 'optuna-sqlite', 'tensorboard', 'mlflow'] as const;

interface Options {
  format: (typeof formats)[number];
  output?: string;
  to?: string;
  json?: boolean;
}

/** A sweep with its trials that have ended. @throws CommandFailed where there are none */
async function readSweep(id: string): Promise<ExportedSweep> {
  const sweep = await call<SweepView>(`/v1/sweeps/${encodeURIComponent(id)}`);
  const { items } = await allPages<Page<TrialView>>(`/v1/sweeps/${sweep.id}/trials`);
  const trials = items.filter(({ state }) => ['completed', 'pruned', 'diverged', 'failed'].includes(state));
  if (trials.length === 0) throw new CommandFailed(`sweep ${sweep.id} has no trial that has ended`);
  return { sweep, trials };
}

/** Points of all learning curves of a trial, in the order of updates. A value that was not finite is NaN. */
async function pointsOf(trial: TrialView): Promise<Scalar[]> {
  const series = await curvesOf(trial);
  const last = Math.max(1, ...series.map(({ updates }) => updates.at(-1) ?? 0));
  return series
    .flatMap(({ name, updates, values }) =>
      updates.map((step, index) => ({
        tag: name,
        step,
        value: values[index] ?? NaN,
        time: timeWithin(trial, step / last),
      })),
    )
    .sort((a, b) => a.step - b.step);
}

async function toTensorboard({ trials }: ExportedSweep, folder: string, json: boolean): Promise<void> {
  requireNew(folder, existsSync(folder));
  const progress = openProgress('trials', json);
  for (const [index, trial] of trials.entries()) {
    const begin = timeWithin(trial, 0);
    const run = join(folder, trial.id);
    mkdirSync(run, { recursive: true });
    // TensorBoard reads a file only with "tfevents" in its name.
    await writeOutput(
      join(run, `events.out.tfevents.${Math.floor(begin / 1000)}.unroll`),
      eventFile(begin, await pointsOf(trial)),
    );
    progress.show({ done: index + 1, of: trials.length });
  }
  progress.end();
}

async function toOptuna(
  exported: ExportedSweep,
  target: string,
  { format, json = false }: Pick<Options, 'format' | 'json'>,
): Promise<void> {
  requireNew(target, existsSync(target));
  const progress = openProgress('trials', json);
  const of = exported.trials.length;
  const whole = { ...exported, curves: await ownCurves(exported, (done) => progress.show({ done, of })) };
  progress.end();
  await writeOutput(target, format === 'optuna' ? Buffer.from(writeOptuna(whole)) : await writeOptunaDatabase(whole));
}

async function toMlflow({ sweep, trials }: ExportedSweep, url: string, json: boolean): Promise<void> {
  const server = new Mlflow(url.replace(/\/+$/, ''));
  const experiment = await server.createExperiment(`${sweep.name} ${sweep.id}`);
  const progress = openProgress('trials', json);
  for (const [index, trial] of trials.entries()) {
    await server.log(experiment, await runOf(trial));
    progress.show({ done: index + 1, of: trials.length });
  }
  progress.end();
}

async function runOf(trial: TrialView): Promise<LoggedRun> {
  const metrics = (await pointsOf(trial)).map(({ tag, ...rest }) => ({ key: tag, ...rest }));
  const end = timeWithin(trial, 1);
  const test = Object.entries(trial.metrics).filter(([name]) => name.startsWith('test.'));
  return {
    name: `${trial.id} ${parameters(trial.parameters)}`.slice(0, 250),
    ...{ begin: timeWithin(trial, 0), end, failed: ['failed', 'diverged'].includes(trial.state) },
    parameters: Object.entries(trial.parameters).map(([path, value]) => [
      path,
      typeof value === 'string' ? value : JSON.stringify(value),
    ]),
    tags: [
      ['unroll.trial', trial.id],
      ['unroll.state', trial.state],
      ['unroll.seed', String(trial.seed)],
    ],
    metrics: [...metrics, ...test.map(([key, value]) => ({ key, value, step: trial.updates, time: end }))],
  };
}

async function exportSweep(id = 'last', { format, output, to, json = false }: Options): Promise<void> {
  const [needed, other] = format === 'mlflow' ? (['to', 'output'] as const) : (['output', 'to'] as const);
  const given = { to, output };
  if (given[other] !== undefined)
    throw new CommandFailed(`--${other}: has no effect with --format ${format}; leave it out`, 2);
  const target = given[needed];
  if (target === undefined)
    throw new CommandFailed(
      needed === 'to'
        ? '--format mlflow: give the address of its server with --to'
        : `--format ${format}: give a path with -o`,
      2,
    );
  const exported = await readSweep(id);
  if (format === 'mlflow') await toMlflow(exported, target, json);
  else if (format === 'tensorboard') await toTensorboard(exported, target, json);
  else await toOptuna(exported, target, { format, json });
  const { sweep, trials } = exported;
  if (json) return sayJson({ sweepId: sweep.id, format, trials: trials.length, target });
  say(`Exported ${trials.length} trials of sweep ${sweep.id} (${sweep.name}) to ${target}.`);
}

export function addExportSweepCommand(sweep: Command): void {
  sweep
    .command('export [id]')
    .description('write the trials of a sweep or study (default: the newest) for another tool')
    .addOption(
      new Option(
        '--format <format>',
        'a journal of Optuna 5, or its database of SQLite; a folder of TensorBoard; runs on a server of MLflow',
      )
        .choices(formats)
        .makeOptionMandatory(),
    )
    .option('-o, --output <path>', 'the journal or database, or the folder of TensorBoard')
    .option('--to <url>', 'the address of the MLflow server')
    .option('--json', 'print what was exported as JSON')
    .addHelpText(
      'after',
      example(
        'unroll sweep export last --format optuna -o study.log',
        'unroll sweep export last --format optuna-sqlite -o study.db',
        'unroll sweep export last --format tensorboard -o runs && tensorboard --logdir runs',
        'unroll sweep export last --format mlflow --to http://127.0.0.1:5000',
      ),
    )
    .action(exportSweep);
}
