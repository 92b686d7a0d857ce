import type { ImportedTrial } from './imported-study';

/** A completed trial: its value, and what it reported on the way by its steps, in the order of these. */
export interface Reported {
  value: number;
  reports: readonly (readonly [step: number, value: number | null])[];
}

/** The longest curve that is told at once. */
const mostReports = 10_000;

const counted = (trials: number): string => `${trials} ${trials === 1 ? 'trial' : 'trials'}`;

/** How the values of a study follow from its reports, and the results of its trials. */
export interface Results {
  use: 'last' | 'best';
  steps: number;
  outcomes: ImportedTrial['outcome'][];
  notes: string[];
}

/**
 * What the trials of a study reported, as its learning curves: reports are counted from 1 on. A value that its reports do not give is told
 * after them, as a result is here.
 */
export function resultsOf(trials: readonly Reported[], goal: 'minimize' | 'maximize'): Results {
  const curves = trials.map(({ reports }) => (reports.length < mostReports ? reports.map(([, value]) => value) : []));
  const best = (curve: readonly (number | null)[]): number =>
    Math[goal === 'maximize' ? 'max' : 'min'](...curve.flatMap((each) => each ?? []));
  const isLast = curves.map((curve, at) => curve.length === 0 || curve.at(-1) === trials[at]!.value);
  const isBest = curves.map((curve, at) => curve.length === 0 || best(curve) === trials[at]!.value);
  const use = isBest.every(Boolean) && !isLast.every(Boolean) ? 'best' : 'last';
  const outcomes = curves.map((curve, at): ImportedTrial['outcome'] => {
    const { value } = trials[at]!;
    if (curve.length === 0) return { value };
    return { curve: use === 'best' || isLast[at] ? curve : [...curve, value] };
  });
  const told = use === 'last' ? isLast.filter((each) => !each).length : 0;
  const long = trials.length - trials.filter(({ reports }) => reports.length < mostReports).length;
  const isCounted = trials.every(({ reports }) => reports.every(([step], at) => step === reports[0]![0] + at));
  return {
    ...{ use, outcomes, steps: Math.max(1, ...outcomes.map((each) => ('curve' in each ? each.curve.length : 1))) },
    notes: [
      ...(isCounted ? [] : ['reports are counted from 1 on, whatever steps they have']),
      ...(told > 0 ? [`the value of ${counted(told)} is none of their reports, and follows the last of them`] : []),
      ...(long > 0
        ? [`the reports of ${counted(long)} are left out: there are more than ${mostReports - 1} of each`]
        : []),
    ],
  };
}
