import { DatasetError } from '../prepared/data';
import { linesOf } from '../source/lines';
import type { LabelledRow } from './row';

/** A line of columns: a word first, its tag last. Undefined for one between sentences. */
type Columns = readonly string[] | undefined;

const isEmpty = (line: string | undefined): boolean => line === undefined || line.trim() === '';
const isMark = (line: string): boolean => line.startsWith('-DOCSTART-');
const isMarked = (line: string): boolean => /^#(\s|\w+\s*=)/.test(line);

/** The number of columns that most lines have; undefined for no lines. */
function usualCount(counts: readonly number[]): number | undefined {
  const times = new Map<number, number>();
  for (const count of counts) times.set(count, (times.get(count) ?? 0) + 1);
  return [...times].sort(([, a], [, b]) => b - a)[0]?.[0];
}

/**
 * A function that splits a line at its tabs, where all lines have one before the tag, or else at spaces, too. Other white space is a part
 * of a word, as the no-break space of "1 000" is. Blanks before the columns are none of them; where a tab leaves as many columns as other
 * lines have, a word is missing before it.
 */
function splitter(lines: readonly string[]): (line: string) => string[] {
  const words = lines.filter((line) => !isEmpty(line) && !isMark(line) && !isMarked(line));
  const trimmed = (line: string): string => line.replaceAll(/^[ \t]+|[ \t]+$/g, '');
  if (words.length === 0 || !words.every((line) => /[^ \t]\t+[^ \t]+[ \t]*$/.test(line)))
    return (line) => trimmed(line).split(/[ \t]+/);
  const columns = usualCount(words.map((line) => trimmed(line).split('\t').length))!;
  return (line) => {
    const cells = line
      .replaceAll(/[ \t]+$/g, '')
      .split('\t')
      .map((cell) => cell.replaceAll(/^ +| +$/g, ''));
    const first = Math.max(
      0,
      cells.findIndex((cell) => cell !== ''),
    );
    return cells.slice(Math.min(first, Math.max(0, cells.length - columns)));
  };
}

/**
 * The lines that are comments, such as `# id 7`, by their place: they have another number of columns than most lines, or begin each of
 * several sentences, or begin one and end in no tag of other lines, nor in one that is `known`. Else a # is a word.
 */
function commentsIn(
  lines: readonly string[],
  split: (line: string) => readonly string[],
  known: readonly string[],
): Set<number> {
  const counts: number[] = [];
  const tags = new Set(['#', ...known]);
  for (const line of lines) {
    if (isEmpty(line) || isMark(line) || line.startsWith('#')) continue;
    const cells = split(line);
    counts.push(cells.length);
    tags.add(cells.at(-1)!);
  }
  const usual = usualCount(counts);
  const marked = new Set([...lines.keys()].filter((at) => isMarked(lines[at]!)));
  const first = [...lines.keys()].filter((at) => !isEmpty(lines[at]) && isEmpty(lines[at - 1]));
  const begin = new Set(first.length > 1 && first.every((at) => marked.has(at)) ? first : []);
  const comments = new Set<number>();
  for (const at of marked) {
    const cells = split(lines[at]!);
    const leads = isEmpty(lines[at - 1]) || comments.has(at - 1);
    if (cells.length !== usual || begin.has(at) || (leads && !tags.has(cells.at(-1)!))) comments.add(at);
  }
  return comments;
}

interface ColumnLine {
  cells: Columns;
  place: string;
  isBreak: boolean;
  isComment: boolean;
}

/** The lines of a text in columns; marks of documents and comments are between sentences, too. `tags`: those of a trained network. */
export function columnLines(text: string, tags: readonly string[] = []): ColumnLine[] {
  const lines = linesOf(text);
  const split = splitter(lines);
  const comments = commentsIn(lines, split, tags);
  return lines.map((line, index) => ({
    cells: isEmpty(line) || isMark(line) || comments.has(index) ? undefined : split(line),
    place: `line ${index + 1}`,
    isBreak: isEmpty(line),
    isComment: comments.has(index),
  }));
}

/** Columns of CoNLL-U. */
const universal = 10;

/** @throws DatasetError for CoNLL-U, whose first column numbers the words, and whose last has no tag */
function requireWords(text: string): void {
  const lines = linesOf(text);
  const at = lines.findIndex((line) => line.trim() !== '' && !line.startsWith('#'));
  const cells = lines[at]?.split('\t') ?? [];
  if (cells.length === universal && /^\d+([-.]\d+)?$/.test(cells[0]!))
    throw new DatasetError(
      `line ${at + 1}: CoNLL-U has its words in the second of ${universal} columns: give words and tags alone, as grep -v '^#' | cut -f2,4`,
    );
}

/**
 * Sentences in the format of the CoNLL shared tasks: one line per word with its tag last, and an empty line after each sentence.
 * Columns are separated by tabs or spaces; middle columns, document start lines and comments are ignored. `tags`: those of a trained
 * network. `facts`: what was read, for people.
 * @throws DatasetError for a word without a tag, with its line
 */
export function conllRows(text: string, tags?: readonly string[]): { rows: LabelledRow[]; facts: string[] } {
  requireWords(text);
  const rows: LabelledRow[] = [];
  let open: (LabelledRow & { symbols: string[]; tags: string[] }) | undefined;
  const lines = columnLines(text, tags);
  for (const { cells, place, isBreak } of lines) {
    if (isBreak) open = undefined;
    if (!cells) continue;
    if (cells.length < 2 || cells[0] === '')
      throw new DatasetError(
        `${place}: ${JSON.stringify(cells.at(-1))} has no ${cells.length < 2 ? 'tag' : 'word'}; give a word and its tag on each line`,
      );
    if (!open) rows.push((open = { symbols: [], tags: [], place }));
    open.symbols.push(cells[0]!);
    open.tags.push(cells.at(-1)!);
  }
  const [comment, ...others] = lines.filter(({ isComment }) => isComment);
  const count = others.length === 0 ? 'a comment' : `${others.length + 1} comments`;
  return { rows, facts: ['CoNLL columns', ...(comment ? [`left out ${count}, first ${comment.place}`] : [])] };
}
