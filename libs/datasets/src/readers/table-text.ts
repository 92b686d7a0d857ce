import { closeSync, openSync, readSync } from 'node:fs';
import { textColumn } from '../labelled/columns';
import { DatasetError } from '../prepared/data';
import { folderPath, readBytes, type DataSource } from '../source/data-source';
import { typedTable } from '../tables/read-table';
import { formatBytes, tableFormat } from '../tables/table-format';
import { placeIn, requireText, type TypedColumn, type TypedTable } from '../tables/typed-table';

/** A text, and what was read to get it, for people. */
export interface PlainText {
  source: DataSource;
  facts: string[];
}

/**
 * The source itself where it is a plain text; of a table with types, such as Parquet, the texts of a column, each on lines of its own.
 * `text`: the name of the column. @throws DatasetError for a table without texts, or a column named for a plain text
 */
export function plainText(source: DataSource, { text }: { text?: string | undefined }): PlainText {
  if (!tableFormat(headOf(source))) {
    if (text === undefined) return { source, facts: [] };
    throw new DatasetError('dataset.text: names a column, and this is a plain text; leave it out', 'dataset.text');
  }
  const table = typedTable(readBytes(source))!;
  const { name, values } = chosenColumn(table, text);
  const texts = Array.from({ length: table.rows }, (_, row) =>
    requireText(values[row] ?? '', placeIn(table, row)),
  ).filter((each) => each !== '');
  if (!texts.every((each) => typeof each === 'string'))
    throw new DatasetError(`dataset.text: ${name} does not hold texts; name another column`, 'dataset.text');
  const fact = `${table.format}: ${texts.length.toLocaleString('en-US')} texts of the column ${name}, each on lines of its own`;
  return { source: { kind: 'text', bytes: Buffer.from(`${texts.join('\n')}\n`) }, facts: [fact] };
}

function headOf(source: DataSource): Uint8Array {
  if ('bytes' in source) return source.bytes.subarray(0, formatBytes);
  if (folderPath(source) !== undefined) return new Uint8Array();
  const file = openSync(source.path, 'r');
  const head = new Uint8Array(formatBytes);
  const count = readSync(file, head);
  closeSync(file);
  return head.subarray(0, count);
}

/** The column of texts: the one named, or by its usual names, or the only one. @throws DatasetError */
function chosenColumn({ columns, rows }: TypedTable, text: string | undefined): TypedColumn {
  const known = textColumn(
    columns.map(({ name }) => name),
    { text },
  );
  if (known !== undefined) return columns[known]!;
  const ofTexts = columns.filter(({ values }) =>
    Array.from({ length: Math.min(rows, 100) }, (_, row) => values[row]).some((each) => typeof each === 'string'),
  );
  if (ofTexts.length === 1) return ofTexts[0]!;
  const named = (some: readonly TypedColumn[]): string => some.map(({ name }) => name).join(', ');
  // No option mends this: a data set that is registered so is refused.
  if (ofTexts.length === 0) throw new DatasetError(`the table has no texts; its columns are ${named(columns)}`);
  throw new DatasetError(`dataset.text: name the column with the text, one of ${named(ofTexts)}`, 'dataset.text');
}
