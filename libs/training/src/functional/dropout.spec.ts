import { everyFastEngine, type Way } from '../testing/for-each-engine';
import { tf } from '../tensor/tfjs';
import { dropoutMask, type LaneMask, type MaskShape } from './dropout';

const shape = { rows: 50, blocks: 2, width: 40 };
const lane = { seed: 3, update: 7, rate: 0.25 };

const drawMask = (lanes: readonly LaneMask[], place = 'here', of: MaskShape = shape): Float32Array =>
  tf.tidy(() => dropoutMask(lanes, place, of)!.dataSync() as Float32Array);

describe('a mask of dropout', () => {
  beforeAll(() => everyFastEngine[0]!.open());

  it('drops its fraction, and scales the rest so that the mean stays the same', () => {
    const values = drawMask([lane], 'here', { rows: 500, blocks: 1, width: 100 });
    expect(new Set(values)).toEqual(new Set([0, Math.fround(1 / 0.75)]));
    expect(values.reduce((sum, value) => sum + value, 0) / values.length).toBeCloseTo(1, 2);
  });

  it('is the same alone and among other lanes, for any padding and number of rows', () => {
    const alone = drawMask([lane]);
    const among = drawMask([{ ...lane, seed: 9, rate: 0.5 }, lane, { ...lane, rate: 0.9 }]);
    expect(among.slice(alone.length, 2 * alone.length)).toEqual(alone);
    const wide = drawMask([lane], 'here', { rows: 60, blocks: 2, width: 64 });
    const logical = wide.filter((_, at) => at % 64 < 40).slice(0, alone.length);
    expect(logical).toEqual(alone);
  });

  it('differs by seed, by update, by place, by row and by block', () => {
    const all = [
      drawMask([lane]),
      drawMask([{ ...lane, seed: 4 }]),
      drawMask([{ ...lane, update: 8 }]),
      drawMask([lane], 'there'),
    ];
    expect(new Set(all.map(String)).size).toBe(all.length);
    const parts = Array.from({ length: 100 }, (_, part) => String(all[0]!.slice(40 * part, 40 * (part + 1))));
    expect(new Set(parts).size).toBe(100);
  });

  it('is undefined if no lane drops anything', () => {
    expect(dropoutMask([{ ...lane, rate: 0 }], 'here', shape)).toBeUndefined();
  });
});

describe('masks of dropout', () => {
  const drawn = async (way: Way, of: MaskShape): Promise<Float32Array> => {
    await way.open();
    return drawMask(
      [lane, { seed: 2 ** 32 - 1, update: 70_000, rate: 0.999 }, { seed: 0, update: 1, rate: 0 }],
      'here',
      of,
    );
  };

  // Of these engines wasm alone has no kernel for it.
  it.each(everyFastEngine.filter(({ name }) => name !== 'wasm'))('are the same numbers on $label', async (way) => {
    const plain = everyFastEngine.find(({ name }) => name === 'wasm')!;
    for (const width of [1, 7, 16, 40, 8191])
      for (const blocks of [1, 2]) {
        const of = { rows: 3, blocks, width };
        expect(await drawn(way, of)).toEqual(await drawn(plain, of));
      }
  });
});
