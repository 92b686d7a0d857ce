import { parse } from 'csv-parse/sync';
import { DatasetError } from '../prepared/data';

export interface CsvRow {
  cells: string[];
  /** Line of the file, from 1. */
  line: number;
}

/** A table in RFC 4180's form with a header. @throws DatasetError, naming the line */
export function parseCsv(text: string): { header: string[]; rows: CsvRow[] } {
  let records: { record: string[]; info: { lines: number } }[];
  try {
    records = parse(text, { info: true, skip_empty_lines: true, trim: true, bom: true }) as never;
  } catch (error) {
    throw new DatasetError(`not a readable table: ${(error as Error).message}`);
  }
  const [first, ...rest] = records;
  if (!first) throw new DatasetError('the data set is empty');
  return { header: first.record, rows: rest.map(({ record, info }) => ({ cells: record, line: info.lines })) };
}
