import { columnName } from '../columns/named';
import type { Table } from '../source/csv';
import { secondsOf } from '../tables/times';

/** A table whose columns of durations, as pandas writes them, are numbers of seconds: those of a type in another unit are, too. */
export function durationsInSeconds(table: Table): Table {
  const { header, rows } = table;
  const columns = [...header.keys()].filter((column) => {
    const written = rows.filter(({ cells }) => cells[column] !== '');
    return written.length > 0 && written.every(({ cells }) => secondsOf(cells[column]!) !== undefined);
  });
  if (columns.length === 0) return table;
  for (const { cells } of rows)
    for (const column of columns) cells[column] = secondsOf(cells[column]!) ?? cells[column]!;
  return {
    ...table,
    notes: [...table.notes, `durations of ${columns.map((each) => columnName(header, each)).join(', ')} in seconds`],
  };
}
