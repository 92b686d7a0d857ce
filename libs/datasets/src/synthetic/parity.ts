import { jsonLines, type Generated } from './generated';

/** Whether the number of ones is odd: before the last bit, no answer is better than a guess. */
export const parity: Generated = {
  name: 'parity',
  kind: 'labelled',
  description: 'Whether the number of ones in a sequence of bits is odd (classification)',
  steps: 20,
  sequences: 5000,
  original: {
    fingerprint: 'a26979c8aa3603a5079dc6d6346c25651873a324549665272e5ba606590b09bc',
    bytes: 337_543,
  },
  text: ({ steps, sequences }) =>
    jsonLines(sequences, (uniform) => {
      const values = Array.from({ length: steps }, (_, step) => Number(uniform(step) < 0.5));
      return { values, label: values.reduce((sum, bit) => sum + bit, 0) % 2 ? 'odd' : 'even' };
    }),
};
