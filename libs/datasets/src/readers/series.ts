import { encodeSeries, scoreSeries } from '../series/encode';
import { prepareForecast } from '../series/forecasting';
import type { Preparation } from '../prepared/preparation';
import { rolesOf } from '../series/roles';
import type { SeriesOptions, SeriesTable } from '../series/series-table';
import { readSeries } from '../series/table';
import { readBytes, type DataSource } from '../source/data-source';
import type { DataReader } from './reader';

type Options = Pick<Preparation<'forecasting'>, 'dataset' | 'task' | 'reading'>;

/** How a file is read: as told, and where that leaves two ways, as the data that a network was trained on. */
const optionsOf = ({ dataset, task, reading }: Options): SeriesOptions => ({
  ...dataset,
  knownDecimal: reading?.decimal,
  timeFormat: reading?.timeFormat,
  categories: task.categories,
  levels: reading?.categories,
});

const read = (source: DataSource, options: Options, future?: SeriesOptions['future']): SeriesTable =>
  readSeries(readBytes(source), { ...optionsOf(options), future });

export const series: DataReader<'forecasting'> = {
  dataset: 'series',
  prepare: (source, preparation) =>
    prepareForecast(read(source, preparation), preparation.task, preparation.dataset, preparation.reading),
  encode(source, reader) {
    const { task, reading } = reader;
    const { columns = [] } = reading;
    // Only what is known has a future.
    const future =
      task.known.length > 0
        ? { target: columns[rolesOf(columns, task).target], known: [...task.known, ...task.categories] }
        : undefined;
    return encodeSeries(read(source, reader, future), task, reading);
  },
  score: (source, reader, stride) => scoreSeries(read(source, reader), reader.task, reader.reading, stride),
};
