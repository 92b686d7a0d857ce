import { csvRow, type ShownForecast } from '@unroll/contracts';
import type { Answer } from '@unroll/training';
import { table } from './table';
import { number } from './text';

const levelsOf = (quantiles: Readonly<Record<string, unknown>>): string[] =>
  Object.keys(quantiles).sort((a, b) => Number(a) - Number(b));

/** A prediction that is no forecast. */
export type PlainAnswer = Exclude<Answer, { forecasts: unknown }>;

/** A prediction on one line. */
export function answerLine(answer: PlainAnswer): string {
  if ('class' in answer) return `${answer.class}  ${answer.probability.toFixed(3)}`;
  if ('value' in answer) return number(answer.value);
  if ('tags' in answer) return answer.tags.join(' ');
  if ('text' in answer) return answer.text;
  return answer.labels.map(({ label, probability }) => `${label} ${probability.toFixed(2)}`).join('  ') || '-';
}

/** A prediction as named cells. */
export function answerCells(answer: PlainAnswer): Record<string, string | number> {
  if ('class' in answer) return { class: answer.class, probability: answer.probability };
  if ('value' in answer) return { value: answer.value };
  if ('tags' in answer) return { tags: answer.tags.join(' ') };
  if ('text' in answer) return { text: answer.text };
  return { labels: answer.labels.map(({ label }) => label).join(' ') };
}

/**
 * The head and rows of forecasts of `targets`, which follow each other: a row for each series and time, with every quantile, or with the
 * outermost only.
 */
function forecastRows(forecasts: readonly ShownForecast[], targets: readonly string[], isWhole: boolean) {
  const levels = levelsOf(forecasts[0]?.quantiles ?? {});
  const shown = isWhole || levels.length < 2 ? levels : [levels[0]!, levels.at(-1)!];
  const hasKeys = forecasts.some(({ series }) => series !== '');
  const rows = forecasts.flatMap(({ series, times }, index) => {
    if (index % targets.length > 0) return [];
    const own = forecasts.slice(index, index + targets.length);
    return times.map((time, ahead) => ({
      names: hasKeys ? [series, time] : [time],
      numbers: own.flatMap(({ values, quantiles }) => [
        values[ahead],
        ...shown.map((level) => quantiles[level]![ahead]),
      ]),
    }));
  });
  return {
    names: hasKeys ? ['series', 'time'] : ['time'],
    columns: targets.flatMap((target) => [target, ...shown.map((level) => `${target} ${level}`)]),
    rows,
  };
}

export function forecastTable(forecasts: readonly ShownForecast[], targets: readonly string[]): string {
  const { names, columns, rows } = forecastRows(forecasts, targets, false);
  const right = columns.map((_, index) => names.length + index);
  return table(
    [...names, ...columns],
    rows.map((row) => [...row.names, ...row.numbers.map((value) => number(value))]),
    right,
  ).trimStart();
}

export function forecastCsv(forecasts: readonly ShownForecast[], targets: readonly string[]): string {
  const { names, columns, rows } = forecastRows(forecasts, targets, true);
  return [[...names, ...columns], ...rows.map((row) => [...row.names, ...row.numbers])].map(csvRow).join('\n');
}
