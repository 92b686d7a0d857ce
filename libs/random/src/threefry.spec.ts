import { threefry2x32 } from './threefry';

describe('Threefry-2x32-20', () => {
  // Known answers from the authors' implementation, Random123 (kat_vectors).
  it.each([
    [
      [0x00000000, 0x00000000],
      [0x00000000, 0x00000000],
      [0x6b200159, 0x99ba4efe],
    ],
    [
      [0xffffffff, 0xffffffff],
      [0xffffffff, 0xffffffff],
      [0x1cb996fc, 0xbb002be7],
    ],
    [
      [0x13198a2e, 0x03707344],
      [0x243f6a88, 0x85a308d3],
      [0xc4923a9c, 0x483df7a0],
    ],
  ] as [[number, number], [number, number], [number, number]][])(
    'returns the published answer for key %p and counter %p',
    (key, counter, answer) => {
      expect(threefry2x32(key, counter)).toEqual(answer);
    },
  );
});
