import type { Baseline, ClassReport, ModelHeader, ShownForecast } from '@unroll/contracts';
import { prepare, score, type DataSource, type ExampleData, type PreparedData, type TreeData } from '@unroll/datasets';
import { classReport, Network, openAnswering, shownForecasts, type Answer } from '@unroll/training';
import type { Command } from 'commander';
import { isDeepStrictEqual } from 'node:util';
import { CommandFailed } from '../errors/command-failed';
import { engineChoice, openNamedEngine } from '../engines';
import { requireChart, writeForecastChart } from '../input/chart-file';
import { namedSource } from '../input/data-sources';
import { modelsArgument, openModels, topOption, type NamedModel } from '../input/ensemble';
import { requireHeldOut } from '../input/models';
import { inputSource } from '../input/network';
import { classTables } from '../show/classes';
import { table } from '../show/table';
import { note, number, say, sayJson } from '../show/text';
import { example } from './command';
import { collect, wholeNumber } from './options';

interface Options {
  input?: string;
  stride?: number;
  engine: string;
  chart?: string;
  series?: string[];
  top?: number;
  json?: boolean;
}

/** Data with what is measured in the validation part, and simple models measured on the same. */
interface Scored {
  data: PreparedData;
  baselines: { name: string; metrics: Record<string, number> }[];
  /** For people: which data these are. */
  about: string;
}

/** The metrics of baselines on one part, without its name. */
const onPart = (baselines: readonly Baseline[], part: string): Scored['baselines'] =>
  baselines.map(({ name, metrics }) => ({
    name,
    metrics: Object.fromEntries(
      Object.entries(metrics).flatMap(([metric, value]) =>
        metric.startsWith(`${part}.`) ? [[metric.slice(part.length + 1), value]] : [],
      ),
    ),
  }));

/** The data set whose held-out part is measured where no file is given. @throws CommandFailed where there is none that all have */
async function ownSource(models: readonly NamedModel[], { stride }: Options): Promise<DataSource> {
  const { dataset } = models[0]!.header.spec;
  if (stride !== undefined) throw new CommandFailed('--stride: is for a file of series; give it with --input', 2);
  if (dataset.name === 'file')
    throw new CommandFailed('the model was trained on a file: pass data with their targets with --input', 2);
  for (const { header } of models) requireHeldOut(header, '--input');
  const other = models.find(({ header }) => !isDeepStrictEqual(header.spec.dataset, dataset));
  if (other)
    throw new CommandFailed(
      `${other.name}: other parts of ${dataset.name} were held out than for ${models[0]!.name}; pass data with --input`,
      2,
    );
  return namedSource(dataset);
}

/**
 * All of a file, or the held-out part of the models' own data that no search saw, if there is one, as each of them reads it.
 * @throws CommandFailed
 */
async function openScored(models: readonly NamedModel[], options: Options): Promise<Scored[]> {
  const { input, stride } = options;
  const [{ header }] = models as [NamedModel];
  const source = input === undefined ? await ownSource(models, options) : await inputSource(input, header);
  const all = hasOwnData(header) ? models : models.slice(0, 1);
  return all.map(({ header: { spec, reading } }) => {
    if (input !== undefined) {
      const { data, baselines } = score(source, { ...spec, reading }, stride);
      return { data, baselines: onPart(baselines, 'validation'), about: input === '-' ? 'the input' : input };
    }
    const { data, baselines } = prepare(source, { ...spec, reading });
    const part = data.test ? 'test' : 'validation';
    const held = data.test ? ({ ...data, validation: data.test } as PreparedData) : data;
    return { data: held, baselines: onPart(baselines, part), about: `the ${part} part of ${spec.dataset.name}` };
  });
}

/** Whether each of several models reads the same file as data of its own. */
const hasOwnData = ({ spec }: ModelHeader): boolean => spec.task.kind === 'forecasting';

/** What was measured of one model, or of several as one. */
interface Evaluated {
  scored: Scored;
  metrics: Record<string, number>;
  /** Of each of several models alone. */
  alone: { model: string; metrics: Record<string, number> }[];
  report?: ClassReport;
  forecasts?: ShownForecast[];
}

/** Each of several models, on the very examples that they are measured on together. */
async function measuredAlone(models: readonly NamedModel[], all: readonly PreparedData[]): Promise<Evaluated['alone']> {
  const alone: Evaluated['alone'] = [];
  if (models.length === 1) return alone;
  for (const [index, model] of models.entries()) {
    const network = new Network(model, all[index] ?? all[0]!);
    alone.push({ model: model.name, metrics: await network.measure() });
    network.dispose();
  }
  return alone;
}

async function measureAll(models: readonly NamedModel[], all: readonly Scored[], draws: boolean): Promise<Evaluated> {
  const answering = openAnswering(
    models,
    all.map(({ data }) => data),
  );
  const { data, own } = answering;
  const metrics = await answering.measure();
  // Simple methods were measured on the windows of a model: those that all have are of one with the longest history.
  const same = all.find((each) => countOf(each.data) === countOf(data)) ?? { baselines: [] };
  const scored = { ...all[0]!, data, baselines: same.baselines };
  const isRead = data.kind !== 'tokens' && (hasReport(models[0]!.header) || draws);
  const shown = isRead ? readAnswers(data, await answering.answers()) : {};
  answering.dispose();
  return { scored, metrics, alone: await measuredAlone(models, own), ...shown };
}

const countOf = ({ validation }: PreparedData): number =>
  'count' in validation ? validation.count : validation.length;

/** What the answers to examples show, beyond the metrics. */
function readAnswers(
  data: ExampleData | TreeData,
  answers: readonly Answer[],
): { report?: ClassReport; forecasts?: ShownForecast[] } {
  const units = data.kind === 'examples' ? data.validation.units : undefined;
  if (!units) return { report: classReport(data, answers) };
  const all = answers.map((answer, index) => ({ index, answer: answer as Extract<Answer, { forecasts: unknown }> }));
  return { forecasts: shownForecasts(units, all) };
}

const hasReport = ({ spec }: ModelHeader): boolean =>
  ['classification', 'tagging', 'tree-classification'].includes(spec.task.kind);

/** What was measured, for people. */
function scope({ data, about }: Scored, { input, stride }: Options): string {
  if (data.kind !== 'examples') return about;
  const { count, units, targets } = data.validation;
  const counted = (what: string): string => `${count.toLocaleString('en-US')} ${what}${count === 1 ? '' : 's'}`;
  if (!units || !('width' in targets)) return `${about}: ${counted('example')}`;
  const which = stride === undefined ? ', of the last rows of each series' : `, from every ${stride} rows`;
  return `${about}: ${counted('forecast')} of ${targets.width / units.length} rows${input === undefined ? '' : which}`;
}

/** Metrics as columns: of the models, as one and in the mean of each alone, and of simple methods. */
function metricsTable({ metrics, alone, scored: { baselines } }: Evaluated): string {
  const columns = [
    { name: alone.length > 0 ? `${alone.length} networks` : 'network', metrics },
    ...(alone.length > 0 ? [{ name: 'each (mean)', metrics: meanMetrics(alone) }] : []),
    ...baselines,
  ];
  const rows = Object.keys(metrics).map((metric) => [metric, ...columns.map((each) => number(each.metrics[metric]))]);
  const names = columns.map(({ name }) => name);
  const right = names.map((_, index) => index + 1);
  return table(['metric', ...names], rows, right).trimStart();
}

const meanMetrics = (all: Evaluated['alone']): Record<string, number> =>
  Object.fromEntries(
    Object.keys(all[0]!.metrics).map((metric) => [
      metric,
      all.reduce((sum, { metrics }) => sum + metrics[metric]!, 0) / all.length,
    ]),
  );

async function evaluate(names: readonly string[], options: Options): Promise<void> {
  const { engine, chart, json, top } = options;
  requireChart(chart, options.series);
  const models = await openModels(names, top);
  const { kind } = models[0].header.spec.task;
  if (kind !== 'forecasting')
    for (const option of ['chart', 'stride', 'series'] as const)
      if (options[option] !== undefined)
        throw new CommandFailed(`--${option}: is for forecasts, and this is a ${kind} model; leave it out`, 2);
  const all = await openScored(models, options);
  await openNamedEngine(engine);
  const evaluated = await measureAll(models, all, chart !== undefined);
  const { scored, metrics, alone, report, forecasts } = evaluated;
  if (forecasts && chart !== undefined) await writeForecastChart(chart, forecasts, options.series);
  const data = scope(scored, options);
  if (json)
    return sayJson({
      ...{ data, metrics, baselines: scored.baselines },
      ...(alone.length > 0 ? { models: alone } : {}),
      ...(report ? { report } : {}),
    });
  note(`Measured on ${data}.`);
  say(metricsTable(evaluated));
  if (report) classTables(report).forEach((each) => say(`\n${each}`));
}

export function addEvaluateCommand(program: Command): void {
  program
    .command('evaluate')
    .argument('<models...>', modelsArgument)
    .description('measure a trained model on data with their targets, beside simple methods, in the unit of the data')
    .option(
      '--input <file>',
      'data in the format of the training data, with targets; - for the standard input. Default: the held-out part of its own data',
    )
    .option(
      '--stride <rows>',
      'forecast from every so many rows of each series. Default: only its last rows, as many as the horizon',
      wholeNumber(1, 1_000_000),
    )
    .option('--top <count>', topOption, wholeNumber(2, 100))
    .option('--chart <file.svg>', 'draw forecasts with their intervals against the truth')
    .option('--series <key>', 'a series to draw; repeatable', collect)
    .option('--engine <engine>', engineChoice, 'auto')
    .option('--json', 'print the result as JSON')
    .addHelpText(
      'after',
      example(
        'unroll evaluate last',
        'unroll evaluate best --top 5',
        'unroll evaluate model.safetensors --input new.csv --stride 24 --chart forecast.svg',
      ),
    )
    .action(evaluate);
}
