import { z } from 'zod';
import type { Labels } from './labels-text';

const mostLabels = 16;
/** Names and values as Kubernetes has them. */
const word = /^[a-zA-Z0-9](?:[a-zA-Z0-9._/-]{0,61}[a-zA-Z0-9])?$/;
const rule = 'must be 1 to 63 letters, digits and . _ / -, with a letter or digit at each end';

const text = z.string().regex(word, rule);
/** A value may be written as a number: `memory: 80`. */
const value = z.union([text, z.number().transform(String)], { error: rule });

export const labels = z
  .record(text, value)
  .refine((all) => Object.keys(all).length <= mostLabels, { error: `must be at most ${mostLabels} labels` });

/** Labels as an environment variable or an option has them: `gpu=a100,zone=b`. Undefined if that is not their form. */
export function parseLabels(given: string): Labels | undefined {
  const pairs = given.split(',').map((pair) => pair.trim().split('='));
  if (pairs.some((pair) => pair.length !== 2) || new Set(pairs.map(([name]) => name)).size < pairs.length)
    return undefined;
  const parsed = labels.safeParse(Object.fromEntries(pairs));
  return parsed.success ? parsed.data : undefined;
}
