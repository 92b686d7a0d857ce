import type { TrialSpec } from '@unroll/contracts';

const key = ({ dataset, task, training }: TrialSpec): string => JSON.stringify([dataset, task, training.classWeights]);

/** The first trials of a sweep, one for each combination of data set, its options, task and weights of classes. */
export const distinctData = (specs: readonly TrialSpec[]): TrialSpec[] => [
  ...new Map(specs.map((each) => [key(each), each])).values(),
];
