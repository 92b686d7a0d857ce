import { parse } from 'csv-parse/sync';
import { DatasetError } from '../prepared/data';

export interface CsvRow {
  cells: string[];
  /** Line number in the file, from 1. */
  line: number;
}

/** Parses CSV (RFC 4180) with a header. @throws DatasetError with the line */
export function parseCsv(text: string): { header: string[]; rows: CsvRow[] } {
  const records: CsvRow[] = [];
  // Collected in the callback, whose second argument has the line number.
  const on_record = (cells: string[], { lines }: { lines: number }): null => {
    records.push({ cells, line: lines });
    return null;
  };
  try {
    parse(text, { skip_empty_lines: true, trim: true, bom: true, on_record });
  } catch (error) {
    throw new DatasetError(`the table cannot be parsed: ${(error as Error).message}`);
  }
  const [first, ...rest] = records;
  if (!first) throw new DatasetError('the data set is empty');
  return { header: first.cells, rows: rest };
}
