import type { DataReading, DatasetSpec } from '@unroll/contracts';
import { encodeSeries, scoreSeries } from '../series/encode';
import { prepareForecast } from '../series/forecasting';
import type { SeriesOptions } from '../series/series-table';
import { readSeries } from '../series/table';
import { readBytes } from '../source/data-source';
import type { DataReader } from './reader';

/** How a file is read: as told, and where that leaves two ways, as the data that a network was trained on. */
const optionsOf = (dataset: DatasetSpec, reading: DataReading | undefined): SeriesOptions => ({
  ...dataset,
  knownDecimal: reading?.decimal,
  timeFormat: reading?.timeFormat,
});

export const series: DataReader<'forecasting'> = {
  dataset: 'series',
  prepare: (source, { task, dataset, reading }) =>
    prepareForecast(readSeries(readBytes(source), optionsOf(dataset, reading)), task, dataset, reading),
  encode: (source, { task, dataset, reading }) =>
    encodeSeries(readSeries(readBytes(source), optionsOf(dataset, reading)), task, reading),
  score: (source, { task, dataset, reading }, stride) =>
    scoreSeries(readSeries(readBytes(source), optionsOf(dataset, reading)), task, reading, stride),
};
