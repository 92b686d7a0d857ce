import { jsonLines, type Generated } from './generated';

const distractors = ['a', 'b', 'c', 'd'];

/**
 * The order of two letters X or Y, far apart among others (Hochreiter & Schmidhuber 1997, section 5.6, task 6a: one in the second
 * tenth, one in the sixth). Four classes.
 */
export const temporalOrder: Generated = {
  name: 'temporal-order',
  kind: 'labelled',
  description: 'Order of two letters far apart among others (classification)',
  steps: 60,
  leastSteps: 6,
  sequences: 5000,
  original: {
    fingerprint: '4f2a7da1d148378f990fdf213cda045ef2b8be5d24a8570e5b5853af3081ad8d',
    bytes: 1_329_999,
  },
  text: ({ steps, sequences }) =>
    jsonLines(sequences, (uniform) => {
      const tenth = Math.max(1, Math.floor(steps / 10));
      const places = [tenth, 5 * tenth].map((from, index) =>
        Math.min(steps - 1, from + Math.floor(uniform(index) * tenth)),
      );
      const letters = [2, 3].map((index) => (uniform(index) < 0.5 ? 'X' : 'Y'));
      const tokens = Array.from({ length: steps }, (_, step) => {
        const place = places.indexOf(step);
        return place >= 0 ? letters[place]! : distractors[Math.floor(uniform(4 + step) * distractors.length)]!;
      });
      return { tokens, label: letters.join('') };
    }),
};
