import { DatasetError, type ForecastUnits, type Sequences, type Trees } from './data';

/** New input, with the place of each example in its file. */
export interface EncodedInput {
  inputs: Sequences | Trees;
  places: string[];
  /** Of the ends of series. */
  units?: readonly ForecastUnits[] | undefined;
  /** Rows that the network cannot read: `at` is their place among all rows, from 0. */
  refused?: { at: number; place: string; message: string }[] | undefined;
}

/**
 * Encodes rows of new input together; if one cannot be read, each for itself, so that the others still are.
 * @throws DatasetError of the first if none can be read
 */
export function encodeRows<Row extends { place: string }>(
  rows: readonly Row[],
  encode: (rows: readonly Row[]) => Sequences,
): EncodedInput {
  const encoded = (kept: readonly Row[], refused: EncodedInput['refused'] = []): EncodedInput => ({
    inputs: encode(kept),
    places: kept.map(({ place }) => place),
    refused,
  });
  try {
    return encoded(rows);
  } catch (first) {
    if (!(first instanceof DatasetError)) throw first;
    const refused: NonNullable<EncodedInput['refused']> = [];
    const kept = rows.filter((row, at) => {
      try {
        encode([row]);
        return true;
      } catch (error) {
        refused.push({ at, place: row.place, message: (error as Error).message });
        return false;
      }
    });
    if (kept.length === 0) throw first;
    return encoded(kept, refused);
  }
}
