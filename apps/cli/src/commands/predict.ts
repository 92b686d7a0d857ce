import { tasks } from '@unroll/contracts';
import { encode } from '@unroll/datasets';
import { Network, type Answer } from '@unroll/training';
import type { Command } from 'commander';
import { fileSource } from '../input/data-sources';
import { engineChoice, openNamedEngine } from '../engines';
import { modelArgument, openModel } from '../input/models';
import { number, say } from '../show/text';
import { example } from './command';

interface Options {
  input: string;
  engine: string;
  json?: boolean;
}

/** The rows ahead, each with the bounds of the widest interval that the network gives. */
function forecastLine({ values, quantiles = {} }: Extract<Answer, { values: number[] }>): string {
  const levels = Object.keys(quantiles).sort((a, b) => Number(a) - Number(b));
  const [low, high] = [quantiles[levels[0]!], quantiles[levels.at(-1)!]];
  const bounds = (ahead: number): string =>
    levels.length > 1 ? ` (${number(low![ahead])} to ${number(high![ahead])})` : '';
  return values.map((value, ahead) => `${number(value)}${bounds(ahead)}`).join('  ');
}

/** A prediction on one line. */
function line(answer: Answer): string {
  if ('class' in answer) return `${answer.class}  ${answer.probability.toFixed(3)}`;
  if ('value' in answer) return number(answer.value);
  if ('values' in answer) return forecastLine(answer);
  if ('tags' in answer) return answer.tags.join(' ');
  if ('text' in answer) return answer.text;
  return answer.labels.map(({ label, probability }) => `${label} ${probability.toFixed(2)}`).join('  ') || '-';
}

async function predict(name: string, { input, engine, json }: Options): Promise<void> {
  const model = await openModel(name);
  const { spec, reading } = model.header;
  const source = await fileSource(input, tasks[spec.task.kind].datasets[0], '--input');
  const { data, places, refused } = encode(source, { ...spec, reading });
  await openNamedEngine(engine);
  const network = new Network(model, data);
  const answers = await network.answers();
  network.dispose();
  const lines = answers.map((answer, index) =>
    json ? JSON.stringify({ input: places[index], ...answer }) : line(answer),
  );
  // In the order of the file, so that predictions stay beside their rows.
  for (const { at, place, message } of refused)
    lines.splice(at, 0, json ? JSON.stringify({ input: place, error: message }) : `refused: ${message}`);
  for (const each of lines) say(each);
  if (refused.length > 0) process.exitCode = 1;
}

export function addPredictCommand(program: Command): void {
  program
    .command('predict')
    .argument('<model>', modelArgument)
    .description('predict with a trained model on new input; a row that it cannot read is refused alone')
    .requiredOption(
      '--input <file>',
      'JSON lines, CSV, or one text per line, in the format of the training data, without targets',
    )
    .option('--engine <engine>', engineChoice, 'auto')
    .option('--json', 'print one JSON object per line')
    .addHelpText(
      'after',
      example('unroll predict best --input new.csv', 'unroll predict model.safetensors --input new.jsonl --json'),
    )
    .action(predict);
}
