import { withNoise } from './augmentation';
import { plainPosition } from './lane-position';

const [batch, steps, width] = [3, 7, 2];

describe('jitter', () => {
  it.each([[[7, 3, 5]], [[7, 7, 7]]])('draws its own noise for every number of sequences of %j steps', (lengths) => {
    const position = { ...plainPosition, augmentation: { ...plainPosition.augmentation, jitter: 0.5 } };
    const noise = withNoise(new Float32Array(steps * batch * width), [{ ...position, seed: 3, update: 4 }], {
      ...{ batch, width },
      lengths: Int32Array.from(lengths),
    });
    const drawn = noise.filter((value) => value !== 0);
    expect(drawn).toHaveLength(lengths.reduce((sum, length) => sum + length * width, 0));
    expect(new Set(drawn).size).toBe(drawn.length);
  });
});
