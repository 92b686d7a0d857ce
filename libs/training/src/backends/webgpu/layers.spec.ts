import { grid } from '@unroll/kernels';
import { trialSpec } from '@unroll/contracts';
import { prepare } from '@unroll/datasets';
import { causalAttention } from '../../functional/attention';
import { layerNorm, layerNormBeside } from '../../functional/layer-norm';
import { linear, linearTanh, perceptron } from '../../functional/linear';
import { train } from '../../loop/train';
import { backendAs, tf, type Tensor } from '../../tensor/tfjs';
import { someOf } from '../../testing/some-of';
import { describeGpu, reason, relative, wave } from '../../testing/webgpu.fixture';
import { openEngine } from '../open-engine';

/** The results of a function and its gradients by all inputs, the results weighted. */
async function computedOn(
  engine: 'webgpu' | 'wasm',
  inputs: () => Tensor[],
  compute: (given: readonly Tensor[]) => Tensor[],
): Promise<Float32Array[]> {
  await openEngine(engine);
  const results = tf.tidy(() => {
    const given = inputs();
    const gradients = tf.grads((...read: Tensor[]) =>
      tf.addN(compute(read).map((each, index) => tf.sum(tf.mul(each, wave(each.shape, 0.3 + index))))),
    )(given);
    return [...compute(given), ...gradients];
  });
  const values = await Promise.all(results.map(async (each) => (await each.data()) as Float32Array));
  tf.dispose(results);
  return values;
}

async function expectAsOnProcessor(
  inputs: () => Tensor[],
  compute: (given: readonly Tensor[]) => Tensor[],
): Promise<void> {
  const [ours, theirs] = [await computedOn('webgpu', inputs, compute), await computedOn('wasm', inputs, compute)];
  ours.forEach((values, index) => expect(relative(values, theirs[index]!)).toBeLessThan(2e-5));
}

describeGpu(`layers in WGSL${reason}`, () => {
  it.each(
    someOf([
      [2, 3, 5, 7],
      [1, 70, 33, 130],
      [1, 4100, 3, 2],
    ]),
  )('linear ones equal plain operations: %j lanes, %j rows, %j × %j', async (lanes, rows, inputs, outputs) => {
    const given = (): Tensor[] => [
      ...[wave([lanes, rows, inputs], 0.2), wave([lanes, inputs, outputs], 0.4)],
      ...[wave([lanes, 1, outputs], 0.7), wave([lanes, rows, outputs], 0.9)],
    ];
    await expectAsOnProcessor(given, ([x, weight, bias, added]) => [
      linear(x!, weight!, bias!),
      linear(x!, weight!, bias!, added),
      linearTanh(x!, weight!, bias!),
    ]);
  });

  it.each(someOf([8, 600]))('perceptrons of %j units between equal plain operations', async (between) => {
    const given = (): Tensor[] => [
      ...[wave([2, 9, 12], 0.2), wave([2, 12, between], 0.4), wave([2, 1, between], 0.7)],
      ...[wave([2, between, 12], 0.1), wave([2, 1, 12], 0.5), wave([2, 9, 12], 0.6)],
    ];
    await expectAsOnProcessor(given, ([x, weight, bias, after, biasAfter, added]) => [
      perceptron(x!, { weight: weight!, bias: bias! }, { weight: after!, bias: biasAfter! }, added),
    ]);
  });

  it.each(
    someOf([
      [2, 3, 5],
      [1, 70, 130],
    ]),
  )('normalisations equal plain operations: %j lanes, %j rows, %j numbers', async (lanes, rows, width) => {
    const given = (): Tensor[] => [
      wave([lanes, rows, width], 0.2),
      wave([lanes, 1, width], 0.4),
      wave([lanes, 1, width], 0.7),
    ];
    await expectAsOnProcessor(given, ([x, gain, shift]) => [
      layerNorm(x!, gain!),
      layerNorm(x!, gain!, shift),
      ...layerNormBeside(x!, gain!, shift!),
    ]);
  });

  it.each(
    someOf([
      { lanes: 2, steps: 5, batch: 3, heads: 2, size: 3, masked: true },
      { lanes: 1, steps: 130, batch: 1, heads: 1, size: 8, masked: true },
      { lanes: 1, steps: 66, batch: 2, heads: 1, size: 5, masked: false },
      { lanes: 1, steps: 3, batch: 1, heads: 1, size: 260, masked: false },
    ]),
  )('attention equals plain operations: %j', async ({ lanes, steps, batch, heads, size, masked }) => {
    const counts = Uint8Array.from({ length: lanes * steps * batch }, (_, at) => Number((at * 7) % 5 > 1));
    const valid = (): Tensor | undefined => (masked ? tf.tensor3d(counts, [lanes, steps, batch], 'bool') : undefined);
    await expectAsOnProcessor(
      () => [wave([lanes, steps, batch, 3 * heads * size], 0.2)],
      ([three]) => [causalAttention(three!, heads, valid())],
    );
  });

  it('give a lane the same bits alone as among others', async () => {
    await openEngine('webgpu');
    const [rows, hidden] = [40, 24];
    const all = [
      wave([3, rows, hidden], 0.2),
      wave([3, 1, hidden], 0.4),
      wave([3, hidden, 3 * hidden], 0.1),
      wave([3, 1, 3 * hidden], 0.3),
    ];
    const run = (given: readonly Tensor[]): Tensor[] => {
      const loss = ([x, gain, weight, bias]: readonly Tensor[]): Tensor => {
        const three = linear(layerNorm(x!, gain!), weight!, bias!);
        const lanes = x!.shape[0];
        return causalAttention(tf.reshape(three, [lanes, rows / 2, 2, 3 * hidden]), 3, undefined);
      };
      return tf.grads((...read: Tensor[]) => tf.sum(tf.square(loss(read))))([...given]);
    };
    const values = (tensors: Tensor[]) => Promise.all(tensors.map(async (each) => (await each.data()) as Float32Array));
    const together = await values(run(all));
    const alone = await values(run(all.map((each) => tf.slice(each, [1, 0, 0], [1, -1, -1]))));
    alone.forEach((own, index) => expect(together[index]!.slice(own.length, 2 * own.length)).toEqual(own));
    tf.dispose(all);
  });

  it('are dispatched in rows that every device supports, however many workgroups there are', () => {
    expect(grid([70, 3])).toEqual({ dispatched: [210, 1], numbers: [70, 210] });
    const { dispatched, numbers } = grid([70_000, 3]);
    expect([dispatched, numbers]).toEqual([
      [65_535, 4],
      [70_000, 210_000],
    ]);
    expect(grid([0, 1]).dispatched).toEqual([1, 0]);
  });

  it.each(
    someOf([
      ['transformer', 1, 40],
      ['transformer', 2, 56],
      ['lstm', 1, 24],
      ['slstm', 1, 40],
      ['lru', 1, 40],
      ['rg-lru', 1, 40],
      ['selective-ssm', 1, 40],
      ['mlstm', 1, 40],
    ]),
  )('are few: an update of a %s of %j layers takes %j dispatches at most', async (cell, layers, most) => {
    const engine = await openEngine('webgpu');
    const spec = trialSpec.parse({
      dataset: { name: 'a' },
      task: 'language-model',
      model: { cell, hiddenSize: 16, embeddingSize: 16, layers },
      training: { bptt: 8, batchSize: 4, updates: 6, reportEvery: 6, diagnostics: false },
    });
    const text = 'the quick brown fox jumps over the lazy dog, and the dog sleeps on. '.repeat(8);
    const { data } = prepare({ kind: 'text', bytes: Buffer.from(text) }, spec);
    const backend = backendAs<{ dispatchCountInPass: number }>();
    let [current, count] = [backend.dispatchCountInPass, 0];
    Object.defineProperty(backend, 'dispatchCountInPass', {
      configurable: true,
      get: () => current,
      set(value: number) {
        count += Math.max(0, value - current);
        current = value;
      },
    });
    const counts: number[] = [];
    await train([{ id: '0', spec }], data, {
      ...{ engine, sampleLength: 0, onReport: () => undefined },
      onUpdate: () => counts.push(count),
    });
    Object.defineProperty(backend, 'dispatchCountInPass', { configurable: true, writable: true, value: current });
    const each = counts.slice(1, 5).map((own, index) => own - counts[index]!);
    expect(new Set(each).size).toBe(1);
    expect(each[0]).toBeLessThanOrEqual(most);
  });
});
