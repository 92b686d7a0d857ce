import { lines, type Generated } from './generated';

const letters = Array.from('abcdefghij');

/**
 * Random letters, to be reversed (after Sutskever, Vinyals & Le 2014, who found that order matters). `steps` is the maximum length and
 * half of it the minimum. Tokenized by character.
 */
export const reversal: Generated = {
  name: 'reversal',
  kind: 'pairs',
  description: 'Letters, to be reversed (sequence-to-sequence)',
  steps: 12,
  sequences: 5000,
  original: {
    fingerprint: '642a9baf6c5ee4be256c59d4c20faaebb23661e4efd782cdd7e4cbca2f949339',
    bytes: 99_863,
  },
  text: ({ steps, sequences }) =>
    lines(sequences, (uniform) => {
      const least = Math.ceil(steps / 2);
      const length = least + Math.floor(uniform(0) * (steps - least + 1));
      const text = Array.from({ length }, (_, step) => letters[Math.floor(uniform(1 + step) * letters.length)]!);
      return `${text.join('')}\t${text.toReversed().join('')}`;
    }),
};
