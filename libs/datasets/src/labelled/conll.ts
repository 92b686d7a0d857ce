import { DatasetError } from '../prepared/data';
import type { LabelledRow } from './row';

/**
 * Sentences in the format of the CoNLL shared tasks: one line per word with its tag last, and an empty line after each sentence.
 * Columns are separated by white space; middle columns and document start lines are ignored.
 * @throws DatasetError for a word without a tag, with its line
 */
export function conllRows(text: string): LabelledRow[] {
  const rows: LabelledRow[] = [];
  let open: (LabelledRow & { symbols: string[]; tags: string[] }) | undefined;
  text.split('\n').forEach((line, index) => {
    const cells = line.trim().split(/\s+/);
    if (cells[0] === '') open = undefined;
    if (cells[0] === '' || cells[0] === '-DOCSTART-') return;
    const place = `line ${index + 1}`;
    if (cells.length < 2)
      throw new DatasetError(`${place}: ${JSON.stringify(cells[0])} has no tag; give a word and its tag on each line`);
    if (!open) rows.push((open = { symbols: [], tags: [], place }));
    open.symbols.push(cells[0]!);
    open.tags.push(cells.at(-1)!);
  });
  return rows;
}
