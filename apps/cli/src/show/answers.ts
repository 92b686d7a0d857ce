import { csvRow, type ShownForecast } from '@unroll/contracts';
import type { Answer } from '@unroll/training';
import { table } from './table';
import { number } from './text';

/** The rows ahead, each with the bounds of the widest interval that the network gives. */
function forecastLine({ values, quantiles = {} }: Extract<Answer, { values: number[] }>): string {
  const levels = levelsOf(quantiles);
  const [low, high] = [quantiles[levels[0]!], quantiles[levels.at(-1)!]];
  const bounds = (ahead: number): string =>
    levels.length > 1 ? ` (${number(low![ahead])} to ${number(high![ahead])})` : '';
  return values.map((value, ahead) => `${number(value)}${bounds(ahead)}`).join('  ');
}

const levelsOf = (quantiles: Readonly<Record<string, unknown>>): string[] =>
  Object.keys(quantiles).sort((a, b) => Number(a) - Number(b));

/** A prediction on one line. */
export function answerLine(answer: Answer): string {
  if ('class' in answer) return `${answer.class}  ${answer.probability.toFixed(3)}`;
  if ('value' in answer) return number(answer.value);
  if ('values' in answer) return forecastLine(answer);
  if ('tags' in answer) return answer.tags.join(' ');
  if ('text' in answer) return answer.text;
  return answer.labels.map(({ label, probability }) => `${label} ${probability.toFixed(2)}`).join('  ') || '-';
}

/** A prediction as named cells. */
export function answerCells(answer: Answer): Record<string, string | number> {
  if ('class' in answer) return { class: answer.class, probability: answer.probability };
  if ('value' in answer) return { value: answer.value };
  if ('values' in answer) return Object.fromEntries(answer.values.map((value, index) => [`value${index + 1}`, value]));
  if ('tags' in answer) return { tags: answer.tags.join(' ') };
  if ('text' in answer) return { text: answer.text };
  return { labels: answer.labels.map(({ label }) => label).join(' ') };
}

/** The head and rows of forecasts: a row for each series and time, with every quantile, or with the outermost only. */
function forecastRows(forecasts: readonly ShownForecast[], target: string, isWhole: boolean) {
  const levels = levelsOf(forecasts[0]?.quantiles ?? {});
  const shown = isWhole || levels.length < 2 ? levels : [levels[0]!, levels.at(-1)!];
  const hasKeys = forecasts.some(({ series }) => series !== '');
  const rows = forecasts.flatMap(({ series, times, values, quantiles }) =>
    times.map((time, ahead) => ({
      names: hasKeys ? [series, time] : [time],
      numbers: [values[ahead], ...shown.map((level) => quantiles[level]![ahead])],
    })),
  );
  return {
    names: hasKeys ? ['series', 'time'] : ['time'],
    columns: [target, ...shown.map((level) => `${target} ${level}`)],
    rows,
  };
}

export function forecastTable(forecasts: readonly ShownForecast[], target: string): string {
  const { names, columns, rows } = forecastRows(forecasts, target, false);
  const right = columns.map((_, index) => names.length + index);
  return table(
    [...names, ...columns],
    rows.map((row) => [...row.names, ...row.numbers.map((value) => number(value))]),
    right,
  ).trimStart();
}

export function forecastCsv(forecasts: readonly ShownForecast[], target: string): string {
  const { names, columns, rows } = forecastRows(forecasts, target, true);
  return [[...names, ...columns], ...rows.map((row) => [...row.names, ...row.numbers])].map(csvRow).join('\n');
}
