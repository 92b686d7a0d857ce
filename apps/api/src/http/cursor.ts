import { ValidationError } from '@unroll/contracts';

/** Where a list goes on, as an opaque text. */
export function toCursor(position: unknown): string {
  return Buffer.from(JSON.stringify(position)).toString('base64url');
}

/** The position behind a cursor of ours. @throws ValidationError for any other text */
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
    throw new ValidationError([{ path: 'cursor', message: 'is none that this list gave: leave it out to begin anew' }]);
  return position;
}

/** A number that an integer column can hold. */
export const isCount = (value: unknown): value is number =>
  Number.isInteger(value) && Math.abs(Number(value)) < 2 ** 31;
export const isNumber = (value: unknown): value is number => typeof value === 'number' && Number.isFinite(value);

/** A time as JSON writes it, in the years that PostgreSQL knows too. */
export const isTime = (value: unknown): value is string =>
  typeof value === 'string' &&
  /^(?!0000)\d{4}-/.test(value) &&
  !Number.isNaN(Date.parse(value)) &&
  new Date(value).toISOString() === value;

/** One page of what was asked for with one row more than the limit. */
export function pageOf<Row, Item>(
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
