import { examplesAs } from './encode';
import { prepare } from './prepare';
import { readerFor } from './readers';
import type { Prepared, Reader } from './readers/reader';
import type { DataSource } from './source/data-source';

/**
 * New input with its targets, read exactly as training did, all of it in the validation part. `stride`: with a forecast from every so many
 * rows of a series, rather than one of its last rows.
 * @throws DatasetError for input that the network cannot read, with its place
 */
export function score(source: DataSource, reader: Reader, stride?: number): Pick<Prepared, 'data' | 'baselines'> {
  const own = readerFor(source.kind, reader.task.kind);
  if (!own.score) {
    const { data } = prepare(source, { ...reader, dataset: { ...reader.dataset, isWhole: true } });
    // Simple models would be fitted to the very data that they are measured on.
    return { data, baselines: [] };
  }
  const { examples, baselines } = own.score(source, reader, stride);
  return { data: examplesAs(examples, reader), baselines };
}
