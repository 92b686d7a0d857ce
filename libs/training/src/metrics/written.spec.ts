import { writtenTallies } from './written';

describe('what is written', () => {
  it('is right where it is the same, and never where the right word is outside the vocabulary', () => {
    const vocabulary = ['<start>', '<end>', '<unknown>', 'go', 'up'];
    // "go up", "go <unknown>" and "<unknown>", each with its end.
    const right = {
      kind: 'tokens',
      offsets: Int32Array.of(0, 3, 6, 8),
      ids: Uint16Array.of(3, 4, 1, 3, 2, 1, 2, 1),
    } as const;
    const { add, metrics } = writtenTallies(right, { vocabulary, tokens: 'word' })();
    add(8, Int32Array.of(2, 0), [[2], [3, 4]]);
    add(8, Int32Array.of(1), [[3, 2]]);
    expect(metrics()).toMatchObject({ loss: 2, accuracy: 1 / 3, editDistance: 2 / 5 });
  });
});
