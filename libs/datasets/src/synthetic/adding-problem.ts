import { jsonLines, short, type Generated } from './generated';

/**
 * The adding problem: the sum of two marked numbers among many, one in each half (Hochreiter & Schmidhuber 1997, section 5.4, in the
 * form of Le et al. 2015). Always answering 1 gives a mean squared error of 0.1667.
 */
export const addingProblem: Generated = {
  name: 'adding-problem',
  kind: 'labelled',
  description: 'Sum of two marked numbers among many (regression)',
  steps: 100,
  leastSteps: 2,
  sequences: 10_000,
  original: {
    fingerprint: 'c8b4c7497e60a81a5ad913c84e92bfe3991b7c06efdb01efa862fc70a03f2a41',
    bytes: 11_177_535,
  },
  text: ({ steps, sequences }) =>
    jsonLines(sequences, (uniform) => {
      const half = Math.floor(steps / 2);
      const marks = [Math.floor(uniform(0) * half), half + Math.floor(uniform(1) * (steps - half))];
      const values = Array.from({ length: steps }, (_, step) => short(uniform(2 + step)));
      return {
        frames: values.map((value, step) => [value, marks.includes(step) ? 1 : 0]),
        target: short(marks.reduce((sum, mark) => sum + values[mark]!, 0)),
      };
    }),
};
