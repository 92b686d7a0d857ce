import { parse } from 'csv-parse/sync';
import { DatasetError } from '../prepared/data';
import { linesOf } from './lines';

export interface CsvRow {
  cells: string[];
  /** Where it stands in the file, for messages: line 7. */
  place: string;
}

/** A table with a header. Every row has as many cells as the header. */
export interface Table {
  header: string[];
  rows: CsvRow[];
  separator: string;
  /** Whether the format itself has names of columns, so that no row can stand in their place. */
  hasNames: boolean;
  /** What is not obvious about how it was read, for people. */
  notes: string[];
  /**
   * By column, the values of its rows that the file has as numbers, whose writing is not to be recognised: NaN elsewhere; undefined for a
   * column of none, and for a text.
   */
  numbers?: KnownNumbers | undefined;
  /** Why a column is not read, by its place; its cells are empty. */
  unread?: ReadonlyMap<number, string> | undefined;
}

export type KnownNumbers = readonly (Float64Array | undefined)[];

const separators = [',', ';', '\t', '|'] as const;
const separatorNames: Readonly<Record<string, string>> = {
  ';': 'semicolons',
  '\t': 'tabs',
  '|': 'bars',
  ' ': 'spaces',
};

/** Lines that a separator is recognised by. */
const sampledLines = 200;

/** What Excel may write before a table: sep=; */
const declaration = /^"?sep=(.)"?$/;
const isComment = (line: string): boolean => /^\s*(#|%|\/\/|$)/.test(line);

/** The names of columns by the first line of a text that may be a header: it may have been separated by anything. */
export function headerCells(text: string): string[] {
  const lines = linesOf(text.slice(0, 100_000));
  const first = lines.find((line) => !isComment(line) && !declaration.test(line.trim())) ?? '';
  return first.split(new RegExp(`[${separators.join('')}]`)).map((name) => name.replaceAll('"', '').trim());
}

/**
 * Parses a table (RFC 4180) whose separator, line ends and first lines are recognised: comments, a title, or `sep=;` may precede the
 * header. In a series, columns may be
 * separated by spaces, and words may follow the last row.
 * @throws DatasetError with the line
 */
export function parseTable(given: string, { isSeries = false }: { isSeries?: boolean } = {}): Table {
  const text = given.replaceAll(/\r\n?/g, '\n');
  if (text.trim() === '') throw new DatasetError('the data set is empty');
  const lines = text.split('\n', 10_000);
  const declared = declaration.exec(lines[0]!.trim())?.[1];
  const comments = lines.findIndex((line) => !isComment(line));
  const first = declared === undefined ? Math.max(0, comments) : 1;
  const chosen = recognised(lines.slice(first, first + sampledLines).join('\n'), isSeries);
  const separator = declared ?? chosen.separator;
  const records = parseRecords(text, separator, first + 1);
  const title = declared === undefined ? chosen.title : 0;
  const [header, ...rest] = records.slice(title);
  if (!header) throw new DatasetError('the data set is empty');
  const commented = headerComment(lines.slice(0, first), records, separator);
  const body = commented ? records : rest;
  const names = commented ?? header.cells;
  // A text without its label is no footer.
  const footer = isSeries ? footerLines(body, names.length) : 0;
  const table = { header: names, rows: body.slice(0, body.length - footer) };
  const several = (count: number): string => (count === 1 ? 'a line' : `${count} lines`);
  const skipped = [
    ...(title > 0 ? [`skipped ${several(title)} before the header`] : []),
    ...(footer > 0 && body.length > footer ? [`skipped ${several(footer)} after the rows`] : []),
  ];
  const named = separator === ',' ? [] : [`columns separated by ${separatorNames[separator] ?? separator}`];
  return { ...rectangular(table), separator, hasNames: false, notes: [...named, ...skipped] };
}

interface Recognised {
  separator: string;
  /** Records before the header. */
  title: number;
}

/** The separator by which most lines have the same number of columns as the first ones do. */
function recognised(sample: string, spaces: boolean): Recognised {
  const candidates = [...separators, ...(spaces ? [' '] : [])].map((separator) => {
    const records = sampleRecords(sample, separator);
    const counts = records.map(({ length }) => length);
    const columns = mode(counts);
    const title = titleLines(records, columns);
    const alike = counts.slice(title).filter((count) => count === columns).length / (counts.length - title);
    const isSplit = columns > 1 && (records[title]?.length ?? 0) >= columns - 1;
    return { separator, title, columns, alike: isSplit ? alike : 0 };
  });
  const splits = candidates.filter(({ alike }) => alike > 0);
  // Spaces also separate the words of a text: only where nothing else separates anything.
  const plain = splits.filter(({ separator }) => separator !== ' ');
  const [best] = (plain.length > 0 ? plain : splits.filter(({ alike }) => alike === 1)).sort(
    (a, b) => Number(a.title > 0) - Number(b.title > 0) || b.alike - a.alike || b.columns - a.columns,
  );
  return best ?? { separator: ',', title: 0 };
}

function sampleRecords(sample: string, separator: string): string[][] {
  const lines = sample.split('\n');
  // The last line may be cut, and a quoted cell may span lines: fewer lines then still parse.
  for (let kept = lines.length; kept > 0; kept = Math.floor(kept / 2))
    try {
      return parseRecords(lines.slice(0, kept).join('\n'), separator, 1).map(({ cells }) => cells);
    } catch {
      continue;
    }
  return [];
}

const isData = (cells: readonly string[] | undefined): boolean =>
  cells?.some((cell) => /^[+-]?[\d.]/.test(cell)) ?? false;

/** Lines of one cell before a header of several: a title. A line with values does not follow a title, but a header. */
function titleLines(records: readonly string[][], columns: number): number {
  const first = records.findIndex(({ length }) => length > 1);
  return columns > 1 && first > 0 && !isData(records[first]) ? first : 0;
}

function mode(counts: readonly number[]): number {
  const times = new Map<number, number>();
  for (const count of counts) times.set(count, (times.get(count) ?? 0) + 1);
  return [...times].sort(([a, m], [b, n]) => n - m || b - a)[0]?.[0] ?? 0;
}

/**
 * Lines of cells with tabs between them, where all have as many; undefined for others. A quote that only begins a cell is then a mark of
 * its text, as in files that quote nothing, and joins no lines.
 */
function tabbedLines(text: string, from_line: number): CsvRow[] | undefined {
  const lines = text.split('\n').map((line, index) => ({ line, place: `line ${index + 1}` }));
  const filled = lines.slice(from_line - 1).filter(({ line }) => line.trim() !== '');
  const rows = filled.map(({ line, place }) => ({ cells: line.split('\t').map(unquoted), place }));
  const columns = rows[0]?.cells.length ?? 0;
  return columns > 1 && rows.every(({ cells }) => cells.length === columns) ? rows : undefined;
}

/** A cell without the quotes around all of it. */
function unquoted(given: string): string {
  const cell = given.trim();
  const inner = /^"((?:[^"]|"")*)"$/.exec(cell)?.[1];
  return inner === undefined ? cell : inner.replaceAll('""', '"');
}

/** @throws DatasetError for quotes that do not match */
function parseRecords(text: string, separator: string, from_line: number): CsvRow[] {
  const tabbed = separator === '\t' ? tabbedLines(text, from_line) : undefined;
  if (tabbed) return tabbed;
  const records: CsvRow[] = [];
  // Collected in the callback, whose second argument has the line number.
  const on_record = (cells: string[], { lines }: { lines: number }): null => {
    records.push({ cells, place: `line ${lines}` });
    return null;
  };
  const isLoose = separator === '\t' || separator === ' ';
  const spaced = separator === ' ' ? text.replaceAll(/[ \t]+/g, ' ').replaceAll(/^ | $/gm, '') : text;
  try {
    parse(spaced, {
      bom: true,
      delimiter: separator,
      from_line,
      on_record,
      record_delimiter: '\n',
      relax_column_count: true,
      relax_quotes: isLoose,
      skip_empty_lines: true,
      skip_records_with_empty_values: true,
      trim: true,
    });
  } catch (error) {
    throw new DatasetError(`the table cannot be parsed: ${(error as Error).message}`);
  }
  return records;
}

/** The names of the columns, if the last comment has them, as files of NumPy do: the first line after it then is data. */
function headerComment(
  comments: readonly string[],
  records: readonly CsvRow[],
  separator: string,
): string[] | undefined {
  const last = comments.findLast((line) => line.trim() !== '');
  const names = last && parseRecords(last.replace(/^\s*(#|%|\/\/)\s*/, ''), separator, 1)[0]?.cells;
  const [first] = records;
  return names && isData(first?.cells) && names.length === first!.cells.length ? names : undefined;
}

/** Whether the first cell of a row is that of the row before, and one. */
function isCount(rows: readonly CsvRow[], row: number): boolean {
  const [here, first] = [rows[row], rows[0]].map((each) =>
    /^\d+$/.test(each!.cells[0]!) ? Number(each!.cells[0]) : NaN,
  );
  return here === first! + row && (first === 0 || first === 1);
}

/** Lines of one cell of words after the last row, such as the source of the data. */
function footerLines(rows: readonly CsvRow[], columns: number): number {
  const isRow = ({ cells }: CsvRow): boolean => columns < 2 || cells.length > 1 || !/\p{L}/u.test(cells[0]!);
  return rows.length - 1 - rows.findLastIndex(isRow);
}

/** @throws DatasetError for two columns of one name, of which one would be read in place of the other */
export function requireDistinctColumns(names: readonly string[], place = ''): void {
  const double = names.find((name, column) => name !== '' && names.indexOf(name) !== column);
  if (double !== undefined)
    throw new DatasetError(`${place}two columns are named ${JSON.stringify(double)}; rename one`);
}

/** The same without empty columns at the end. @throws DatasetError for a row with more or fewer cells than the header */
function rectangular({ header, rows }: { header: string[]; rows: CsvRow[] }): { header: string[]; rows: CsvRow[] } {
  const isEmpty = (column: number): boolean =>
    (header[column] ?? '') === '' && rows.every(({ cells }) => (cells[column] ?? '') === '');
  let width = rows.reduce((most, { cells }) => Math.max(most, cells.length), header.length);
  while (width > 1 && isEmpty(width - 1)) width--;
  const names = header.slice(0, width);
  // Tables of R leave out the name of the first column, which numbers the rows. Anything else is a mark that is not in quotes.
  if (names.length === width - 1 && rows.every(({ cells }, row) => cells.length >= width && isCount(rows, row)))
    names.unshift('');
  for (const { cells, place } of rows) {
    cells.length = Math.min(cells.length, width);
    if (cells.length !== names.length)
      throw new DatasetError(
        `${place}: has ${cells.length} ${cells.length === 1 ? 'cell' : 'cells'}, but the header has ${names.length} columns; ` +
          'put a cell that contains the separator in quotes',
      );
  }
  requireDistinctColumns(names, 'line 1: ');
  return { header: names, rows };
}
