import { byName, column } from '../definition';
import { asha } from './asha';
import { freezeThaw } from './freeze-thaw';
import { hyperband } from './hyperband';
import { median } from './median';
import { none } from './none';
import { plateau } from './plateau';
import { population } from './population';
import type { StoppingOption, StoppingRuleDefinition } from './rule';

/** Every stopping rule, in the order in which they are listed. */
const list = [none, asha, hyperband, median, plateau, freezeThaw, population] as const;

export const stoppingRuleNames = column(list, 'rule');
export type StoppingRuleName = (typeof stoppingRuleNames)[number];
/** The rules that decide at a rung whether a configuration stops for good, and the one that never does. */
export type StoppingVerdictRule = Exclude<(typeof list)[number], { decides: 'exploit' | 'resume' }>['rule'];
export const stoppingRuleDefinitions: Readonly<Record<StoppingRuleName, StoppingRuleDefinition>> = byName(list, 'rule');

/** Whether configurations copy better ones at a rung, as a population does, instead of stopping. */
export const isExploiting = (rule: StoppingRuleName): boolean => stoppingRuleDefinitions[rule].decides === 'exploit';

/** Whether stopped configurations may resume from their checkpoints. */
export const isResuming = (rule: StoppingRuleName): boolean => stoppingRuleDefinitions[rule].decides === 'resume';

/** Whether an attempt ends at each rung, with a checkpoint from which the trial, or another, continues. */
export const endsAtRungs = (rule: StoppingRuleName): boolean => isExploiting(rule) || isResuming(rule);

/** The name of any option of any rule. */
type KeyOf<Options> = Options extends unknown ? keyof Options : never;
export type StoppingOptionName = KeyOf<(typeof list)[number]['options']>;

/** The names of options that are not one of the ways to say when the first decision is. */
type PlainKeyOf<Options> = Options extends unknown
  ? { [Key in keyof Options]: Options[Key] extends { counts: string } ? never : Key }[keyof Options]
  : never;
export type PlainStoppingOption = PlainKeyOf<(typeof list)[number]['options']>;

/** The options of all rules by name, in the order in which rules bring them. */
export const stoppingOptions = Object.fromEntries(
  list.flatMap(({ options }) => Object.entries<StoppingOption>(options)),
) as Readonly<Record<StoppingOptionName, StoppingOption>>;

/** The rules that have an option. */
export const rulesWith = (option: string): StoppingRuleName[] =>
  stoppingRuleNames.filter((rule) => option in stoppingRuleDefinitions[rule].options);
