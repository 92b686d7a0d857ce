import { ValidationError } from '@unroll/contracts';

/** Encodes the position at which a list continues as an opaque string. */
export function toCursor(position: unknown): string {
  return Buffer.from(JSON.stringify(position)).toString('base64url');
}

/** Decodes a cursor. @throws ValidationError for a string that is not a cursor of this list */
export function fromCursor<Position>(
  cursor: string | undefined,
  fits: (value: unknown) => value is Position,
): Position | undefined {
  if (cursor === undefined) return undefined;
  let position: unknown;
  try {
    position = JSON.parse(Buffer.from(cursor, 'base64url').toString());
  } catch {
    position = undefined;
  }
  if (!fits(position))
    throw new ValidationError([
      { path: 'cursor', message: 'is not a cursor of this list: omit it to start from the first page' },
    ]);
  return position;
}

/** Whether it is an integer that fits in an integer column. */
export const isCount = (value: unknown): value is number =>
  Number.isInteger(value) && Math.abs(Number(value)) < 2 ** 31;
export const isNumber = (value: unknown): value is number => typeof value === 'number' && Number.isFinite(value);

/** Whether it is a time as JSON serializes dates, in years that PostgreSQL supports. */
export const isTime = (value: unknown): value is string =>
  typeof value === 'string' &&
  /^(?!0000)\d{4}-/.test(value) &&
  !Number.isNaN(Date.parse(value)) &&
  new Date(value).toISOString() === value;

/** A page of rows that were read with a limit of `limit + 1`. */
export function toPage<Row, Item>(
  rows: readonly Row[],
  limit: number,
  item: (row: Row) => Item,
  position: (row: Row) => unknown,
) {
  const shown = rows.slice(0, limit);
  const last = shown.at(-1);
  return {
    items: shown.map(item),
    nextCursor: rows.length > limit && last !== undefined ? toCursor(position(last)) : null,
  };
}
