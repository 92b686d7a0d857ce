import { jsonLines, type Generated } from './generated';

/**
 * Where each place of Reber's grammar leads, with the letter that is written on the way (Reber 1967). Of each pair the first way leads on
 * or round within the grammar, and from places 3 and 4 the second one to its end.
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
/** Letters around the inner string that are read: B and T or P before it. */
const outer = 2;

/**
 * Strings of the embedded Reber grammar (Fahlman 1991; Hochreiter & Schmidhuber 1997, section 5.1): B, then T or P, then a string B...E of
 * Reber's grammar, then the same T or P again, and E. That second-to-last letter is the one that needs memory, and it is the class: the
 * network reads all before it. `steps` is the least length; the inner string goes on until then, so that the memory has to last.
 */
export const embeddedReber: Generated = {
  name: 'embedded-reber',
  kind: 'labelled',
  description: 'Which of two letters began a string of a grammar, at its end (classification)',
  steps: 10,
  leastSteps: 7,
  sequences: 5000,
  text: ({ steps, sequences }) =>
    jsonLines(sequences, (uniform) => {
      const label = uniform(0) < 0.5 ? 'T' : 'P';
      const inner = ['B'];
      let place = 0;
      for (let draw = 1; place !== end; draw++) {
        const [around, on] = ways[place]!;
        // The end is near: with its last letter and E the string would be too short.
        const isEarly = on![1] === end && outer + inner.length + 2 < steps;
        const [letter, next] = isEarly || uniform(draw) < 0.5 ? around! : on!;
        inner.push(letter);
        place = next;
      }
      return { tokens: ['B', label, ...inner, 'E'], label };
    }),
};
