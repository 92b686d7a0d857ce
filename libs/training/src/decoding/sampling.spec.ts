import { everyEngine } from '../testing/for-each-engine';
import { tf } from '../tensor/tfjs';
import { drawLine, sampleText } from './sampling';
import type { LanePosition } from '../batches/lane-position';

const at = (seed: number, update = 1) => ({ seed, update }) as LanePosition;
const vocabulary = ['a', 'b', 'c', '\n'];
/** softmax(logits / 0.7) is 0.1, 0.2, 0.7, 0. */
const logits = [0.1, 0.2, 0.7].map((chance) => 0.7 * Math.log(chance)).concat(-100);

const write = (positions: readonly LanePosition[], length: number, shown = logits) =>
  sampleText({
    ...{ vocabulary, tokens: 'character', positions, length },
    start: () => [],
    step: () => ({ logits: tf.tile(tf.tensor3d(shown, [1, 1, 4]), [positions.length, 1, 1]), states: [] }),
  });

describe.each(everyEngine)('a line that a network writes on $label', ({ open }) => {
  beforeAll(() => open());

  it('draws tokens as often as the softmax at the temperature says', async () => {
    const [line] = await write([at(1)], 4000);
    const share = (token: string) => line!.split(token).length / 4000;
    expect(share('a')).toBeCloseTo(0.1, 1.5);
    expect(share('b')).toBeCloseTo(0.2, 1.5);
    expect(share('c')).toBeCloseTo(0.7, 1.5);
    expect(line).not.toContain('\n');
  });

  it('is the same again, whatever lanes are beside it, and another one with another seed or at another update', async () => {
    const [alone] = await write([at(5)], 60);
    const [, among, otherSeed, otherUpdate] = await write([at(9), at(5), at(6), at(5, 2)], 60);
    expect(among).toBe(alone);
    expect(new Set([alone, otherSeed, otherUpdate]).size).toBe(3);
  });

  it('is the line of one lane that is drawn from plain numbers', async () => {
    const [line] = await write([at(5, 3)], 60);
    expect(drawLine({ vocabulary, tokens: 'character' }, at(5, 3), 60, () => Float32Array.from(logits))).toBe(line);
  });

  it('is a line of known tokens where the logits are not finite', async () => {
    const [line] = await write([at(1)], 8, [Number.NaN, 0, 0, 0]);
    expect([...line!].every((token) => vocabulary.includes(token))).toBe(true);
  });
});
