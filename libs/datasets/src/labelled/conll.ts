import { DatasetError } from '../prepared/data';
import type { LabelledRow } from './row';

const countColumns = (line: string): number => line.trim().split(/\s+/).length;

const isEmpty = (line: string | undefined): boolean => line === undefined || line.trim() === '';

/**
 * The lines that are comments, such as `# id 7`, by their place: they have another number of columns than most lines, or begin each of
 * several sentences. Else a # is a word.
 */
export function commentsIn(lines: readonly string[]): Set<number> {
  const counts = new Map<number, number>();
  for (const line of lines)
    if (!isEmpty(line) && !line.startsWith('#'))
      counts.set(countColumns(line), (counts.get(countColumns(line)) ?? 0) + 1);
  const usual = [...counts].sort(([, a], [, b]) => b - a)[0]?.[0];
  const marked = [...lines.keys()].filter((at) => /^#(\s|\w+\s*=)/.test(lines[at]!));
  const first = [...lines.keys()].filter((at) => !isEmpty(lines[at]) && isEmpty(lines[at - 1]));
  const all = new Set(marked);
  const beginEach = first.length > 1 && first.every((at) => all.has(at));
  const begin = new Set(beginEach ? first : []);
  return new Set(marked.filter((at) => countColumns(lines[at]!) !== usual || begin.has(at)));
}

/** Columns of CoNLL-U. */
const universal = 10;

/** @throws DatasetError for CoNLL-U, whose first column numbers the words, and whose last has no tag */
function requireWords(lines: readonly string[]): void {
  const at = lines.findIndex((line) => line.trim() !== '' && !line.startsWith('#'));
  const cells = lines[at]?.split('\t') ?? [];
  if (cells.length === universal && /^\d+([-.]\d+)?$/.test(cells[0]!))
    throw new DatasetError(
      `line ${at + 1}: CoNLL-U has its words in the second of ${universal} columns: give words and tags alone, as grep -v '^#' | cut -f2,4`,
    );
}

/**
 * Sentences in the format of the CoNLL shared tasks: one line per word with its tag last, and an empty line after each sentence.
 * Columns are separated by white space; middle columns, document start lines and comments are ignored.
 * @throws DatasetError for a word without a tag, with its line
 */
export function conllRows(text: string): LabelledRow[] {
  const rows: LabelledRow[] = [];
  let open: (LabelledRow & { symbols: string[]; tags: string[] }) | undefined;
  const lines = text.split('\n');
  requireWords(lines);
  const comments = commentsIn(lines);
  lines.forEach((line, index) => {
    const cells = line.trim().split(/\s+/);
    if (cells[0] === '') open = undefined;
    if (cells[0] === '' || cells[0] === '-DOCSTART-') return;
    if (comments.has(index)) return;
    const place = `line ${index + 1}`;
    if (cells.length < 2)
      throw new DatasetError(`${place}: ${JSON.stringify(cells[0])} has no tag; give a word and its tag on each line`);
    if (!open) rows.push((open = { symbols: [], tags: [], place }));
    open.symbols.push(cells[0]!);
    open.tags.push(cells.at(-1)!);
  });
  return rows;
}
