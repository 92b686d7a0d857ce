import { csvRow, type BoardQuery, type ExportQuery, type LeaderboardRow } from '@unroll/contracts';
import { Turns } from '@unroll/database';
import { Readable } from 'node:stream';
import { setImmediate } from 'node:timers/promises';
import type { DataSource } from 'typeorm';
import { readRows, rowView } from './board-page';
import type { Board } from './board-request';

/** Rows per page: written in some milliseconds, in which no other request is answered. */
const pageRows = 500;
/** Exports read one thing after the other, however many there are: all other requests share the rest of the connections. */
export const exportTurns = new Turns();

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
  ...(['state', 'updates', 'seconds', 'engine', 'precision', 'lanes', 'seed', 'finishedAt'] as const),
];

type RowQuery = Pick<BoardQuery, 'sort' | 'order' | 'state' | 'cell' | 'where'>;

/** Rows of a board, all or the first `most`. One page is in memory at a time, and the next is read once the client has received it. */
async function* readPages(
  dataSource: DataSource,
  board: Board,
  query: RowQuery,
  most = Infinity,
): AsyncGenerator<LeaderboardRow[]> {
  let left = most;
  for (let cursor: string | null | undefined; cursor !== null && left > 0;) {
    const [from, limit] = [cursor, Math.min(left, pageRows)];
    const page = await exportTurns.take(async () => {
      const rows = await readRows(dataSource, board, { ...query, limit, cursor: from });
      // Requests that came meanwhile are answered first.
      await setImmediate();
      return rows;
    });
    yield page.rows.map((row) => rowView(row, board));
    left -= page.rows.length;
    cursor = page.nextCursor;
  }
}

/** Names of columns, each once: a parameter or metric of a study may have the name of a figure, or of one another. */
function columnNames(parameters: readonly string[], metrics: readonly string[]): string[] {
  const own: readonly string[] = [...figures, 'low', 'high'];
  const drawn = parameters.map((name) => (own.includes(name) ? `parameters.${name}` : name));
  const named = metrics.map((name) => (own.includes(name) || parameters.includes(name) ? `metrics.${name}` : name));
  return [...own, ...drawn, ...named];
}

const csvLine = (cells: readonly unknown[]): string => `${csvRow(cells)}\r\n`;

async function* toCsv(
  pages: AsyncIterable<LeaderboardRow[]>,
  { parameters, metrics: measured, told, settings }: Board,
): AsyncGenerator<string> {
  const metrics = [...measured, ...told];
  yield csvLine(columnNames(parameters, metrics));
  for await (const rows of pages)
    yield rows
      .map((row) => {
        const own = figures.map((name) => (name === 'value' ? Number(row.value) : row[name]));
        const drawn = parameters.map((path) => row.parameters[path] ?? settings[row.sweepId!]?.[path]);
        return csvLine([
          ...own,
          ...(row.interval ?? [null, null]),
          ...drawn,
          ...metrics.map((name) => row.metrics[name]),
        ]);
      })
      .join('');
}

async function* toJsonLines(pages: AsyncIterable<LeaderboardRow[]>): AsyncGenerator<string> {
  for await (const rows of pages) yield rows.map((row) => `${JSON.stringify(row)}\n`).join('');
}

const types = { csv: 'text/csv; charset=utf-8', jsonl: 'application/x-ndjson' } as const;

/** A board as a file. Its first page is read before anything is sent, so that a refusal has its own status code. */
export async function exportBoard(
  dataSource: DataSource,
  board: Board,
  { format, limit, ...query }: RowQuery & Pick<ExportQuery, 'format' | 'limit'>,
): Promise<{ stream: Readable; type: string; extension: string }> {
  const pages = readPages(dataSource, board, query, limit);
  const first = await pages.next();
  const all = (async function* () {
    if (!first.done) yield first.value;
    yield* pages;
  })();
  const text = format === 'csv' ? toCsv(all, board) : toJsonLines(all);
  return { stream: Readable.from(text), type: types[format], extension: format };
}
