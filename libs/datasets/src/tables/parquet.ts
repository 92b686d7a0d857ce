import {
  parquetMetadata,
  parquetSchema,
  type DecodedArray,
  type FileMetaData,
  type ParquetParsers,
  type SchemaElement,
} from 'hyparquet';
import { parquetHeader, readColumn } from 'hyparquet/src/column.js';
import { assembleNested } from 'hyparquet/src/assemble.js';
import { DEFAULT_PARSERS } from 'hyparquet/src/convert.js';
import { getTreePath } from 'hyparquet/src/schema.js';
import { mostFileBytes } from '../archive/tar';
import { DatasetError } from '../prepared/data';
import { arrowFields, asField } from './arrow-fields';
import { compressors } from './decompress';
import { classesOf, hugging, namesOfClasses } from './hugging-face';
import { clockCell, dateCell, timeCell, toMilliseconds, type TimeUnit } from './times';
import { mostValues, requireModest, type TypedColumn, type TypedTable } from './typed-table';
import { bytesCell, decimalCell, decimalItem, signed, withoutBytes } from './values';

type Tree = ReturnType<typeof parquetSchema>;
type Chunk = NonNullable<FileMetaData['row_groups'][number]['columns'][number]['meta_data']>;

/**
 * Reads a Parquet file, at once and without waiting, which the library's own functions do not: each column by its function for one chunk.
 * @throws DatasetError for a damaged file, or one with too much in it
 */
export function readParquet(bytes: Uint8Array): TypedTable {
  if (Buffer.from(bytes.subarray(-4)).toString('latin1') !== 'PAR1')
    throw new DatasetError('the Parquet file is cut short, or encrypted: fetch it again');
  try {
    return readWhole(bytes);
  } catch (error) {
    if (error instanceof DatasetError) throw error;
    throw new DatasetError(`the Parquet file is damaged: ${(error as Error).message}`);
  }
}

function readWhole(bytes: Uint8Array): TypedTable {
  // The library reads an ArrayBuffer from its beginning.
  const buffer = bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.byteLength) as ArrayBuffer;
  const metadata = parquetMetadata(buffer);
  const rows = Number(metadata.num_rows);
  const schema = parquetSchema(metadata);
  requireModest(rows, schema.children.length);
  requireModestPages(buffer, metadata);
  const features = hugging(metadata.key_value_metadata ?? []);
  const named = namesOfClasses(features);
  const fields = arrowFields(metadata.key_value_metadata ?? []);
  const columns = schema.children.map((tree): TypedColumn => {
    const name = tree.element.name;
    const values = metadata.row_groups.flatMap((group) => {
      const found = group.columns.flatMap(({ meta_data: chunk }) => (chunk?.path_in_schema[0] === name ? [chunk] : []));
      return topColumn(buffer, { schema, tree, chunks: found, rows: Number(group.num_rows) });
    });
    if (values.length !== rows)
      throw new DatasetError(`the Parquet file is damaged: ${name} has ${values.length} values for ${rows} rows`);
    const field = fields.find((each) => each.name === name);
    const classes = classesOf(features, name);
    return { name, values: asField(field, named(name, values)), classes, hasDecimals: isDecimal(tree.element) };
  });
  return { format: 'Parquet', columns, rows };
}

/** Where the pages of a chunk are. */
function rangeOf({ dictionary_page_offset: dictionary, data_page_offset: data, total_compressed_size: size }: Chunk) {
  const begin = Number(dictionary && dictionary < data ? dictionary : data);
  return { begin, end: begin + Number(size) };
}

/** @throws DatasetError for pages that would take too much memory, by their headers; nothing is decompressed */
function requireModestPages(buffer: ArrayBuffer, { row_groups: groups }: FileMetaData): void {
  let [bytes, values] = [0, 0];
  for (const { columns } of groups)
    for (const { meta_data: chunk } of columns) {
      if (!chunk) continue;
      const { begin, end } = rangeOf(chunk);
      if (end > buffer.byteLength) throw new DatasetError('the Parquet file is cut short: fetch it again');
      const reader = { view: new DataView(buffer, begin, end - begin), offset: 0 };
      while (reader.offset < reader.view.byteLength - 1) {
        const header = parquetHeader(reader);
        const counts = header.data_page_header ?? header.data_page_header_v2 ?? header.dictionary_page_header;
        bytes += Math.abs(header.uncompressed_page_size);
        values += Math.abs(counts?.num_values ?? 0);
        reader.offset += Math.max(1, header.compressed_page_size);
        if (bytes > mostFileBytes)
          throw new DatasetError(
            `the Parquet file has more than ${mostFileBytes} bytes uncompressed: use a part of it`,
          );
        if (values > 2 * mostValues)
          throw new DatasetError(`the Parquet file has more than ${mostValues} values: use a part of it`);
      }
    }
}

interface Wanted {
  schema: Tree;
  tree: Tree;
  chunks: readonly Chunk[];
  rows: number;
}

/** The values of a column of the table within a row group; lists and objects of a nested one. */
function topColumn(buffer: ArrayBuffer, { schema, tree, chunks, rows }: Wanted): unknown[] {
  const leaves = new Map<string, DecodedArray>();
  for (const chunk of chunks) {
    const schemaPath = getTreePath(schema, chunk.path_in_schema);
    const { element } = schemaPath.at(-1)!;
    const { begin, end } = rangeOf(chunk);
    const reader = { view: new DataView(buffer.slice(begin, end)), offset: 0 };
    const range = { groupStart: 0, selectStart: 0, selectEnd: rows, groupRows: rows };
    const decoder = {
      ...chunk,
      pathInSchema: chunk.path_in_schema,
      element: asStored(element),
      schemaPath,
      compressors,
    };
    const { data } = readColumn(reader, range, { ...decoder, utf8: false, parsers: parsersFor(element) });
    const values = data.flatMap((page) => Array.from(page as ArrayLike<unknown>));
    leaves.set(chunk.path_in_schema.join('.'), values.map(withinLists(plainValue(element, tree.children.length > 0))));
  }
  if (tree.children.length > 0) assembleNested(leaves, tree, DEFAULT_PARSERS);
  return Array.from((leaves.get(tree.element.name) ?? []) as ArrayLike<unknown>).slice(0, rows);
}

/** Times as ISO 8601: instants with Z, those of a clock on the wall without. */
function parsersFor({ logical_type: type }: SchemaElement): ParquetParsers {
  // Annotations of before 2018 are all of instants; INT96 does not say.
  const isInstant = type?.type === 'TIMESTAMP' ? type.isAdjustedToUTC : true;
  const time =
    (unit: TimeUnit, isOne: boolean) =>
    (count: bigint): string =>
      timeCell(toMilliseconds(count, unit), isOne);
  return {
    ...DEFAULT_PARSERS,
    timestampFromMilliseconds: time('MILLIS', isInstant),
    timestampFromMicroseconds: time('MICROS', isInstant),
    timestampFromNanoseconds: time('NANOS', isInstant && type?.type === 'TIMESTAMP'),
    dateFromDays: (days: number) => dateCell(days * 86_400_000),
  };
}

/** The same of values that may be in lists, as the library gives those of a nested column. */
const withinLists = (convert: (value: unknown) => unknown): ((value: unknown) => unknown) => {
  const each = (value: unknown): unknown => (Array.isArray(value) ? value.map(each) : convert(value));
  return each;
};

const isDecimal = ({ logical_type: type, converted_type: old }: SchemaElement): boolean =>
  old === 'DECIMAL' || type?.type === 'DECIMAL';

/** Decimal numbers without their point, which the library would round to float64. */
function asStored(element: SchemaElement): SchemaElement {
  if (!isDecimal(element)) return element;
  const { logical_type: _, converted_type: __, ...rest } = element;
  return rest;
}

/** Values that the library leaves as they are stored: decimal numbers, bytes, and times of day. `isWithin`: within a list or an object. */
function plainValue(element: SchemaElement, isWithin: boolean): (value: unknown) => unknown {
  const { logical_type: type, converted_type: old, scale = 0 } = element;
  const isCount = (value: unknown): value is bigint | number => typeof value === 'bigint' || typeof value === 'number';
  if (isDecimal(element))
    return (value) => {
      if (!isCount(value) && !(value instanceof Uint8Array)) return value;
      return (isWithin ? decimalItem : decimalCell)(isCount(value) ? BigInt(value) : signed(value), scale);
    };
  const unit =
    type?.type === 'TIME' ? type.unit : old === 'TIME_MILLIS' ? 'MILLIS' : old === 'TIME_MICROS' ? 'MICROS' : undefined;
  if (unit !== undefined) return (value) => (isCount(value) ? clockCell(toMilliseconds(value, unit)) : value);
  const read = (value: unknown): unknown => (value instanceof Uint8Array ? bytesCell(value) : value);
  return isWithin ? (value) => withoutBytes(read(value)) : read;
}
