import { unzipSync } from 'fflate';
import { mostFileBytes } from '../archive/tar';
import { DatasetError } from '../prepared/data';
import { dateCell, durationCell, timeCell, toMilliseconds } from './times';
import { mostValues } from './typed-table';
import { bytesCell } from './values';

/** An array of NumPy, its values in the order of C (the last index changes fastest). */
export interface NumpyArray {
  name: string;
  shape: number[];
  values: unknown[];
  /** The fields of a structured array, whose `values` are then empty. */
  fields?: { name: string; values: unknown[] }[] | undefined;
}

/** Whether bytes are an array of NumPy, or a zip archive. */
export const isNpy = (bytes: Uint8Array): boolean =>
  Buffer.from(bytes.subarray(0, 6)).toString('latin1') === '\x93NUMPY';

/**
 * The arrays of a `.npz`. @throws DatasetError for a damaged archive, an array of objects, or too much in it
 */
export function readNpz(bytes: Uint8Array): NumpyArray[] {
  let size = 0;
  const names = new Set<string>();
  let files: Record<string, Uint8Array>;
  try {
    files = unzipSync(bytes, {
      filter({ name, originalSize }) {
        size += originalSize;
        if (size > mostFileBytes)
          throw new DatasetError(`the archive has more than ${mostFileBytes} bytes uncompressed: use a part of it`);
        if (names.has(name)) throw new DatasetError(`the archive has ${name} twice: leave one of them out`);
        names.add(name);
        return name.endsWith('.npy');
      },
    });
  } catch (error) {
    if (error instanceof DatasetError) throw error;
    throw new DatasetError(`the .npz archive is damaged: ${(error as Error).message}`);
  }
  const arrays = Object.entries(files).map(([name, content]) => readNpy(content, name.slice(0, -'.npy'.length)));
  if (arrays.length === 0) throw new DatasetError('the zip archive has no arrays of NumPy (.npy)');
  return arrays;
}

/** A Python literal of the header: dictionaries, tuples, texts, numbers, truth values. @throws Error for anything else */
function literal(text: string): unknown {
  const json = text
    .replaceAll(
      /'((?:[^'\\]|\\.)*)'|"((?:[^"\\]|\\.)*)"|\bTrue\b|\bFalse\b|\bNone\b|[()]/g,
      (found, single, double) => {
        if (found === 'True' || found === 'False') return found.toLowerCase();
        if (found === 'None') return 'null';
        if (found === '(' || found === ')') return found === '(' ? '[' : ']';
        return JSON.stringify(String(single ?? double ?? ''));
      },
    )
    .replaceAll(/,\s*([\]}])/g, '$1');
  return JSON.parse(json) as unknown;
}

/**
 * Reads a `.npy` file, after the format's definition in NumPy (NEP 1, versions 1 to 3). `name`: that of the array in messages.
 * @throws DatasetError for a damaged file, or a type that is no number, text, time or truth value
 */
export function readNpy(bytes: Uint8Array, name: string): NumpyArray {
  const damaged = (why: string): DatasetError => new DatasetError(`${name}: the array is ${why}`);
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  if (!isNpy(bytes) || bytes.length < 12) throw damaged('no .npy file');
  const major = bytes[6]!;
  const [begin, length] = major < 2 ? [10, view.getUint16(8, true)] : [12, view.getUint32(8, true)];
  const text = Buffer.from(bytes.subarray(begin, begin + length)).toString(major < 3 ? 'latin1' : 'utf8');
  let header: { descr: unknown; fortran_order: boolean; shape: number[] };
  try {
    header = literal(text.trim()) as typeof header;
  } catch {
    throw damaged('damaged: its header cannot be read');
  }
  const { descr, shape, fortran_order: isFortran } = header;
  if (!Array.isArray(shape) || !shape.every((each) => Number.isSafeInteger(each) && each >= 0))
    throw damaged('damaged: its header has no shape');
  const count = shape.reduce((product, each) => product * each, 1);
  const fields = Array.isArray(descr)
    ? (descr as [string, unknown, unknown?][]).map(([field, type, sub]) => {
        if (sub !== undefined) throw damaged(`of a type that is not read: its field ${field} is an array itself`);
        return { field, type: typeOf(type, `${name}.${field}`) };
      })
    : [{ field: name, type: typeOf(descr, name) }];
  const size = fields.reduce((sum, { type }) => sum + type.size, 0);
  if (count * fields.length > mostValues)
    throw damaged(`too large (${count * fields.length} values, at most ${mostValues})`);
  const data = bytes.subarray(begin + length);
  if (data.length < count * size) throw damaged('cut short: fetch it again');
  const order = isFortran && shape.length > 1 ? fortranOrder(shape, count) : undefined;
  let offset = 0;
  const read = fields.map(({ field, type }) => {
    const at = new DataView(data.buffer, data.byteOffset + offset, data.byteLength - offset);
    offset += type.size;
    return {
      name: field,
      values: Array.from({ length: count }, (_, index) => type.read(at, (order?.[index] ?? index) * size)),
    };
  });
  return Array.isArray(descr)
    ? { name, shape, values: [], fields: read.filter((each) => each.name !== '') }
    : { name, shape, values: read[0]!.values };
}

/** Where each value of an array in the order of C stands in that of Fortran, whose first index changes fastest. */
function fortranOrder(shape: readonly number[], count: number): Int32Array {
  const strides = shape.map((_, axis) => shape.slice(0, axis).reduce((product, each) => product * each, 1));
  return Int32Array.from({ length: count }, (_, index) => {
    let [rest, at] = [index, 0];
    for (let axis = shape.length - 1; axis >= 0; axis--) {
      at += (rest % shape[axis]!) * strides[axis]!;
      rest = Math.floor(rest / shape[axis]!);
    }
    return at;
  });
}

interface ElementType {
  /** In bytes. */
  size: number;
  read: (view: DataView, at: number) => unknown;
}

/** Nanoseconds in one unit of NumPy's times and durations; months and years are none. */
const nanoseconds: Readonly<Record<string, bigint>> = {
  ...{ W: 604_800_000_000_000n, D: 86_400_000_000_000n, h: 3_600_000_000_000n, m: 60_000_000_000n },
  ...{ s: 1_000_000_000n, ms: 1_000_000n, us: 1000n, ns: 1n },
};

/** NumPy's NaT. */
const noTime = -(2n ** 63n);

/** @throws DatasetError for a type that is not read, with the remedy */
function typeOf(descr: unknown, name: string): ElementType {
  const [, order, kind, digits, unit] = /^([<>|=])([a-zA-Z])(\d*)(?:\[(.+)\])?$/.exec(String(descr)) ?? [];
  const size = Number(digits);
  const isLittle = order !== '>';
  const refused = (why: string): DatasetError => new DatasetError(`${name}: the array ${why}`);
  if (kind === 'O') throw refused('has objects of Python, which are not read: save it with a type of numbers or texts');
  const number = numberReader(`${kind}${digits}`, isLittle);
  if (number) return { size, read: number };
  if (kind === 'U') return { size: 4 * size, read: (view, at) => codePoints(view, { at, size, isLittle }) };
  if (kind === 'S')
    return { size, read: (view, at) => untilZero(Buffer.from(view.buffer, view.byteOffset + at, size)) };
  // What a structured array leaves free between its fields.
  if (kind === 'V' && name.endsWith('.')) return { size, read: () => undefined };
  if (kind === 'M' && unit !== undefined) return { size: 8, read: timeReader(unit, isLittle, refused) };
  if (kind === 'm' && unit !== undefined) return { size: 8, read: durationReader(unit, isLittle, refused) };
  throw refused(`is of the type ${String(descr)}, which is not read`);
}

function numberReader(type: string, isLittle: boolean): ElementType['read'] | undefined {
  const readers: Readonly<Record<string, ElementType['read']>> = {
    b1: (view, at) => view.getUint8(at) !== 0,
    f2: (view, at) => half(view.getUint16(at, isLittle)),
    f4: (view, at) => view.getFloat32(at, isLittle),
    f8: (view, at) => view.getFloat64(at, isLittle),
    i1: (view, at) => view.getInt8(at),
    i2: (view, at) => view.getInt16(at, isLittle),
    i4: (view, at) => view.getInt32(at, isLittle),
    i8: (view, at) => view.getBigInt64(at, isLittle),
    u1: (view, at) => view.getUint8(at),
    u2: (view, at) => view.getUint16(at, isLittle),
    u4: (view, at) => view.getUint32(at, isLittle),
    u8: (view, at) => view.getBigUint64(at, isLittle),
  };
  return readers[type];
}

/** A number of half precision (IEEE 754 binary16). */
function half(bits: number): number {
  const [sign, exponent, fraction] = [bits & 0x8000 ? -1 : 1, (bits >> 10) & 31, bits & 1023];
  if (exponent === 31) return fraction === 0 ? sign * Infinity : NaN;
  return exponent === 0 ? sign * fraction * 2 ** -24 : sign * (1 + fraction / 1024) * 2 ** (exponent - 15);
}

function codePoints(view: DataView, { at, size, isLittle }: { at: number; size: number; isLittle: boolean }): string {
  const points: number[] = [];
  for (let index = 0; index < size; index++) {
    const point = view.getUint32(at + 4 * index, isLittle);
    if (point === 0) break;
    points.push(point);
  }
  return String.fromCodePoint(...points);
}

const untilZero = (bytes: Buffer): string | Uint8Array =>
  bytesCell(bytes.subarray(0, bytes.findLastIndex((byte) => byte !== 0) + 1));

/** Of 25s: 25 and s. */
function countedUnit(unit: string): { count: number; name: string } {
  const [, step = '1', name = ''] = /^(\d*)([a-zA-Z]+)$/.exec(unit) ?? [];
  return { count: Number(step || '1'), name };
}

/** Durations of a unit that is always as long; null for NaT. */
function durationReader(unit: string, isLittle: boolean, refused: (why: string) => DatasetError): ElementType['read'] {
  const { count, name } = countedUnit(unit);
  const per = nanoseconds[name];
  if (per === undefined) throw refused(`has durations in ${unit}, which are not read: save them as seconds`);
  return (view, at) => {
    const value = view.getBigInt64(at, isLittle);
    return value === noTime ? null : durationCell(value * BigInt(count) * per);
  };
}

/** Times without a zone, as NumPy has them; null for NaT. */
function timeReader(unit: string, isLittle: boolean, refused: (why: string) => DatasetError): ElementType['read'] {
  const { count, name } = countedUnit(unit);
  const toTime = (value: bigint): string => {
    if (name === 'Y' || name === 'M') {
      const months = Number(value) * count * (name === 'Y' ? 12 : 1);
      return dateCell(Date.UTC(1970, months, 1));
    }
    const per = nanoseconds[name];
    if (per === undefined) throw refused(`has times in ${unit}, which are not read`);
    const exact = toMilliseconds(value * BigInt(count) * per, 'NANOS');
    return name === 'D' || name === 'W' ? dateCell(exact) : timeCell(exact, false);
  };
  return (view, at) => {
    const value = view.getBigInt64(at, isLittle);
    return value === noTime ? null : toTime(value);
  };
}
