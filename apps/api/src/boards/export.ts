import type { BoardQuery, ExportQuery, LeaderboardRow } from '@unroll/contracts';
import { Readable } from 'node:stream';
import type { DataSource } from 'typeorm';
import { rowsOfPage, rowView } from './board-page';
import type { AskedBoard } from './board-request';

/** Rows that are read at once. */
const pageRows = 2_000;

const figures = [
  ...([
    'rank',
    'tied',
    'sweepId',
    'sweepName',
    'configuration',
    'trialId',
    'metric',
    'value',
    'deviation',
    'repeats',
  ] as const),
  ...(['state', 'updates', 'seconds', 'engine', 'lanes', 'seed', 'finishedAt'] as const),
];

type Asked = Pick<BoardQuery, 'sort' | 'order' | 'state' | 'cell' | 'where'>;

/** All rows of a board, page by page: one page is in memory at a time, and the next is read when the reader has taken it. */
async function* pagesOf(dataSource: DataSource, board: AskedBoard, asked: Asked): AsyncGenerator<LeaderboardRow[]> {
  for (let cursor: string | null | undefined; cursor !== null;) {
    const page = await rowsOfPage(dataSource, board, { ...asked, limit: pageRows, cursor });
    yield page.rows.map((row) => rowView(row, board));
    cursor = page.nextCursor;
  }
}

/** A cell of CSV (RFC 4180). What a spreadsheet would take for a formula is kept from being one. */
export function csvCell(value: unknown): string {
  if (value === null || value === undefined) return '';
  const text = typeof value === 'string' ? value : JSON.stringify(value);
  const safe = typeof value === 'string' && /^[=+\-@\t\r]/.test(text) ? `'${text}` : text;
  return /[",\r\n]/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe;
}

const csvLine = (cells: readonly unknown[]): string => `${cells.map(csvCell).join(',')}\r\n`;

async function* csvOf(
  pages: AsyncIterable<LeaderboardRow[]>,
  { parameters, metrics }: AskedBoard,
): AsyncGenerator<string> {
  yield csvLine([...figures, 'low', 'high', ...parameters, ...metrics]);
  for await (const rows of pages)
    yield rows
      .map((row) => {
        const own = figures.map((name) => row[name]);
        const drawn = parameters.map((path) => row.parameters[path]);
        return csvLine([
          ...own,
          ...(row.interval ?? [null, null]),
          ...drawn,
          ...metrics.map((name) => row.metrics[name]),
        ]);
      })
      .join('');
}

async function* linesOf(pages: AsyncIterable<LeaderboardRow[]>): AsyncGenerator<string> {
  for await (const rows of pages) yield rows.map((row) => `${JSON.stringify(row)}\n`).join('');
}

const types = { csv: 'text/csv; charset=utf-8', jsonl: 'application/x-ndjson' } as const;

/** A board as a file. Its first page is read before anything is sent, so that what is refused is refused with a status. */
export async function exportOf(
  dataSource: DataSource,
  board: AskedBoard,
  { format, ...asked }: Asked & Pick<ExportQuery, 'format'>,
): Promise<{ stream: Readable; type: string; extension: string }> {
  const pages = pagesOf(dataSource, board, asked);
  const first = await pages.next();
  const all = (async function* () {
    if (!first.done) yield first.value;
    yield* pages;
  })();
  const text = format === 'csv' ? csvOf(all, board) : linesOf(all);
  return { stream: Readable.from(text), type: types[format], extension: format };
}
