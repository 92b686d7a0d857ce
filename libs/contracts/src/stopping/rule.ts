import type { z } from 'zod';

/** A numeric option of a rule. Options of the same name in two rules are the same option. */
export interface StoppingOption {
  readonly schema: z.ZodType<number>;
  readonly description: string;
  /** Its value if a sweep does not give it. */
  readonly default?: number;
  /** For an option that sets the time of the first decision: its unit. Only one such option may be given. */
  readonly counts?: 'updates' | 'epochs' | 'tokens';
}

/** A stopping rule. To add one, add a file beside this one and an entry in index.ts; it runs in libs/search/src/stopping. */
export interface StoppingRuleDefinition {
  readonly rule: string;
  /** What it does, as a clause that begins with its name. */
  readonly description: string;
  /**
   * What it decides at a rung: nothing; whether a configuration stops for good; which of all stopped ones resume from their checkpoints;
   * or whether it copies the weights of a better one.
   */
  readonly decides: 'nothing' | 'stop' | 'resume' | 'exploit';
  readonly options: Readonly<Record<string, StoppingOption>>;
}
