import type { ShownForecast } from '@unroll/contracts';
import { csvRow } from '@unroll/contracts';
import { encode, type Encoded } from '@unroll/datasets';
import { Network, shownForecasts, type Answer } from '@unroll/training';
import type { Command } from 'commander';
import { CommandFailed } from '../errors/command-failed';
import { engineChoice, openNamedEngine } from '../engines';
import { writeForecastChart } from '../input/chart-file';
import { modelArgument, openModel } from '../input/models';
import { inputSource, targetName } from '../input/network';
import { answerCells, answerLine, forecastCsv, forecastTable } from '../show/answers';
import { say, sayData } from '../show/text';
import { example } from './command';
import { collect, requireFormat } from './options';

interface Options {
  input: string;
  engine: string;
  format: string;
  json?: boolean;
  chart?: string;
  series?: string[];
}

const isForecast = (answer: Answer): answer is Extract<Answer, { values: number[] }> => 'values' in answer;

/** What was forecast, in the order of the series; undefined for another task. */
function forecastsOf({ data }: Encoded, answers: readonly Answer[]): ShownForecast[] | undefined {
  const units = data.kind === 'examples' ? data.validation.units : undefined;
  return (
    units &&
    shownForecasts(
      units,
      answers.flatMap((answer, index) => (isForecast(answer) ? [{ index, answer }] : [])),
    )
  );
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

function answerLines(encoded: Encoded, answers: readonly Answer[], shape: string): string[] {
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

/** A forecast as a line of JSON. */
const forecastJson = ({ series, times, values, quantiles }: ShownForecast, place: string): string =>
  JSON.stringify({ input: place, ...(series === '' ? {} : { series }), times, values, quantiles });

async function predict(name: string, options: Options): Promise<void> {
  const { input, engine, chart } = options;
  const shape = requireFormat(options);
  const { header, ...model } = await openModel(name);
  const { spec, reading } = header;
  if (chart !== undefined && spec.task.kind !== 'forecasting')
    throw new CommandFailed(`--chart: draws forecasts, and this is a ${spec.task.kind} model; leave it out`, 2);
  const encoded = encode(await inputSource(input, header), { ...spec, reading });
  await openNamedEngine(engine);
  const network = new Network({ header, ...model }, encoded.data);
  const answers = await network.answers();
  network.dispose();
  const forecasts = forecastsOf(encoded, answers);
  if (!forecasts)
    answerLines(encoded, answers, shape).forEach((line) => (shape === 'table' ? say(line) : sayData(line)));
  else if (shape === 'json') forecasts.forEach((each, index) => sayData(forecastJson(each, encoded.places[index]!)));
  else if (shape === 'csv') sayData(forecastCsv(forecasts, targetName(header)));
  else say(forecastTable(forecasts, targetName(header)));
  if (forecasts && chart !== undefined) await writeForecastChart(chart, forecasts, options.series);
  if (encoded.refused.length > 0) process.exitCode = 1;
}

export function addPredictCommand(program: Command): void {
  program
    .command('predict')
    .argument('<model>', modelArgument)
    .description('predict with a trained model on new input; a row that it cannot read is refused alone')
    .requiredOption(
      '--input <file>',
      'JSON lines, CSV, one text per line, or a folder, in the format of the training data, without targets; of series, the ' +
        'rows before the forecast; - for the standard input',
    )
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
        'echo "a new text" | unroll predict model.safetensors --input - --json',
      ),
    )
    .action(predict);
}
