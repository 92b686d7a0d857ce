import type { z } from 'zod';
import {
  rulesWith,
  stoppingOptions,
  stoppingRuleDefinitions,
  stoppingRuleNames,
  type PlainStoppingOption,
  type StoppingOptionName,
  type StoppingRuleName,
} from './stopping';
import { oneOf, strict } from './strict';

const optionNames = Object.keys(stoppingOptions) as StoppingOptionName[];

/** Options that set the time of the first decision: at most one of them may be given. */
const minima = optionNames.filter((name) => stoppingOptions[name].counts !== undefined);

/** All options of all rules, none required. Defaults are filled in when a rule runs (`wholeStopping`). */
const options = Object.fromEntries(
  optionNames.map((name) => {
    const { schema, description, default: standard } = stoppingOptions[name];
    const whole = `${rulesWith(name).join(', ')}: ${description[0]!.toLowerCase()}${description.slice(1)}`;
    return [name, schema.optional().describe(standard === undefined ? whole : `${whole} Default: ${standard}.`)];
  }),
) as Record<StoppingOptionName, z.ZodOptional<z.ZodType<number>>>;

/** What a sweep may name: a rule, or `auto`, which is settled as the sweep is read. */
export const stoppingChoices = [...stoppingRuleNames, 'auto'] as const;

/** Whether a choice has an option; `auto` has those of every rule that it may settle on. */
const takes = (rule: (typeof stoppingChoices)[number], name: StoppingOptionName): boolean =>
  name in stoppingRuleDefinitions[rule === 'auto' ? 'none' : rule].options;

export const stopping = strict({
  rule: oneOf(stoppingChoices)
    .default('none')
    .describe(
      [
        ...stoppingRuleNames.map((rule) => stoppingRuleDefinitions[rule].description),
        'auto is freeze-thaw with rungs by the length of the training, asha where that is in epochs, and none if it has too few reports.',
      ].join('; '),
    ),
  ...options,
}).superRefine((given, context) => {
  const refuse = (key: string, message: string): void =>
    context.addIssue({ code: 'custom', path: [key], message: `${message}; leave it out` });
  for (const name of optionNames)
    if (given[name] !== undefined && !takes(given.rule, name))
      refuse(name, `is an option of ${rulesWith(name).join(', ')}, not of ${given.rule}`);
  const [first, second] = minima.filter((name) => given[name] !== undefined);
  if (second !== undefined) refuse(second, `sets the first decision, as ${first} does`);
});
export type GivenStopping = z.infer<typeof stopping>;
/** The stopping rule of a sweep, with the options that it gives. */
export type StoppingSpec = Omit<GivenStopping, 'rule'> & { rule: StoppingRuleName };

/** A stopping rule with all options of all rules; those that a sweep does not give have their defaults. */
export type Stopping = Readonly<Record<PlainStoppingOption, number>> & {
  readonly rule: StoppingRuleName;
  /** The unit and the amount of training before the first decision. */
  readonly unit: 'updates' | 'epochs' | 'tokens';
  readonly minimum: number;
};

const plainOptions = optionNames.filter((name): name is PlainStoppingOption => !minima.includes(name));

export function wholeStopping(given: StoppingSpec): Stopping {
  const first = minima.find((name) => given[name] !== undefined) ?? minima[0]!;
  const value = (name: StoppingOptionName): number => given[name] ?? stoppingOptions[name].default!;
  const numbers = Object.fromEntries(plainOptions.map((name) => [name, value(name)])) as Record<
    PlainStoppingOption,
    number
  >;
  return { ...numbers, rule: given.rule, unit: stoppingOptions[first].counts!, minimum: value(first) };
}
