import { z } from 'zod';

/** A measured number. JSON has no infinity, so it is a text, which `Number` reads. */
export const measure = z.union([z.number(), z.literal(['Infinity', '-Infinity'])]);
export type Measure = z.infer<typeof measure>;

/** Writes a number for JSON. */
export const toMeasure = (value: number): Measure =>
  Number.isFinite(value) || Number.isNaN(value) ? value : value > 0 ? 'Infinity' : '-Infinity';
