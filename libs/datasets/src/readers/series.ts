import { continued, copiesOf, requireOwnPast, type Copies, type Forecasts } from '../series/continued';
import { encodeSeries, scoreSeries } from '../series/encode';
import { prepareForecast } from '../series/forecasting';
import type { Preparation } from '../prepared/preparation';
import { columnsRead, rolesOf } from '../series/roles';
import type { SeriesOptions, SeriesTable } from '../series/series-table';
import { readSeries } from '../series/table';
import { readBytes, type DataSource } from '../source/data-source';
import type { EncodedInput } from '../prepared/row-by-row';
import type { DataReader, Reader } from './reader';

type Options = Pick<Preparation<'forecasting'>, 'dataset' | 'task' | 'reading'>;

/** How a file is read: as told, and where that leaves two ways, as the data that a network was trained on. */
const optionsOf = ({ dataset, task, reading }: Options): SeriesOptions => ({
  ...dataset,
  knownDecimal: reading?.decimal,
  timeFormat: reading?.timeFormat,
  trained: reading?.columns,
  categories: task.categories,
  levels: reading?.categories,
  reads: (names) => reading?.columns ?? columnsRead(names, task),
});

const read = (source: DataSource, options: Options, future?: SeriesOptions['future']): SeriesTable =>
  readSeries(readBytes(source), { ...optionsOf(options), future });

/** Series for forecasts from their ends. */
function readHistory(source: DataSource, reader: Reader<'forecasting'>): SeriesTable {
  const { task, reading } = reader;
  const { columns = [] } = reading;
  // Only what is known has a future.
  const future =
    task.known.length > 0
      ? { targets: rolesOf(columns, task).targets.flatMap((target) => columns[target] ?? []), known: task.known }
      : undefined;
  return read(source, reader, future);
}

export const series: DataReader<'forecasting'> = {
  dataset: 'series',
  prepare: (source, preparation) =>
    prepareForecast(
      readSeries(readBytes(source), { ...optionsOf(preparation), allowsUnknown: true }),
      preparation.task,
      preparation.dataset,
      preparation.reading,
    ),
  encode: (source, reader) => encodeSeries(readHistory(source, reader), reader.task, reader.reading),
  score: (source, reader, stride) => scoreSeries(read(source, reader), reader.task, reader.reading, stride),
};

/**
 * Series whose forecasts of `rows` continue from their own: the input of the first, and that of the next after the forecasts of all series
 * before; with `of`, after several forecasts of one series.
 * @throws DatasetError for input that the network cannot read, or a network that reads what is not known after the data
 */
export function openForecast(source: DataSource, reader: Reader<'forecasting'>, rows: number) {
  const { task, reading } = reader;
  const table = readHistory(source, reader);
  if (rows > task.horizon) requireOwnPast(table, reading, task);
  return (before?: Forecasts, of?: Copies): EncodedInput => {
    const read = of ? copiesOf(table, of, reader) : table;
    return encodeSeries(before ? continued(read, reading, task, before) : read, task, reading);
  };
}
