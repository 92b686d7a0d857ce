import { z } from 'zod';

const units = { s: 1, m: 60, h: 3600, d: 86_400 } as const;
const pattern = /^(\d+(?:\.\d+)?) ?([smhd])$/;
const error = 'must be a duration such as 90s, 30m, 2h or 1d';
const longest = 10 * 365 * units.d;

/** A duration, written as `90s`, `30m`, `2h` or `1d`, or as a number of seconds. Parsed to seconds. */
export const duration = z
  .union([z.number(), z.string().regex(pattern, { error })], { error })
  .transform((given): number => {
    if (typeof given === 'number') return given;
    const [, count, unit] = pattern.exec(given)!;
    return Number(count) * units[unit as keyof typeof units];
  })
  .refine((seconds) => seconds > 0 && seconds <= longest, { error: 'must be above 0 and at most 10 years' });
