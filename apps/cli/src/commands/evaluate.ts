import type { Baseline, ClassReport, ModelHeader, ShownForecast } from '@unroll/contracts';
import { prepare, score, type ExampleData, type PreparedData } from '@unroll/datasets';
import { classReport, Network, shownForecasts, type Answer, type Model } from '@unroll/training';
import type { Command } from 'commander';
import { CommandFailed } from '../errors/command-failed';
import { engineChoice, openNamedEngine } from '../engines';
import { requireChart, writeForecastChart } from '../input/chart-file';
import { namedSource } from '../input/data-sources';
import { modelArgument, openModel, requireHeldOut } from '../input/models';
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

/** All of a file, or the held-out part of the model's own data that no search saw, if there is one. @throws CommandFailed */
async function openScored({ header }: Model, { input, stride }: Options): Promise<Scored> {
  const { spec, reading } = header;
  if (input !== undefined) {
    const { data, baselines } = score(await inputSource(input, header), { ...spec, reading }, stride);
    return { data, baselines: onPart(baselines, 'validation'), about: input === '-' ? 'the input' : input };
  }
  if (stride !== undefined) throw new CommandFailed('--stride: is for a file of series; give it with --input', 2);
  if (spec.dataset.name === 'file')
    throw new CommandFailed('the model was trained on a file: pass data with their targets with --input', 2);
  requireHeldOut(header, '--input');
  const { data, baselines } = prepare(await namedSource(spec.dataset), { ...spec, reading });
  const part = data.test ? 'test' : 'validation';
  const held = data.test ? ({ ...data, validation: data.test } as PreparedData) : data;
  return { data: held, baselines: onPart(baselines, part), about: `the ${part} part of ${spec.dataset.name}` };
}

/** What the answers to examples show, beyond the metrics. */
function readAnswers(
  data: ExampleData,
  answers: readonly Answer[],
): { report?: ClassReport; forecasts?: ShownForecast[] } {
  const { units } = data.validation;
  if (!units) return { report: classReport(data, answers) };
  const all = answers.map((answer, index) => ({ index, answer: answer as Extract<Answer, { forecasts: unknown }> }));
  return { forecasts: shownForecasts(units, all) };
}

const hasReport = ({ spec }: ModelHeader): boolean => ['classification', 'tagging'].includes(spec.task.kind);

/** What was measured, for people. */
function scope({ data, about }: Scored, { input, stride }: Options): string {
  if (data.kind !== 'examples') return about;
  const { count, units, targets } = data.validation;
  const counted = (what: string): string => `${count.toLocaleString('en-US')} ${what}${count === 1 ? '' : 's'}`;
  if (!units || !('width' in targets)) return `${about}: ${counted('example')}`;
  const which = stride === undefined ? ', of the last rows of each series' : `, from every ${stride} rows`;
  return `${about}: ${counted('forecast')} of ${targets.width / units.length} rows${input === undefined ? '' : which}`;
}

async function evaluate(name: string, options: Options): Promise<void> {
  const { engine, chart, json } = options;
  requireChart(chart, options.series);
  const model = await openModel(name);
  const { header } = model;
  const { kind } = header.spec.task;
  if (kind !== 'forecasting')
    for (const option of ['chart', 'stride', 'series'] as const)
      if (options[option] !== undefined)
        throw new CommandFailed(`--${option}: is for forecasts, and this is a ${kind} model; leave it out`, 2);
  const scored = await openScored(model, options);
  await openNamedEngine(engine);
  const network = new Network(model, scored.data);
  const metrics = await network.measure();
  const needsAnswers = scored.data.kind === 'examples' && (hasReport(header) || chart !== undefined);
  const { report, forecasts } = needsAnswers ? readAnswers(scored.data as ExampleData, await network.answers()) : {};
  network.dispose();
  if (forecasts && chart !== undefined) await writeForecastChart(chart, forecasts, options.series);
  const { baselines } = scored;
  if (json) return sayJson({ data: scope(scored, options), metrics, baselines, ...(report ? { report } : {}) });
  note(`Measured on ${scope(scored, options)}.`);
  const rows = Object.keys(metrics).map((metric) => [
    metric,
    ...[{ metrics }, ...baselines].map((each) => number(each.metrics[metric])),
  ]);
  const names = ['network', ...baselines.map((each) => each.name)];
  say(
    table(
      ['metric', ...names],
      rows,
      names.map((_, index) => index + 1),
    ).trimStart(),
  );
  if (report) classTables(report).forEach((each) => say(`\n${each}`));
}

export function addEvaluateCommand(program: Command): void {
  program
    .command('evaluate')
    .argument('<model>', modelArgument)
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
    .option('--chart <file.svg>', 'draw forecasts with their intervals against the truth')
    .option('--series <key>', 'a series to draw; repeatable', collect)
    .option('--engine <engine>', engineChoice, 'auto')
    .option('--json', 'print the result as JSON')
    .addHelpText(
      'after',
      example(
        'unroll evaluate last',
        'unroll evaluate model.safetensors --input new.csv --stride 24 --chart forecast.svg',
      ),
    )
    .action(evaluate);
}
