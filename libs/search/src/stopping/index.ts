import { asha } from './asha';
import { hyperband } from './hyperband';
import { median } from './median';
import { none } from './none';
import { plateau } from './plateau';
import type { Stopping, StoppingRule } from './rule';

/** Every stopping rule, by the name that a sweep gives it. */
export const stoppingRules: Record<Stopping['rule'], StoppingRule> = { none, asha, hyperband, median, plateau };
