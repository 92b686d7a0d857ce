import { examplesAs, unanswered } from './encode';
import { prepare } from './prepare';
import { readerFor } from './readers';
import type { Prepared, Reader } from './readers/reader';
import type { PreparedData } from './prepared/data';
import type { DataSource } from './source/data-source';

/** With the longest target of the training, beyond which a decoder writes nothing: those that are measured are not known to it. */
const withKnownLengths = (data: PreparedData, reader: Reader): PreparedData =>
  data.kind === 'examples' && reader.reading.longestTarget !== undefined
    ? { ...data, train: unanswered(data.train.inputs, reader).train }
    : data;

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
    return { data: withKnownLengths(data, reader), baselines: [] };
  }
  const { examples, baselines } = own.score(source, reader, stride);
  return { data: examplesAs(examples, reader), baselines };
}
