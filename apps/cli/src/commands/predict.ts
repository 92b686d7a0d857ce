import { csvRow } from '@unroll/contracts';
import { encode, type DataSource, type Encoded } from '@unroll/datasets';
import { openAnswering, type Answer, type Model } from '@unroll/training';
import type { Command } from 'commander';
import { CommandFailed } from '../errors/command-failed';
import { engineChoice, openNamedEngine } from '../engines';
import { requireChart } from '../input/chart-file';
import { modelsArgument, openModels, topOption } from '../input/ensemble';
import { inputSource } from '../input/network';
import { answerCells, answerLine, type PlainAnswer } from '../show/answers';
import { say, sayData } from '../show/text';
import { example } from './command';
import { collect, requireFormat, wholeNumber } from './options';
import { forecastsOf, predictFurther, requireFurther, showForecasts } from './predict-forecast';

interface Options {
  input: string;
  engine: string;
  format: string;
  json?: boolean;
  chart?: string;
  series?: string[];
  horizon?: number;
  samples?: number;
  seed?: number;
  top?: number;
}

/** A line for each row of the input, in its order, so that predictions stay beside their rows. */
function inOrder(
  { refused }: Encoded,
  lines: string[],
  refusal: (one: Encoded['refused'][number]) => string,
): string[] {
  for (const each of refused) lines.splice(each.at, 0, refusal(each));
  return lines;
}

function answerLines(encoded: Encoded, answers: readonly PlainAnswer[], shape: string): string[] {
  const { places } = encoded;
  if (shape === 'json')
    return inOrder(
      encoded,
      answers.map((answer, index) => JSON.stringify({ input: places[index], ...answer })),
      ({ place, message }) => JSON.stringify({ input: place, error: message }),
    );
  if (shape === 'table') return inOrder(encoded, answers.map(answerLine), ({ message }) => `refused: ${message}`);
  const cells = answers.map(answerCells);
  const names = Object.keys(cells[0]!);
  const rows = inOrder(
    encoded,
    cells.map((own, index) => csvRow([places[index], ...names.map((name) => own[name]), null])),
    ({ place, message }) => csvRow([place, ...names.map(() => null), message]),
  );
  return [csvRow(['input', ...names, 'error']), ...rows];
}

/** What models answer to new input, as one. */
async function answersTo(
  models: readonly Model[],
  source: DataSource,
): Promise<{ encoded: Encoded; data: Encoded['data']; answers: Answer[] }> {
  const encoded = models.map(({ header: { spec, reading } }) => encode(source, { ...spec, reading }));
  const answering = openAnswering(
    models,
    encoded.map(({ data }) => data),
  );
  const answers = await answering.answers();
  answering.dispose();
  return { encoded: encoded[0]!, data: answering.data as Encoded['data'], answers };
}

async function predict(names: readonly string[], options: Options): Promise<void> {
  const { input, engine, chart, horizon, series, top } = options;
  const shape = requireFormat(options);
  requireChart(chart, series);
  const models = await openModels(names, top);
  const [{ header }] = models;
  const { kind } = header.spec.task;
  if (chart !== undefined && kind !== 'forecasting')
    throw new CommandFailed(`--chart: draws forecasts, and this is a ${kind} model; leave it out`, 2);
  requireFurther(models[0], options);
  const source = await inputSource(input, header);
  await openNamedEngine(engine);
  if (horizon !== undefined)
    return showForecasts(await predictFurther(models, source, horizon, options), header, { shape, chart, series });
  const { encoded, data, answers } = await answersTo(models, source);
  const forecasts = forecastsOf(data, answers);
  if (forecasts) return showForecasts(forecasts, header, { shape, chart, series, places: encoded.places });
  for (const line of answerLines(encoded, answers as PlainAnswer[], shape))
    if (shape === 'table') say(line);
    else sayData(line);
  if (encoded.refused.length > 0) process.exitCode = 1;
}

export function addPredictCommand(program: Command): void {
  program
    .command('predict')
    .argument('<models...>', modelsArgument)
    .description('predict with a trained model on new input; a row that it cannot read is refused alone')
    .requiredOption(
      '--input <file>',
      'JSON lines, CSV, one text per line, or a folder, in the format of the training data, without targets; of series, the ' +
        'rows before the forecast; - for the standard input',
    )
    .option(
      '--horizon <rows>',
      'forecast another number of rows than in training, from its own forecasts',
      wholeNumber(1, 100_000),
    )
    .option(
      '--samples <count>',
      'paths that a forecast beyond that horizon draws from its distributions. Default: 100',
      wholeNumber(10, 10_000),
    )
    .option('--seed <number>', 'of these paths. Default: 0', wholeNumber(0, 2 ** 32 - 1))
    .option('--top <count>', topOption, wholeNumber(2, 100))
    .option('--format <format>', 'table, json (one object per line) or csv', 'table')
    .option('--chart <file.svg>', 'also draw forecasts with their intervals')
    .option('--series <key>', 'a series to draw; repeatable', collect)
    .option('--engine <engine>', engineChoice, 'auto')
    .option('--json', 'the same as --format json')
    .addHelpText(
      'after',
      example(
        'unroll predict best --input new.csv',
        'unroll predict best --input history.csv --format csv --chart forecast.svg',
        'unroll predict best --top 5 --input history.csv',
        'echo "a new text" | unroll predict model.safetensors --input - --json',
      ),
    )
    .action(predict);
}
