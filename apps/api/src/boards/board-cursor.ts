import type { Direction, RankedPosition, SortedPosition } from '@unroll/database';
import { measure, toMeasure } from '@unroll/contracts';
import { z } from 'zod';
import { fromCursor, toCursor } from '../http/cursor';

const count = z
  .int()
  .min(0)
  .max(2 ** 31 - 1);
const row = { score: measure, sweepId: z.string().max(16), configuration: count };
const common = { sort: z.string(), way: z.enum(['next', 'previous']), total: count.nullable() };

const rankedCursor = z.strictObject({ ...common, ...row, rank: count.min(1), place: count.min(1) });
const sortedCursor = z.strictObject({ ...common, ...row, key: z.string().max(400).nullable() });

interface Place<Position> {
  position: Position;
  direction: Direction;
  total: number | null;
}

/** Decodes a cursor of a list in the same order. @throws ValidationError */
function read<Schema extends typeof rankedCursor | typeof sortedCursor>(
  schema: Schema,
  cursor: string | undefined,
  sort: string,
): (z.infer<Schema> & { way: Direction; total: number | null }) | undefined {
  const fits = (value: unknown): value is z.infer<Schema> => {
    const parsed = schema.safeParse(value);
    return parsed.success && parsed.data.sort === sort && hasJsonKey(parsed.data);
  };
  return fromCursor(cursor, fits);
}

/** Whether the row's sort key is JSON, as the query expects. */
function hasJsonKey(cursor: object): boolean {
  const { key } = cursor as { key?: string | null };
  try {
    return key == null || JSON.parse(key) !== undefined;
  } catch {
    return false;
  }
}

export function readRanked(cursor: string | undefined, sort: string): Place<RankedPosition> | undefined {
  const found = read(rankedCursor, cursor, sort);
  return found && { position: { ...found, score: Number(found.score) }, direction: found.way, total: found.total };
}

export function readSorted(cursor: string | undefined, sort: string): Place<SortedPosition> | undefined {
  const found = read(sortedCursor, cursor, sort);
  return found && { position: { ...found, score: Number(found.score) }, direction: found.way, total: found.total };
}

export const writeRanked =
  (sort: string, total: number | null) =>
  (way: Direction, { score, sweepId, configuration, rank, place }: RankedPosition): string =>
    toCursor({ sort, way, total, score: toMeasure(score), sweepId, configuration, rank, place });

export const writeSorted =
  (sort: string, total: number | null) =>
  (way: Direction, { score, sweepId, configuration, key }: SortedPosition): string =>
    toCursor({ sort, way, total, score: toMeasure(score), sweepId, configuration, key });
