import { jsonLines, type Generated } from './generated';

/** Number of symbols to remember. */
const remembered = 10;

/**
 * The copy task: ten symbols, a long silence, and the same ten again (Hochreiter & Schmidhuber 1997; in the form of Arjovsky et al.
 * 2016). `steps` is the length of the whole sequence. Without memory, each is guessed among 8 symbols.
 */
export const copyMemory: Generated = {
  name: 'copy-memory',
  kind: 'labelled',
  description: 'Ten symbols, to be repeated after a silence (tagging)',
  steps: 60,
  leastSteps: 3,
  sequences: 5000,
  original: {
    fingerprint: '877f4661dc34e8b9bb3a98cfd0009e619a6a41c278b10890e1e21211bd56851b',
    bytes: 2_509_999,
  },
  text: ({ steps, sequences }) =>
    jsonLines(sequences, (uniform) => {
      const count = Math.min(remembered, Math.floor((steps - 1) / 2));
      const symbols = Array.from({ length: count }, (_, index) => String(1 + Math.floor(uniform(index) * 8)));
      const silence = (length: number): string[] => new Array<string>(length).fill('0');
      return {
        tokens: [...symbols, ...silence(steps - 2 * count - 1), '9', ...silence(count)],
        tags: [...silence(steps - count), ...symbols],
      };
    }),
};
