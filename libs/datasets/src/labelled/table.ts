import { columnName } from '../columns/named';
import { DatasetError } from '../prepared/data';
import { headerCells, parseTable, type Table } from '../source/csv';
import { labelledColumns, textColumn, type LabelledColumns } from './columns';
import type { LabelledRow } from './row';

/** Labelled rows, and which columns they were read from, for people. */
export interface LabelledTable {
  rows: LabelledRow[];
  facts: string[];
  /** The name of the column of a table that has the texts. */
  textColumn?: string | undefined;
}

/**
 * A table with a column of texts, one of labels, and optionally one named part. See `labelledColumns` for how they are found.
 * @throws DatasetError for a single column, columns that are not clear, or an unreadable row
 */
export function tableRows({ header, rows, notes, unread }: Table, wanted: LabelledColumns): LabelledTable {
  if (header.length < 2) throw new DatasetError('a labelled table needs two columns, text and label');
  const found = labelledColumns(header, rows, wanted);
  const why = unread?.get(found.label);
  if (why !== undefined) throw new DatasetError(why);
  const part = header.findIndex((name) => name.toLowerCase() === 'part');
  const labelled = rows.map(({ cells, place }): LabelledRow => {
    if (cells[found.label] === '') throw new DatasetError(`${place}: has no label`);
    const given = part >= 0 ? { part: cells[part]! } : {};
    return { text: cells[found.text]!, label: cells[found.label]!, ...given, place };
  });
  const rest = [...header.keys()].filter((column) => ![found.text, found.label, part].includes(column));
  const nameOf = (column: number): string => columnName(header, column);
  const leftOut = rest.length > 0 ? [`left out ${rest.map(nameOf).join(', ')}`] : [];
  return {
    rows: labelled,
    textColumn: header[found.text]! || undefined,
    facts: [...notes, `text ${nameOf(found.text)}`, `label ${nameOf(found.label)}`, ...leftOut],
  };
}

/** The texts of a table whose header names a column of texts, in small letters or large ones; undefined without one. */
export function inputTable(text: string, wanted: LabelledColumns): LabelledRow[] | undefined {
  const names = headerCells(text);
  const isNamed = (name: string): boolean => name.toLowerCase() === wanted.text?.toLowerCase();
  const isHeader = wanted.text === undefined ? textColumn(names, wanted) !== undefined : names.some(isNamed);
  if (!isHeader) return undefined;
  return namedTexts(parseTable(text), wanted);
}

/** The texts of a table with a column of texts; undefined without one. */
export function namedTexts({ header, rows }: Table, wanted: LabelledColumns): LabelledRow[] | undefined {
  const input = textColumn(header, wanted);
  if (input === undefined) return undefined;
  return rows.map(({ cells, place }) => ({ text: cells[input]!, place }));
}
