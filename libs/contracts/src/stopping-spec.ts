import { z } from 'zod';
import { limits } from './limits';
import { oneOf, strict } from './strict';

/** Ways to end a configuration early, or to let it go on from another. */
export const stoppingRuleNames = ['none', 'asha', 'hyperband', 'median', 'plateau', 'population'] as const;
type StoppingRuleName = (typeof stoppingRuleNames)[number];

const judging = ['asha', 'hyperband', 'median', 'plateau'] as const;

/** Which rules have a key; a key of another rule is refused. */
const keysOfRules: Readonly<Record<string, readonly StoppingRuleName[]>> = {
  minUpdates: judging,
  minEpochs: judging,
  minTokens: judging,
  reductionFactor: ['asha', 'hyperband'],
  brackets: ['hyperband'],
  minTrials: ['median'],
  patience: ['plateau'],
  minDelta: ['plateau'],
  every: ['population'],
  replaced: ['population'],
  perturbation: ['population'],
};

/** Of these one says when the first verdict is. */
const beginnings = ['minUpdates', 'minEpochs', 'minTokens'] as const;

export const stopping = strict({
  rule: oneOf(stoppingRuleNames)
    .default('none')
    .describe(
      'none trains each to its end; asha keeps the best part at each rung; hyperband does so with brackets that begin later; median ends what is worse than the median; plateau ends what no longer improves; population lets the worst go on from the best, with other training numbers.',
    ),
  minUpdates: z
    .int()
    .min(1)
    .max(100_000_000)
    .optional()
    .describe('Updates before the first verdict, moved up to the next report. Unit: updates. Default: 100.'),
  minEpochs: z
    .number()
    .gt(0)
    .max(1_000_000)
    .optional()
    .describe('The same in passes over the data, where batch sizes differ. Unit: epochs.'),
  minTokens: z
    .int()
    .min(1)
    .max(1e15)
    .optional()
    .describe('The same in tokens that were read, for a language model. Unit: tokens.'),
  reductionFactor: z
    .number()
    .min(1.5)
    .max(100)
    .optional()
    .describe('asha, hyperband: one of so many goes on at a rung; rungs lie as many times further apart. Default: 3.'),
  brackets: z.int().min(1).max(10).optional().describe('hyperband: how many brackets. Default: 3.'),
  minTrials: z
    .int()
    .min(1)
    .max(limits.configurations)
    .optional()
    .describe('median: configurations that a rung must have seen. Default: 5.'),
  patience: z
    .int()
    .min(1)
    .max(100_000)
    .optional()
    .describe('plateau: reports without a better value before the end. Default: 5.'),
  minDelta: z.number().min(0).optional().describe('plateau: what counts as better. Default: 0.'),
  every: z
    .int()
    .min(1)
    .max(100_000_000)
    .optional()
    .describe('population: updates from one rung to the next, moved up to a report. Unit: updates. Default: 500.'),
  replaced: z
    .number()
    .gt(0)
    .max(0.5)
    .optional()
    .describe('population: part that goes on from as large a part of the best at a rung. Default: 0.2.'),
  perturbation: z
    .number()
    .gt(0)
    .lt(1)
    .optional()
    .describe('population: numbers that are taken over grow or shrink by this part. Default: 0.2.'),
}).superRefine((given, context) => {
  const refuse = (key: string, message: string): void =>
    context.addIssue({ code: 'custom', path: [key], message: `${message}: leave it out` });
  for (const [key, rules] of Object.entries(keysOfRules))
    if ((given as Record<string, unknown>)[key] !== undefined && !rules.includes(given.rule))
      refuse(key, `is a key of ${rules.join(', ')}, not of ${given.rule}`);
  const [first, second] = beginnings.filter((key) => given[key] !== undefined);
  if (second !== undefined) refuse(second, `says when the first verdict is, as ${first} does`);
});
export type StoppingSpec = z.infer<typeof stopping>;
