import fc from 'fast-check';
import { hiddenBucket } from './hidden-bucket';

describe('the bucket of a hidden size', () => {
  it('is 32, then the next multiple of 8 up to 64, of 32 up to 256, and then of 128', () => {
    expect([1, 32, 33, 40, 41, 64].map(hiddenBucket)).toEqual([32, 32, 40, 40, 48, 64]);
    expect([65, 256, 257, 384, 385].map(hiddenBucket)).toEqual([96, 256, 384, 384, 512]);
  });

  it('is at least the size, is its own bucket, and grows with the size', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 8191 }), (size) => {
        const bucket = hiddenBucket(size);
        expect(bucket).toBeGreaterThanOrEqual(size);
        expect(hiddenBucket(bucket)).toBe(bucket);
        expect(hiddenBucket(size + 1)).toBeGreaterThanOrEqual(bucket);
      }),
    );
  });
});
