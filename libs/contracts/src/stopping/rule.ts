import type { z } from 'zod';

/** A number that a rule takes. Numbers of the same name in two rules are one and the same option. */
export interface StoppingOption {
  readonly schema: z.ZodType<number>;
  readonly description: string;
  /** What it is where a sweep does not give it. */
  readonly default?: number;
  /** For an option that says when the first decision is: what it counts. Only one of these may be given. */
  readonly counts?: 'updates' | 'epochs' | 'tokens';
}

/** A way to end trials early. A new one is one file beside this one and one entry in index.ts; it runs in libs/search/src/stopping. */
export interface StoppingRuleDefinition {
  readonly rule: string;
  /** What it does, as a clause that begins with its name. */
  readonly description: string;
  /** What it decides at a rung: nothing, whether a configuration stops, or whether it copies the weights of a better one. */
  readonly decides: 'nothing' | 'stop' | 'exploit';
  readonly options: Readonly<Record<string, StoppingOption>>;
}
