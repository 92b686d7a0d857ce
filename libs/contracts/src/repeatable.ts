import { z } from 'zod';

/** A query parameter that may be repeated. */
export const repeatable = <Item extends z.ZodType>(item: Item, most: number) =>
  z.preprocess(
    (value): unknown => (value === undefined ? [] : Array.isArray(value) ? value : [value]),
    z.array(item).max(most, `at most ${most} values`),
  );
