import {
  isStudyTrial,
  precisionOf,
  tasks,
  type AttemptView,
  type DiagnosticsView,
  type MetricSeries,
  type Page,
  type SweepView,
  type TrialSpec,
  type TrialView,
} from '@unroll/contracts';
import type { Command } from 'commander';
import { stringify } from 'yaml';
import { call } from '../api/client';
import { CommandFailed } from '../errors/command-failed';
import { downloadTrial, writeOutput } from '../input/models';
import { curveText, curveWidth } from '../show/curve';
import { diagnosticsLines, memoryLine, saturationLine } from '../show/diagnostics';
import { table } from '../show/table';
import { colouredState, note, number, parameters, printable, say, sayJson, trainingTime, writing } from '../show/text';
import { example } from './command';
import { addTrialDetailCommands } from './describe';
import { addTrialListCommand } from './trial-list';

const path = (id: string): string => `/v1/trials/${encodeURIComponent(id)}`;

/** Prints a trial and its attempts. */
export async function showTrial(id: string, { json }: { json?: boolean }): Promise<void> {
  const trial = await call<TrialView>(path(id));
  const attempts = await call<Page<AttemptView>>(`${path(id)}/attempts`);
  if (json) return sayJson({ ...trial, attempts: attempts.items });
  const { reports } = await call<DiagnosticsView>(`${path(id)}/diagnostics`);
  const inside = reports.at(-1);
  say(
    table(
      ['', ''],
      [
        ['trial', trial.id],
        ['sweep', trial.sweepId],
        ...(trial.tags.length > 0 ? [['tags', trial.tags.join(', ')]] : []),
        ...(trial.note ? [['note', trial.note]] : []),
        ...(trial.configurationTags.length > 0 ? [['configuration', trial.configurationTags.join(', ')]] : []),
        ...(trial.configurationNote ? [['its note', trial.configurationNote]] : []),
        ['state', colouredState(trial.state) + (trial.message ? `: ${trial.message}` : '')],
        ['parameters', parameters(trial.parameters) || '-'],
        ['seed', String(trial.seed)],
        ['value', number(trial.value)],
        ...Object.entries(trial.metrics).map(([name, value]) => [name, number(value)]),
        ['updates', String(trial.updates)],
        ['time', trainingTime(trial.seconds, trial.validationSeconds)],
        ...(isStudyTrial(trial) ? [] : [['engine', engineOf(trial)]]),
        ...(trial.reusedFrom === null ? [] : [['reused from', trial.reusedFrom]]),
        ...(isStudyTrial(trial) ? [] : [['data', trial.datasetFingerprint?.slice(0, 16) ?? '-']]),
        ...(inside && inside.gradient.length > 0 ? [['memory horizon', memoryLine(inside)]] : []),
        ...(inside && inside.saturation !== null ? [['saturation', saturationLine(inside)]] : []),
        ...(trial.sample ? [['writes', writing(trial.sample, 80)]] : []),
      ],
    ).trimStart(),
  );
  showSchedule(trial);
  if (attempts.items.length === 0) return;
  say();
  const rows = attempts.items.map((each) => [
    each.id,
    each.state,
    each.host,
    each.engine,
    String(each.lanes),
    String(each.resumedFrom),
    each.startedAt.slice(11, 19),
    each.message ?? '',
  ]);
  say(table(['attempt', 'state', 'host', 'engine', 'lanes', 'from update', 'started', 'message'], rows, [4, 5]));
  const last = attempts.items.findLast(({ log }) => log);
  if (!last?.log) return;
  say();
  say(`Last log lines of the trainer of ${last.id}:`);
  for (const line of last.log.split('\n')) say(`  ${printable(line)}`);
}

const engineOf = ({ engine, lanes, spec }: TrialView): string =>
  engine === null ? '-' : `${engine}, ${lanes} lanes, ${precisionOf(spec)}`;

/** The hyperparameter changes that population-based training made. */
function showSchedule({ schedule }: TrialView): void {
  if (schedule.length === 0) return;
  say();
  const rows = schedule.map(({ update, source, parameters: own }) => [String(update), source ?? '-', parameters(own)]);
  say(table(['from update', 'weights of', 'parameters'], rows, [0]));
}

async function retry(id: string, { json }: { json?: boolean }): Promise<void> {
  const trial = await call<TrialView>(`${path(id)}/retry`, { method: 'POST' });
  if (json) return sayJson(trial);
  say(`Trial ${trial.id} is ${trial.state}.`);
}

async function curve(id: string, options: { name?: string; json?: boolean }): Promise<void> {
  const trial = await call<TrialView>(path(id));
  const query = { ...(options.name ? { name: options.name } : {}), maxPoints: options.json ? 100_000 : curveWidth };
  const { series } = await call<{ series: MetricSeries[] }>(`${path(id)}/metrics`, { query });
  if (options.json) return sayJson(series);
  const names = series.map(({ name }) => name);
  if (names.length === 0)
    throw new CommandFailed(`trial ${trial.id} is ${trial.state} and has reported no ${options.name ?? 'metrics yet'}`);
  const own = await mainMetric(trial);
  const chosen = series.find(({ name }) => name === own) ?? series[0]!;
  say(`${chosen.name} of trial ${trial.id} (${parameters(trial.parameters)})`);
  say();
  say(curveText(chosen));
  say();
  const others = names.filter((name) => name !== chosen.name).join(', ') || 'none';
  // Of a metric that was asked for, the others were not read.
  say(
    `updates ${chosen.updates[0]} to ${chosen.updates.at(-1)}${options.name ? '' : `; other metrics for --name: ${others}`}`,
  );
}

/** The metric that a trial is shown by: that of its task, or what is told to its study. */
async function mainMetric(trial: TrialView): Promise<string> {
  if (!isStudyTrial(trial)) return tasks[(trial.spec as TrialSpec).task.kind].metrics[0];
  return (await call<SweepView>(`/v1/sweeps/${trial.sweepId}`)).objective.metric;
}

async function diagnostics(id: string, { json }: { json?: boolean }): Promise<void> {
  const view = await call<DiagnosticsView>(`${path(id)}/diagnostics`);
  if (json) return sayJson(view);
  const last = view.reports.at(-1);
  if (!last) {
    const trial = await call<TrialView>(path(id));
    const isOff = !isStudyTrial(trial) && (trial.spec as TrialSpec).training.diagnostics === false;
    const why = isStudyTrial(trial)
      ? 'is of a study, and no worker trained it'
      : isOff
        ? 'was trained with training.diagnostics: false'
        : `is ${trial.state} and has recorded none`;
    throw new CommandFailed(`trial ${trial.id} has no diagnostics: it ${why}`);
  }
  say(`trial ${view.trialId}, update ${last.update}`);
  for (const line of diagnosticsLines(view)) say(line);
}

async function spec(id: string, { json }: { json?: boolean }): Promise<void> {
  const trial = await call<TrialView>(path(id));
  if (isStudyTrial(trial)) {
    const given = trial.spec.parameters;
    return say(
      json ? JSON.stringify(given, null, 2) : `# trial ${trial.id}: its parameters\n${stringify(given).trimEnd()}`,
    );
  }
  const { dataset, task, model, training } = trial.spec as TrialSpec;
  const whole = { dataset, task, model, training };
  say(
    json ? JSON.stringify(whole, null, 2) : `# trial ${trial.id}: ${howToRepeat(trial)}\n${stringify(whole).trimEnd()}`,
  );
}

const howToRepeat = ({ id, schedule }: TrialView): string =>
  schedule.length === 0
    ? 'train it again with unroll train FILE'
    : `final parameters; population-based training changed them on the way, see the schedule in "unroll trial show ${id}"`;

async function model(id: string, { output }: { output: string }): Promise<void> {
  const { id: found } = await call<TrialView>(path(id));
  // Whole, before a file that is there is written over.
  await writeOutput(output, await downloadTrial(found));
  note(`Wrote the model of trial ${found} to ${output} (safetensors, PyTorch parameter names).`);
}

export function addTrialCommands(program: Command): void {
  const trial = program
    .command('trial')
    .description('inspect trials: an id, best (of the newest sweep), SWEEP:best, or last (the newest)');
  addTrialListCommand(trial);
  trial
    .command('show <id>')
    .description('show a trial and its attempts')
    .option('--json', 'print it as JSON')
    .addHelpText('after', example('unroll trial show best'))
    .action(showTrial);
  trial
    .command('curve <id>')
    .description('plot a learning curve')
    .option('--name <metric>', 'the metric, such as train.loss')
    .option('--json', 'print every point as JSON')
    .addHelpText('after', example('unroll trial curve last', 'unroll trial curve last --name train.loss'))
    .action(curve);
  trial
    .command('diagnostics <id>')
    .description('show how far a network remembers: gradient by distance in time, gate saturation, gradient norms')
    .option('--json', 'print everything as JSON, with states and attention weights of a few sequences')
    .addHelpText('after', example('unroll trial diagnostics last'))
    .action(diagnostics);
  trial
    .command('spec <id>')
    .description('print a trial as YAML for "unroll train"')
    .option('--json', 'print it as JSON')
    .addHelpText('after', example('unroll trial spec last > trial.yaml && unroll train trial.yaml'))
    .action(spec);
  addTrialDetailCommands(trial);
  trial
    .command('retry <id>')
    .description('retry a failed or cancelled trial from its last checkpoint')
    .option('--json', 'print it as JSON')
    .addHelpText('after', example('unroll trial retry q7k2m9xa'))
    .action(retry);
  trial
    .command('model <id>')
    .description("save a trial's model")
    .requiredOption('-o, --output <file>', 'the file to write')
    .addHelpText('after', example('unroll trial model best -o best.safetensors'))
    .action(model);
  trial
    .command('checkpoint <id>', { hidden: true })
    .requiredOption('-o, --output <file>', 'the file to write')
    .action((id: string, options: { output: string }) => {
      note('"unroll trial checkpoint" is now "unroll trial model"; the old name will be removed in 0.3.0');
      return model(id, options);
    });
}
