import { lines, type Generated } from './generated';

const letters = Array.from('abcdefghij');

/**
 * Letters at random, to be written again from the last to the first (after Sutskever, Vinyals & Le 2014, who found that the order matters).
 * `steps` is the greatest length; half of it is the least. Read by characters.
 */
export const reversal: Generated = {
  name: 'reversal',
  kind: 'pairs',
  description: 'Letters, to be written backwards (sequence-to-sequence)',
  steps: 12,
  sequences: 5000,
  text: ({ steps, sequences }) =>
    lines(sequences, (uniform) => {
      const least = Math.ceil(steps / 2);
      const length = least + Math.floor(uniform(0) * (steps - least + 1));
      const text = Array.from({ length }, (_, step) => letters[Math.floor(uniform(1 + step) * letters.length)]!);
      return `${text.join('')}\t${text.toReversed().join('')}`;
    }),
};
