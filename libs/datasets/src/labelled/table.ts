import { DatasetError } from '../prepared/data';
import { parseCsv } from '../source/csv';
import type { LabelledRow } from './row';

/**
 * CSV with a column text or sequence (default: the first), a column label, target or class (default: the last), and optionally a
 * column part.
 * @throws DatasetError for a single column, or an unreadable row
 */
export function tableRows(text: string): LabelledRow[] {
  const { header, rows } = parseCsv(text);
  if (header.length < 2) throw new DatasetError('line 1: a labelled table needs two columns, text and label');
  const column = (names: readonly string[], standard: number): number => {
    const found = header.findIndex((name) => names.includes(name.toLowerCase()));
    return found >= 0 ? found : standard;
  };
  const [input, label] = [column(['text', 'sequence'], 0), column(['label', 'target', 'class'], header.length - 1)];
  const part = header.findIndex((name) => name.toLowerCase() === 'part');
  if (input === label)
    throw new DatasetError('line 1: text and label must be two different columns; name them text and label');
  return rows.map(({ cells, line }) => {
    if (cells[label] === '') throw new DatasetError(`line ${line}: has no label`);
    const given = part >= 0 ? { part: cells[part]! } : {};
    return { text: cells[input]!, label: cells[label]!, ...given, place: `line ${line}` };
  });
}

/** The texts of a table with a column text or sequence; undefined without one. */
export function inputTable(text: string): LabelledRow[] | undefined {
  const [first = ''] = text.split('\n', 1);
  if (!/(^|,)"?(text|sequence)"?(,|\r?$)/i.test(first)) return undefined;
  const { header, rows } = parseCsv(text);
  const input = header.findIndex((name) => ['text', 'sequence'].includes(name.toLowerCase()));
  return rows.map(({ cells, line }) => ({ text: cells[input]!, place: `line ${line}` }));
}
