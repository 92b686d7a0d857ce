import type { Baseline, TaskSpec } from '@unroll/contracts';
import { filledColumn, valueAt } from './filled';
import type { SeriesTable } from './series-table';

type Forecasting = Extract<TaskSpec, { kind: 'forecasting' }>;

/**
 * The naive and, with `season`, the seasonal naive forecast (Hyndman & Athanasopoulos 2021, section 5.2) for windows that start at
 * `starts`, over the targets that are not missing. A missing value is replaced by the last one before it.
 */
export function forecastBaselines(
  table: Pick<SeriesTable, 'columns' | 'spans'>,
  target: number,
  starts: Int32Array,
  { horizon, season }: Forecasting,
): Baseline[] {
  const series = table.columns[target]!;
  const filled = filledColumn(series, table);
  const past = (row: number, start: number): number => valueAt(filled, row, start, 'previous');
  const baseline = (name: string, guess: (start: number, ahead: number) => number): Baseline => {
    let [squares, sizes, count] = [0, 0, 0];
    for (const start of starts)
      for (let ahead = 0; ahead < horizon; ahead++) {
        const error = series[start + ahead]! - guess(start, ahead);
        if (Number.isNaN(error)) continue;
        squares += error ** 2;
        sizes += Math.abs(error);
        count += 1;
      }
    return { name, metrics: { 'validation.mse': squares / count, 'validation.mae': sizes / count } };
  };
  const persistence = baseline('persistence', (start) => past(start - 1, start));
  const begins = beginsOf(table, starts);
  if (season === undefined || starts.some((start, index) => start - season < begins[index]!)) return [persistence];
  const seasonsBack = (ahead: number): number => season * (Math.floor(ahead / season) + 1);
  return [persistence, baseline('seasonal naive', (start, ahead) => past(start + ahead - seasonsBack(ahead), start))];
}

/** The first row of each window's series. */
function beginsOf({ spans }: Pick<SeriesTable, 'spans'>, starts: Int32Array): number[] {
  let index = 0;
  return Array.from(starts, (start) => {
    while (start >= spans[index]!.end) index++;
    return spans[index]!.begin;
  });
}
