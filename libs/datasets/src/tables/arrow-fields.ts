import { DataType, RecordBatchReader, TimeUnit, Type, type Field, type Map_, type Struct } from 'apache-arrow';
import { DateTime } from 'luxon';
import { dateCell, durationCell, timeCell } from './times';
import { Unread } from './typed-table';

/** Milliseconds of the units of pandas' periods that are always as long, by their names of now and before pandas 2.2. */
const units: Readonly<Record<string, number>> = {
  ...{ D: 86_400_000, h: 3_600_000, H: 3_600_000, min: 60_000, T: 60_000, s: 1000, S: 1000 },
  ...{ ms: 1, L: 1, us: 1e-3, U: 1e-3, ns: 1e-6, N: 1e-6 },
};

/** Arrow's units within a second. */
export const perSecond: Readonly<Record<TimeUnit, number>> = {
  [TimeUnit.SECOND]: 1,
  [TimeUnit.MILLISECOND]: 1e3,
  [TimeUnit.MICROSECOND]: 1e6,
  [TimeUnit.NANOSECOND]: 1e9,
};

export const nanoseconds = (count: bigint, unit: TimeUnit): bigint => count * BigInt(1e9 / perSecond[unit]);

/** The fields that Arrow had when it wrote a Parquet file, which says less of them; none for files of others. */
export function arrowFields(metadata: readonly { key: string; value?: string | undefined }[]): readonly Field[] {
  const schema = metadata.find(({ key }) => key === 'ARROW:schema')?.value;
  if (schema === undefined) return [];
  try {
    return RecordBatchReader.from(Buffer.from(schema, 'base64')).open().schema.fields;
  } catch {
    // Types that the library does not have.
    return [];
  }
}

/** What Arrow says of a column beyond the type by which it is stored: periods of pandas, durations, and the zone of times. */
export function asField<Values extends ArrayLike<unknown>>(field: Field | undefined, values: Values) {
  if (field?.metadata.get('ARROW:extension:name') === 'pandas.period')
    return Array.from(values, periodReader(field.name, field.metadata.get('ARROW:extension:metadata') ?? ''));
  const stored = field?.type as DataType | undefined;
  const type = stored && DataType.isDictionary(stored) ? (stored.dictionary as DataType) : stored;
  const durations = type && durationsIn(type);
  if (durations) return Array.from(values, durations);
  const zone = DataType.isTimestamp(type) ? type.timezone : undefined;
  return zone ? daysIn(zone, values) : values;
}

/** Lists of any kind. */
export const isListType = (type: DataType): boolean =>
  DataType.isList(type) || DataType.isFixedSizeList(type) || type.typeId === Type.LargeList;

/** The type of the values of a map. */
export const valueTypeOf = (type: Map_): DataType => (type.children[0]!.type as Struct).children[1]!.type as DataType;

/** Counts as durations, however deep in lists, objects and maps; undefined for a type without any. A text is one that was read as such. */
function durationsIn(type: DataType): ((value: unknown) => unknown) | undefined {
  if (DataType.isDuration(type))
    return (value) =>
      typeof value === 'bigint' || typeof value === 'number'
        ? durationCell(nanoseconds(BigInt(value), type.unit))
        : value;
  if (isListType(type)) {
    const item = durationsIn((type.children[0] as Field).type as DataType);
    return item && ((value) => (Array.isArray(value) ? value.map(item) : value));
  }
  if (!DataType.isStruct(type) && !DataType.isMap(type)) return undefined;
  const each = DataType.isMap(type) ? durationsIn(valueTypeOf(type)) : undefined;
  const fields: readonly Field[] = DataType.isMap(type) ? [] : type.children;
  const own = new Map(fields.map((field) => [field.name, durationsIn(field.type as DataType)]));
  if (!each && ![...own.values()].some(Boolean)) return undefined;
  const read = (value: object): [string, unknown][] =>
    Object.entries(value).map(([key, item]) => [key, (own.get(key) ?? each ?? plain)(item)]);
  return (value) =>
    typeof value === 'object' && value !== null && !(value instanceof Unread)
      ? (Object.fromEntries(read(value)) as unknown)
      : value;
}

const plain = (value: unknown): unknown => value;

/** Times that are midnight, or any one time of day, of every day in their zone, as CSV has them: with their offset. */
function daysIn<Values extends ArrayLike<unknown>>(zone: string, values: Values): Values | unknown[] {
  const place = zone.replace(/^(?=[+-]\d\d)/, 'UTC');
  let clock: string | undefined;
  const written: unknown[] = [];
  for (const value of Array.from(values)) {
    if (typeof value !== 'string') {
      written.push(value);
      continue;
    }
    const text = DateTime.fromISO(value, { zone: place }).toISO();
    const own = text?.slice(-18, -6);
    clock ??= own;
    if (text === null || own !== clock || text.endsWith('Z')) return values;
    written.push(text);
  }
  return written;
}

/** Periods of pandas, which are stored as a count since 1970, as CSV has them: 2020-01, 2020Q1. Weeks and business days are not read. */
function periodReader(name: string, metadata: string): (value: unknown) => unknown {
  const { freq = '' } = JSON.parse(metadata || '{}') as { freq?: string };
  const unit = freq.replace(/^\d+/, '').replace(/-.*/, '');
  const cellOf = periodCell(unit);
  if (!cellOf) {
    const why = `${name} has periods of pandas (${freq}), which are not read: write their beginnings, with .dt.to_timestamp()`;
    return () => new Unread(why);
  }
  // NaT.
  return (value) =>
    value === null || value === undefined || BigInt(value as bigint) === -(2n ** 63n) ? null : cellOf(Number(value));
}

function periodCell(unit: string): ((count: number) => string) | undefined {
  if (unit === 'Y' || unit === 'A') return (count) => String(1970 + count);
  if (unit === 'Q') return (count) => `${1970 + Math.floor(count / 4)}Q${(((count % 4) + 4) % 4) + 1}`;
  if (unit === 'M') return (count) => dateCell(Date.UTC(1970, count, 1)).slice(0, 7);
  const length = units[unit];
  if (length === undefined) return undefined;
  return unit === 'D' ? (count) => dateCell(count * length) : (count) => timeCell(count * length, false);
}
