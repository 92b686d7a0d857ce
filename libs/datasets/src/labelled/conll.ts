import { DatasetError } from '../prepared/data';
import type { LabelledRow } from './row';

/**
 * Sentences as in the shared tasks of CoNLL: a line for each word with its tag last, an empty line after each sentence. Columns are parted by
 * white space, and those in between are left out; so are lines that begin a document.
 * @throws DatasetError for a word without a tag, naming the line
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
