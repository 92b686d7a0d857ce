import { compressionRegistry, CompressionType, DataType, tableFromIPC, type Field, type Vector } from 'apache-arrow';
import { mostFileBytes } from '../archive/tar';
import { DatasetError } from '../prepared/data';
import { asField, isListType, nanoseconds, perSecond, valueTypeOf } from './arrow-fields';
import { lz4Frame, zstd } from './decompress';
import { classesOf, hugging, namesOfClasses } from './hugging-face';
import { clockCell, dateCell, durationCell, timeCell } from './times';
import { requireModest, Unread, type TypedColumn, type TypedTable } from './typed-table';
import { bytesCell, decimalCell, decimalItem, uuidCell, withoutBytes } from './values';

/** Bytes that the buffers of the file that is being read may still have. */
let left = 0;

/** A decompressor of one buffer, whose length stands in the 8 bytes before it (Arrow columnar format, "Compression"). */
const bounded = (decompress: (input: Uint8Array, length: number) => Uint8Array) => ({
  decode(input: Uint8Array): Uint8Array {
    const length = Number(new DataView(input.buffer, input.byteOffset - 8, 8).getBigInt64(0, true));
    left -= length;
    if (length < 0 || left < 0)
      throw new DatasetError(`the Arrow file has more than ${mostFileBytes} bytes uncompressed: use a part of it`);
    return decompress(input, length);
  },
});

/**
 * Reads an Arrow file or stream, which Feather version 2 is.
 * @throws DatasetError for a damaged file, or one with too much in it
 */
export function readArrow(bytes: Uint8Array): TypedTable {
  left = mostFileBytes;
  compressionRegistry.set(CompressionType.ZSTD, bounded(zstd));
  compressionRegistry.set(CompressionType.LZ4_FRAME, bounded(lz4Frame));
  try {
    requireWhole(bytes);
    const table = tableFromIPC(bytes);
    requireModest(table.numRows, table.numCols);
    const metadata = [...table.schema.metadata].map(([key, value]) => ({ key, value }));
    const features = hugging(metadata);
    const named = namesOfClasses(features);
    const columns = table.schema.fields.map((field, index): TypedColumn => {
      const values = valuesOf(table.getChildAt(index)!, field);
      const classes = classesOf(features, field.name);
      const hasDecimals = DataType.isDecimal(plainType(field.type as DataType));
      return { name: field.name, values: asField(field, named(field.name, values)), classes, hasDecimals };
    });
    return { format: 'Arrow', columns, rows: table.numRows };
  } catch (error) {
    if (error instanceof DatasetError) throw error;
    const { message } = error as Error;
    // The library's words for a type of the format that it does not have, such as run-end encoded columns.
    const type = /^Unrecognized type: "(\w+)"/.exec(message)?.[1];
    if (type !== undefined && type !== 'undefined') throw new DatasetError(unreadMessage(type));
    throw new DatasetError(`the Arrow file is damaged: ${message}`);
  }
}

const unreadMessage = (type: string): string =>
  `the Arrow file has a column of the type ${type}, which is not read: cast it to a plain one`;

/** That of what a dictionary has. */
const plainType = (type: DataType): DataType =>
  DataType.isDictionary(type) ? plainType(type.dictionary as DataType) : type;

/** A type that is not read, however deep in lists and objects. Months have no one length. */
function unreadType(type: DataType): string | undefined {
  const plain = plainType(type);
  if (DataType.isInterval(plain)) return String(plain);
  for (const { type: child } of (plain.children as Field[] | null) ?? []) {
    const found = unreadType(child as DataType);
    if (found) return found;
  }
  return undefined;
}

const magic = 'ARROW1';

/** @throws DatasetError for a file without its end, of which the library reads what is there */
function requireWhole(bytes: Uint8Array): void {
  const isFile = Buffer.from(bytes.subarray(0, 6)).toString('latin1') === magic;
  const end = Buffer.from(bytes.subarray(isFile ? -6 : -8));
  const isWhole = isFile ? end.toString('latin1') === magic : end.equals(Buffer.of(255, 255, 255, 255, 0, 0, 0, 0));
  if (!isWhole) throw new DatasetError('the Arrow file is cut short: fetch it again');
}

/** @throws Error for a column of a type that the library does not read */
function valuesOf(vector: Vector, { metadata }: Field): unknown[] {
  const unread = unreadType(vector.type as DataType);
  if (unread) {
    const value = new Unread(unreadMessage(unread));
    return Array.from({ length: vector.length }, () => value);
  }
  const isUuid = metadata.get('ARROW:extension:name') === 'arrow.uuid';
  const convert = isUuid ? (value: unknown) => uuidCell(value as Uint8Array) : converterOf(vector.type as DataType);
  return Array.from({ length: vector.length }, (_, row) => unlessMissing(convert)(vector.get(row)));
}

type Convert = (value: unknown) => unknown;

const unlessMissing =
  (convert: Convert): Convert =>
  (value) =>
    value === null || value === undefined ? null : convert(value);

/** Turns what the library gives into what a typed table has. `isWithin`: within a list or an object. */
function converterOf(type: DataType, isWithin = false): Convert {
  if (DataType.isDictionary(type)) return converterOf(type.dictionary as DataType, isWithin);
  // The library gives times in milliseconds, whatever their unit is.
  if (DataType.isTimestamp(type))
    return (value) => timeCell(Number(value), type.timezone !== null && type.timezone !== '');
  if (DataType.isDate(type)) return (value) => dateCell(Number(value));
  if (DataType.isTime(type)) return (value) => clockCell((Number(value) * 1e3) / perSecond[type.unit]);
  if (DataType.isDuration(type)) return (value) => durationCell(nanoseconds(value as bigint, type.unit));
  if (DataType.isDecimal(type))
    return (value) => (isWithin ? decimalItem : decimalCell)(wholeOf(value as Uint32Array), type.scale);
  if (isListType(type)) {
    const item = unlessMissing(converterOf((type.children[0] as Field).type as DataType, true));
    return (value) => Array.from(value as Iterable<unknown>, item);
  }
  if (DataType.isStruct(type)) {
    const items = type.children.map(
      ({ name, type: each }) => [name, unlessMissing(converterOf(each as DataType, true))] as const,
    );
    return (value) => Object.fromEntries(items.map(([name, item]) => [name, item((value as Row)[name])]));
  }
  if (DataType.isMap(type)) {
    const item = unlessMissing(converterOf(valueTypeOf(type), true));
    return (value) =>
      Object.fromEntries(Array.from(value as Iterable<[unknown, unknown]>, ([key, each]) => [String(key), item(each)]));
  }
  return isWithin ? (value) => withoutBytes(plain(value)) : plain;
}

type Row = Readonly<Record<string, unknown>>;

/** What no type above has: bytes, unions. */
function plain(value: unknown): unknown {
  if (typeof value !== 'object' || value === null) return value;
  if (value instanceof Uint8Array) return bytesCell(value);
  return JSON.parse(
    JSON.stringify(value, (_, each: unknown) => (typeof each === 'bigint' ? String(each) : each)),
  ) as unknown;
}

/** A number in two's complement, the lowest word first. */
function wholeOf(words: Uint32Array): bigint {
  const whole = words.reduceRight((value, word) => (value << 32n) | BigInt(word), 0n);
  return BigInt.asIntN(32 * words.length, whole);
}
