import { jsonLines, type Generated } from './generated';

/**
 * The transitions of each state of the Reber grammar, with the emitted letter (Reber 1967). The first of each pair stays within the
 * grammar; the second one leads from states 3 and 4 to its end.
 */
const ways: readonly (readonly [letter: string, place: number])[][] = [
  [
    ['T', 1],
    ['P', 2],
  ],
  [
    ['S', 1],
    ['X', 3],
  ],
  [
    ['T', 2],
    ['V', 4],
  ],
  [
    ['X', 2],
    ['S', 5],
  ],
  [
    ['P', 3],
    ['V', 5],
  ],
];
const end = 5;
/** Number of letters before the inner string: B, then T or P. */
const outer = 2;

/**
 * Strings of the embedded Reber grammar (Fahlman 1991; Hochreiter & Schmidhuber 1997, section 5.1): B, then T or P, then a string
 * B...E of the Reber grammar, then the same T or P, and E. The second-to-last letter needs memory and is the class; the network reads
 * everything before it. `steps` is the minimum length, up to which the inner string continues.
 */
export const embeddedReber: Generated = {
  name: 'embedded-reber',
  kind: 'labelled',
  description: 'Which of two letters began a string of a grammar (classification)',
  steps: 10,
  leastSteps: 7,
  sequences: 5000,
  original: {
    fingerprint: '87bf975c4c7b56a6f95d960e1c82f7d89a8ead774aea5bd00a3c6639dafd27e3',
    bytes: 380_727,
  },
  text: ({ steps, sequences }) =>
    jsonLines(sequences, (uniform) => {
      const label = uniform(0) < 0.5 ? 'T' : 'P';
      const inner = ['B'];
      let place = 0;
      for (let draw = 1; place !== end; draw++) {
        const [around, on] = ways[place]!;
        // Ending here would make the string too short, even with its last letter and E.
        const isEarly = on![1] === end && outer + inner.length + 2 < steps;
        const [letter, next] = isEarly || uniform(draw) < 0.5 ? around! : on!;
        inner.push(letter);
        place = next;
      }
      return { tokens: ['B', label, ...inner, 'E'], label };
    }),
};
