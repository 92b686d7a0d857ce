import { lossScaling } from '@unroll/kernels';
import { openEngine } from '../backends/open-engine';
import { hasKernel, lossScaleKernel } from '../tensor/kernels';
import { tf, type Tensor } from '../tensor/tfjs';
import { everyFastEngine } from '../testing/for-each-engine';
import { describeGpu, reason } from '../testing/webgpu.fixture';
import type { Block } from './checkpoint';
import { LossScales } from './loss-scales';

const { first, interval, most } = lossScaling;
const nothing = (lanes: number): Record<string, Block>[] => Array.from({ length: lanes }, () => ({}));

/** Scale and good updates of each lane, as a checkpoint has them. */
async function statesOf(scales: LossScales, lanes: number): Promise<number[][]> {
  const blocks = nothing(lanes);
  await scales.read(blocks);
  return blocks.map((own) => [...own['loss scale']!.values]);
}

const state = (scale: number, good: number): Record<string, Block> => ({
  'loss scale': { shape: [2], values: Float32Array.of(scale, good) },
});

const column = (...values: number[]): Tensor => tf.tensor2d(values.map((value) => [value]));

/** The norms after an update of lanes with these norms, before and after anything was added to the gradient. */
async function judged(scales: LossScales, raw: number[], norms = raw): Promise<number[]> {
  const [before, after] = [column(...raw), column(...norms)];
  const marked = scales.judge(before, after);
  const values = [...(await marked.data())];
  tf.dispose([before, after, marked]);
  return values;
}

function itScales(inKernel: boolean): void {
  it('halves where a gradient is not finite, and counts good updates otherwise, each lane its own', async () => {
    expect(hasKernel(lossScaleKernel)).toBe(inKernel);
    const scales = new LossScales(3);
    // What is added to a gradient, or clips it, hides nothing.
    expect(await judged(scales, [1, Infinity, NaN], [2, 3, 4])).toEqual([2, Infinity, NaN]);
    expect(await statesOf(scales, 3)).toEqual([
      [first, 1],
      [first / 2, 0],
      [first / 2, 0],
    ]);
    expect([...(await scales.scales.data())]).toEqual([first, first / 2, first / 2]);
    const gradient = tf.tensor2d([
      [first, -1],
      [first / 2, 0],
      [1, 1],
    ]);
    expect([...(await scales.unscale(gradient).data())]).toEqual([1, -1 / first, 1, 0, 2 / first, 2 / first]);
    scales.dispose();
  });

  it('doubles after 2,000 good updates in succession, up to a limit, and goes on where a checkpoint left it', async () => {
    const scales = new LossScales(4);
    const at = interval - 1;
    scales.restore([state(8, at), state(8, at - 1), state(most, at), undefined]);
    await judged(scales, [1, 1, 1, 1]);
    const after = [
      [16, 0],
      [8, at],
      [most, 0],
      [first, 1],
    ];
    expect(await statesOf(scales, 4)).toEqual(after);
    const rows = tf.tensor1d([2, 0], 'int32');
    scales.keep((tensor) => tf.gather(tensor, rows));
    const other = new LossScales(1);
    scales.append(other);
    expect(await statesOf(scales, 3)).toEqual([after[2], after[0], [first, 0]]);
    await judged(scales, [Infinity, 1, 1]);
    expect(await statesOf(scales, 3)).toEqual([
      [most / 2, 0],
      [16, 1],
      [first, 1],
    ]);
    rows.dispose();
    other.dispose();
    scales.dispose();
  });

  it('leaves no tensor', async () => {
    const before = tf.memory().numTensors;
    const scales = new LossScales(2);
    await judged(scales, [1, NaN]);
    scales.restore([state(8, 3), undefined]);
    scales.dispose();
    expect(tf.memory().numTensors).toBe(before);
  });
}

describe.each(everyFastEngine)('a loss scale on $label', ({ open }) => {
  beforeAll(() => open());
  itScales(false);
});

describeGpu(`a loss scale on a GPU${reason}`, () => {
  beforeAll(() => openEngine('webgpu'));
  itScales(true);
});
