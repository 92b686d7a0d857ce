import type { ExampleData, Sequences } from './prepared/data';
import { unanswered } from './encode';
import { openForecast } from './readers/series';
import type { Reader } from './readers/reader';
import type { DataSource } from './source/data-source';
import type { Copies, Forecasts } from './series/continued';

/**
 * Input for forecasts of `rows`, which may be more than a network gives at once, so that it reads its own: of the first, and of the next
 * after the forecasts of all series before, or after several of one series.
 * @throws DatasetError for input that the network cannot read, or a network that reads what is not known after the data
 */
export function recursive(source: DataSource, reader: Reader<'forecasting'>, rows: number) {
  const next = openForecast(source, reader, rows);
  const read = (...given: Parameters<typeof next>): ExampleData => {
    const { inputs, units } = next(...given);
    return unanswered(inputs as Sequences, reader, units);
  };
  return {
    first: (): ExampleData => read(),
    after: (before: Forecasts, of?: Copies): ExampleData => read(before, of),
  };
}
