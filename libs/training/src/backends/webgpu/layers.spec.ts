import { grid } from '@unroll/kernels';
import { causalAttention } from '../../functional/attention';
import { layerNorm, layerNormBeside } from '../../functional/layer-norm';
import { linear, linearTanh, perceptron } from '../../functional/linear';
import { childSumLstm } from '../../nn/cells/child-sum-lstm';
import { attend } from '../../nn/decoder-attention';
import { rearranged } from '../../tensor/rearranged';
import { tf, type Tensor } from '../../tensor/tfjs';
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

  it.each(
    someOf([
      { kind: 'additive', lanes: 2, batch: 3, queries: 4, source: 5, units: 6, width: 7, masked: true },
      { kind: 'additive', lanes: 1, batch: 1, queries: 66, source: 70, units: 3, width: 65, masked: false },
      { kind: 'general', lanes: 2, batch: 2, queries: 3, source: 67, units: 68, width: 5, masked: true },
      { kind: 'general', lanes: 1, batch: 2, queries: 70, source: 2, units: 8, width: 8, masked: false },
    ] as const),
  )('attention to other sequences equals plain operations: %j', async ({ kind, lanes, batch, ...sizes }) => {
    const { queries, source, units, width, masked } = sizes;
    // Of the first sequence, no step counts.
    const counts = Uint8Array.from({ length: lanes * batch * source }, (_, at) =>
      Number(at >= source && (at * 7) % 5 > 1),
    );
    const given = (): Tensor[] => [
      ...[wave([lanes, batch * queries, units], 0.2), wave([lanes * batch, source, units], 0.4)],
      ...[wave([lanes * batch, source, width], 0.7), wave([lanes, width + units, units], 0.3)],
      ...(kind === 'additive'
        ? [wave([lanes, units, units], 0.1), wave([lanes, 1, units], 0.6), wave([lanes, units, 1], 0.9)]
        : []),
    ];
    await expectAsOnProcessor(given, ([states, keys, values, join, weight, bias, score]) => {
      const named: Record<string, Tensor | undefined> = {
        ...{ 'join.weight': join, 'query.weight': weight, 'query.bias': bias, 'score.weight': score },
      };
      const valid = masked ? tf.tensor3d(counts, [lanes * batch, 1, source], 'bool') : undefined;
      const memory = { kind, lanes, keys: keys!, values: values!, valid };
      return [attend((name) => named[name.slice('attention.'.length)]!, memory, states!).seen];
    });
  });

  it.each(
    someOf([
      { lanes: 2, nodes: 3, arity: 2, hidden: 5 },
      { lanes: 1, nodes: 1, arity: 3, hidden: 70 },
    ]),
  )('nodes of trees equal plain operations: %j', async ({ lanes, nodes, arity, hidden }) => {
    const given = (): Tensor[] => [
      ...[wave([lanes, 4, 6], 0.2), wave([lanes, nodes * arity, 2 * hidden], 0.5), wave([lanes, 6, 3 * hidden], 0.1)],
      ...[wave([lanes, hidden, 3 * hidden], 0.4, 0.3), wave([lanes, hidden, hidden], 0.8, 0.3)],
      ...[wave([lanes, 1, 3 * hidden], 0.3), wave([lanes, 1, hidden], 0.6)],
    ];
    const to = Int32Array.from({ length: lanes * 4 }, (_, at) => [2, -1, 0, 1][at % 4]!);
    const from = Int32Array.from({ length: lanes * 3 }, (_, at) => [2, 3, 0][at % 3]!);
    await expectAsOnProcessor(given, ([words, children, input, sum, forget, bias, forgetBias]) => {
      const weights = { input: input!, sum: sum!, forget: forget!, bias: bias!, forgetBias: forgetBias! };
      const first = childSumLstm.leaves(words!, weights);
      return [first, rearranged(first, { from, to }), childSumLstm.inner(children!, arity, weights)];
    });
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
});
