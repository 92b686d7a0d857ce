import { encodeSeries } from '../series/encode';
import { prepareForecast } from '../series/forecasting';
import { readSeries } from '../series/table';
import { readBytes } from '../source/data-source';
import type { DataReader } from './reader';

export const series: DataReader<'forecasting'> = {
  dataset: 'series',
  prepare: (source, { task, dataset, reading }) =>
    prepareForecast(readSeries(readBytes(source), dataset), task, dataset, reading),
  encode: (source, { task, dataset, reading }) => encodeSeries(readSeries(readBytes(source), dataset), task, reading),
};
