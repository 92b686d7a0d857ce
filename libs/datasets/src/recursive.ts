import type { ExampleData, Sequences } from './prepared/data';
import { unanswered } from './encode';
import { openForecast } from './readers/series';
import type { Reader } from './readers/reader';
import type { DataSource } from './source/data-source';

/**
 * Input for forecasts of `rows`, which may be more than a network gives at once, so that it reads its own: of the first, and of the next
 * after the forecasts of all series before, [series][row].
 * @throws DatasetError for input that the network cannot read, or a network that reads what is not known after the data
 */
export function recursive(
  source: DataSource,
  reader: Reader<'forecasting'>,
  rows: number,
): (before: readonly (readonly number[])[] | undefined) => ExampleData {
  const next = openForecast(source, reader, rows);
  return (before) => {
    const { inputs, units } = next(before);
    return unanswered(inputs as Sequences, reader, units);
  };
}
