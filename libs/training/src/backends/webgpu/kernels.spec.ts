import type { Precision } from '@unroll/contracts';
import { tokensInMemory, type Sequences } from '@unroll/datasets';
import { withTokenDropout, withTokenDropoutThere } from '../../batches/augmentation';
import { dropoutMask, type MaskShape } from '../../functional/dropout';
import { linear } from '../../functional/linear';
import { lookup } from '../../functional/embedding';
import { join, createLayout, split } from '../../nn/layout';
import { plainAxis } from '../../nn/parameter';
import { forgetSequences } from '../../batches/device-sequences';
import { deviceWindows } from '../../batches/device-windows';
import { padded } from '../../batches/example-batches';
import { contiguousStreams, windowArrays } from '../../batches/streams';
import { plainPosition } from '../../batches/lane-position';
import { fitsOnDevice } from '../../tensor/kernels';
import { openEngine } from '../open-engine';
import { backendAs, tf, type Tensor } from '../../tensor/tfjs';
import { someOf } from '../../testing/some-of';
import { layerOn } from '../../testing/layers.fixture';
import { describeGpu, reason, relative, wave } from '../../testing/webgpu.fixture';

const recurrentLayers = [
  { cell: 'rnn-tanh', hidden: 32, lanes: 2, steps: 5, batch: 3, reverse: false, masked: false },
  { cell: 'rnn-relu', hidden: 96, lanes: 1, steps: 3, batch: 9, reverse: true, masked: true },
  { cell: 'lstm', hidden: 32, lanes: 3, steps: 4, batch: 17, reverse: false, masked: true, probed: true },
  { cell: 'lstm', hidden: 64, lanes: 1, steps: 4, batch: 5, reverse: true, masked: false },
  { cell: 'gru', hidden: 32, lanes: 2, steps: 4, batch: 5, reverse: true, masked: true, probed: true },
  { cell: 'rnn-tanh', hidden: 64, lanes: 2, steps: 3, batch: 2, reverse: false, masked: false, probed: true },
  { cell: 'gru', hidden: 512, lanes: 1, steps: 2, batch: 3, reverse: false, masked: false },
  { cell: 'lstm', hidden: 5, lanes: 2, steps: 3, batch: 2, reverse: false, masked: false },
  { cell: 'rnn-tanh', hidden: 384, lanes: 1, steps: 2, batch: 3, reverse: false, masked: false },
  { cell: 'lstm', hidden: 32, lanes: 2, steps: 4, batch: 3, reverse: true, masked: true, dropped: true },
  { cell: 'gru', hidden: 32, lanes: 1, steps: 3, batch: 3, reverse: false, masked: false, dropped: true },
  { cell: 'peephole-lstm', hidden: 32, lanes: 2, steps: 4, batch: 5, reverse: false, masked: false },
  { cell: 'peephole-lstm', hidden: 64, lanes: 1, steps: 9, batch: 30, reverse: true, masked: true, dropped: true },
  { cell: 'slstm', hidden: 32, lanes: 2, steps: 4, batch: 5, reverse: true, masked: true, probed: true },
  { cell: 'slstm', hidden: 64, lanes: 1, steps: 9, batch: 30, reverse: false, masked: false, dropped: true },
  { cell: 'layer-norm-lstm', hidden: 32, lanes: 2, steps: 4, batch: 5, reverse: false, masked: true, probed: true },
  { cell: 'layer-norm-lstm', hidden: 96, lanes: 1, steps: 9, batch: 30, reverse: true, masked: false },
  { cell: 'layer-norm-lstm', hidden: 20, lanes: 2, steps: 3, batch: 3, reverse: true, masked: true, dropped: true },
  { cell: 'layer-norm-lstm', hidden: 300, lanes: 1, steps: 2, batch: 3, reverse: false, masked: false },
];

describeGpu(`a fused recurrent layer in WGSL${reason}`, () => {
  it.each(someOf(recurrentLayers, 4))('equals plain operations: %j', async (layer) => {
    const [ours, theirs] = [await layerOn('webgpu', layer), await layerOn('wasm', layer)];
    ours.forEach((values, index) => expect(relative(values, theirs[index]!)).toBeLessThan(1e-5));
  });
});

const halfLayers = [
  { cell: 'gru', hidden: 32, lanes: 2, steps: 4, batch: 5, reverse: true, masked: true, probed: true },
  { cell: 'lstm', hidden: 32, lanes: 2, steps: 4, batch: 3, reverse: true, masked: true, dropped: true },
  { cell: 'rnn-relu', hidden: 96, lanes: 1, steps: 3, batch: 9, reverse: false, masked: true },
  { cell: 'lstm', hidden: 384, lanes: 1, steps: 2, batch: 3, reverse: false, masked: false },
  { cell: 'peephole-lstm', hidden: 32, lanes: 2, steps: 4, batch: 5, reverse: false, masked: false },
  { cell: 'slstm', hidden: 32, lanes: 2, steps: 4, batch: 5, reverse: true, masked: true, probed: true },
  { cell: 'layer-norm-lstm', hidden: 20, lanes: 2, steps: 3, batch: 3, reverse: true, masked: true, dropped: true },
];

describeGpu(`products of float16 in WGSL${reason}`, () => {
  /** Whether this GPU has them; SwiftShader has not, and says so. */
  const isAble = async (): Promise<boolean> => (await openEngine('webgpu')).precisions!().includes('float16');
  afterAll(async () => (await openEngine('webgpu')).usePrecision!('float32'));

  it.each(someOf(halfLayers, 3))('are rounded in a recurrent layer, and nothing else is: %j', async (layer) => {
    if (!(await isAble())) return;
    const plain = await layerOn('wasm', layer);
    const half = await layerOn('webgpu', layer, 'float16');
    const errors = half.map((values, index) => relative(values, plain[index]!));
    expect(Math.max(...errors)).toBeLessThan(4e-3);
    expect(Math.max(...errors)).toBeGreaterThan(2e-5);
    expect(await layerOn('webgpu', layer, 'float16')).toEqual(half);
    (await layerOn('webgpu', layer)).forEach((values, index) =>
      expect(relative(values, plain[index]!)).toBeLessThan(1e-5),
    );
  });

  it('are those of operands that were rounded to nearest, summed up in float32', async () => {
    if (!(await isAble())) return;
    /** Of numbers that float16 has, products are exact; x + 2⁻¹² of it is rounded to x. */
    const shape = [2, 33, 70];
    const exact = Float32Array.from({ length: 2 * 33 * 70 }, (_, at) => ((at * 37) % 2048) / 1024 - 1);
    const near = exact.map((value) => value * (1 + 2 ** -13));
    const products = async (values: Float32Array, engine: 'webgpu' | 'wasm'): Promise<Float32Array[]> => {
      (await openEngine(engine)).usePrecision?.(engine === 'webgpu' ? 'float16' : 'float32');
      const results = tf.tidy(() => {
        const x = tf.tensor(values, shape);
        const weight = wave([2, 70, 20], 0.4);
        const rounded = tf.div(tf.round(tf.mul(weight, 512)), 512);
        const bias = wave([2, 1, 20], 0.7);
        const [y, of] = [linear(x, rounded, bias), (given: Tensor[]) => linear(given[0]!, given[1]!, given[2]!)];
        return [y, ...tf.grads((...given: Tensor[]) => tf.sum(of(given)))([x, rounded, bias])];
      });
      return Promise.all(results.map(async (each) => (await each.data()) as Float32Array));
    };
    const theirs = await products(exact, 'wasm');
    const ours = await products(exact, 'webgpu');
    ours.forEach((values, index) => expect(relative(values, theirs[index]!)).toBeLessThan(1e-6));
    expect(await products(near, 'webgpu')).toEqual(ours);
  });

  it('overflow to infinity, which marks a gradient as not finite', async () => {
    if (!(await isAble())) return;
    const engine = await openEngine('webgpu');
    const squares = async (precision: Precision): Promise<number[]> => {
      engine.usePrecision!(precision);
      return [...(await tf.matMul(tf.tensor([65504, 65536, 1], [1, 3, 1]), tf.ones([1, 1, 1])).data())];
    };
    expect(await squares('float32')).toEqual([65504, 65536, 1]);
    expect(await squares('float16')).toEqual([65504, Infinity, 1]);
  });
});

const unitwiseLayers = [
  { cell: 'min-gru', hidden: 33, lanes: 2, steps: 5, batch: 3, reverse: false, masked: true },
  { cell: 'min-gru', hidden: 4, lanes: 1, steps: 3, batch: 2, reverse: true, masked: false },
  { cell: 'min-lstm', hidden: 32, lanes: 1, steps: 4, batch: 5, reverse: true, masked: true },
  { cell: 'min-lstm', hidden: 7, lanes: 2, steps: 1, batch: 2, reverse: false, masked: false },
  { cell: 'rg-lru', hidden: 20, lanes: 2, steps: 5, batch: 3, reverse: true, masked: true },
  { cell: 'lru', hidden: 12, lanes: 2, steps: 5, batch: 3, reverse: false, masked: true },
  { cell: 'selective-ssm', hidden: 70, lanes: 2, steps: 5, batch: 3, reverse: false, masked: true },
  { cell: 'selective-ssm', hidden: 8, lanes: 1, steps: 4, batch: 2, reverse: true, masked: false },
  { cell: 'ind-rnn', hidden: 20, lanes: 2, steps: 6, batch: 4, reverse: false, masked: false },
  { cell: 'ind-rnn', hidden: 65, lanes: 2, steps: 4, batch: 3, reverse: true, masked: true, dropped: true },
];

describeGpu(`a layer in WGSL whose units do not see one another${reason}`, () => {
  it.each(someOf(unitwiseLayers))('equals plain operations: %j', async (layer) => {
    const [ours, theirs] = [await layerOn('webgpu', layer), await layerOn('wasm', layer)];
    ours.forEach((values, index) => expect(relative(values, theirs[index]!)).toBeLessThan(1e-5));
  });
});

const matrixLayers = [
  { cell: 'mlstm', hidden: 24, lanes: 2, steps: 5, batch: 3, reverse: true, masked: true },
  { cell: 'mlstm', hidden: 74, lanes: 1, steps: 3, batch: 2, reverse: false, masked: false },
];

describeGpu(`a layer in WGSL with a matrix for a memory${reason}`, () => {
  it.each(someOf(matrixLayers))('equals plain operations: %j', async (layer) => {
    const [ours, theirs] = [await layerOn('webgpu', layer), await layerOn('wasm', layer)];
    const sizes = theirs.map((values) => Math.sqrt(values.reduce((sum, value) => sum + value * value, 0)));
    // Gradients of gates are small differences, some 0 but for rounding: of that of the projection, after outputs and states, they are
    // part.
    ours.forEach((values, index) =>
      expect(relative(values, theirs[index]!) * sizes[index]!).toBeLessThan(1e-5 * Math.max(sizes[index]!, sizes[4]!)),
    );
  });
});

describeGpu(`data on a GPU${reason}`, () => {
  const readValues = async (tensor: Tensor): Promise<number[]> => [...(await tensor.data())];

  it.each([
    { lanes: 3, rows: 7, width: 5, count: 150 },
    { lanes: 1, rows: 2, width: 130, count: 64 },
    { lanes: 2, rows: 40, width: 64, count: 3 },
  ])('is summed by row as on the processor: %j', async ({ lanes, rows, width, count }) => {
    const gradientOn = async (engine: 'webgpu' | 'wasm' | 'cpu'): Promise<Float32Array> => {
      await openEngine(engine);
      const ids = Int32Array.from({ length: lanes * count }, (_, at) => (at * at + 3 * at) % rows);
      const gradient = tf.tidy(() =>
        tf.grad((table: Tensor) => {
          const taken = lookup(table, tf.tensor2d(ids, [lanes, count], 'int32'));
          return tf.sum(tf.mul(taken, wave(taken.shape, 0.4)));
        })(tf.ones([lanes, rows, width])),
      );
      return (await gradient.data()) as Float32Array;
    };
    expect(relative(await gradientOn('webgpu'), await gradientOn('cpu'))).toBeLessThan(1e-6);
  });

  it('is what fits into one buffer of the device', async () => {
    await openEngine('webgpu');
    const { device } = backendAs<{ device: { limits: Record<string, number> } }>();
    const { maxStorageBufferBindingSize, maxBufferSize } = device.limits;
    const most = Math.min(2 ** 28, maxStorageBufferBindingSize!, maxBufferSize!) / 4;
    expect([fitsOnDevice(most), fitsOnDevice(most + 1)]).toEqual([true, false]);
    await openEngine('cpu');
    expect(fitsOnDevice(2 ** 26)).toBe(true);
  });

  it('is cut into the windows that the processor cuts', async () => {
    await openEngine('webgpu');
    const streams = contiguousStreams(tokensInMemory(Uint16Array.from({ length: 300 }, (_, at) => at)), 6);
    for (const window of [
      { scored: 5, context: 0 },
      { scored: 3, context: 6 },
    ]) {
      const windows = deviceWindows(streams, window)!;
      const found = windows.at([3, 5, 4])!;
      const { ids, classes } = windowArrays(streams, window, [3, 5, 4]);
      expect(await readValues(found.ids)).toEqual([...ids]);
      expect(await readValues(found.classes)).toEqual([...classes]);
      expect([found.ids.shape, found.classes.shape]).toEqual([
        [3, window.scored + window.context, 6],
        [3, window.scored * 6],
      ]);
      // The first has nothing before it, the last reaches past the end of the shorter streams.
      expect(window.context > 0 ? windows.at([0]) : undefined).toBeUndefined();
      expect(windows.at([Math.ceil(50 / window.scored) - 1])).toBeUndefined();
      windows.dispose();
    }
  });
});

describeGpu(`a product on a GPU${reason}`, () => {
  type Shape = readonly [lanes: number, m: number, n: number, k: number];
  const readValues = async (compute: () => Tensor): Promise<Float32Array> =>
    (await tf.tidy(compute).data()) as Float32Array;
  const operands = ([lanes, m, n, k]: Shape, transposeA: boolean, transposeB: boolean, lanesA = lanes) =>
    [
      wave([lanesA, ...(transposeA ? [k, m] : [m, k])], 0.4),
      wave([lanes, ...(transposeB ? [n, k] : [k, n])], 1.1),
    ] as const;

  type Turned = readonly [transposeA: boolean, transposeB: boolean];
  const everyTurn: Turned[] = [false, true].flatMap((a) => [false, true].map((b): Turned => [a, b]));
  // A tile reads each operand by code of its own, for either number of values of a thread and either direction.
  const orEvery = (turns: Turned[]): Turned[] => (process.env.UNROLL_TEST_ALL ? everyTurn : turns);
  const ofTallTiles = orEvery(everyTurn.filter(([a, b]) => a === b));
  // Recurrent layers have wide tiles of a turned first operand.
  const ofWideTiles = orEvery([[false, true]]);

  it.each<[string, Shape, Turned[]]>([
    ['a tile and a half', [2, 96, 65, 40], everyTurn],
    ['single numbers', [3, 1, 1, 1], everyTurn],
    ['a long sum in parts', [2, 33, 20, 530], ofTallTiles],
    ['a row', [1, 1, 130, 17], ofWideTiles],
  ])('equals that on the processor, transposed or not: %s', async (_, shape, turns) => {
    for (const [transposeA, transposeB] of turns)
      for (const lanesA of new Set([1, shape[0]])) {
        const on = async (engine: 'webgpu' | 'wasm' | 'cpu'): Promise<Float32Array> => {
          await openEngine(engine);
          return readValues(() =>
            tf.matMul(...operands(shape, transposeA, transposeB, lanesA), transposeA, transposeB),
          );
        };
        expect(relative(await on('webgpu'), await on('wasm'))).toBeLessThan(5e-6);
      }
  });

  it.each(someOf([40, 530]))('adds a bias to the sum of %j products', async (k) => {
    const on = async (engine: 'webgpu' | 'wasm' | 'cpu'): Promise<Float32Array> => {
      await openEngine(engine);
      return readValues(() => linear(...operands([2, 20, 20, k], false, false), wave([2, 1, 20], 0.2)));
    };
    expect(relative(await on('webgpu'), await on('wasm'))).toBeLessThan(1e-6);
  });

  it.each([
    [2, 1, 3],
    [3, 700, 70],
    [1, 256, 64],
  ])('is summed over rows as on the processor: %j, %j, %j', async (...shape) => {
    const on = async (engine: 'webgpu' | 'wasm' | 'cpu'): Promise<number[][]> => {
      await openEngine(engine);
      const x = wave(shape, 0.3);
      const sums = [tf.sum(x, 1), tf.sum(x, 1, true), tf.sum(x, -2)];
      return Promise.all(sums.map(async (sum) => [...sum.shape, ...(await sum.data())]));
    };
    const [ours, theirs] = [await on('webgpu'), await on('wasm')];
    ours.forEach((sum, index) => expect(relative(sum, theirs[index]!)).toBeLessThan(1e-6));
  });

  it('reads whole numbers and truth values that were cast to floats', async () => {
    const on = async (engine: 'webgpu' | 'cpu'): Promise<number[]> => {
      await openEngine(engine);
      const products = tf.tidy(() =>
        (['int32', 'bool'] as const).map((type) => {
          const whole = tf.tensor([0, 1, 1, 0, 1, 0], [1, 3, 2], type);
          return tf.matMul(wave([1, 4, 3], 0.4), tf.cast(whole, 'float32'));
        }),
      );
      const values = await Promise.all(products.map((product) => product.data()));
      tf.dispose(products);
      return values.flatMap((each) => [...each]);
    };
    expect(relative(await on('webgpu'), await on('cpu'))).toBeLessThan(1e-6);
  });

  it('has the same bits in one lane as in many, and each time', async () => {
    await openEngine('webgpu');
    const [a, b] = operands([4, 20, 70, 530], true, false);
    const all = await readValues(() => tf.matMul(a, b, true, false));
    const one = await readValues(() =>
      tf.matMul(tf.slice(a, [3, 0, 0], [1, -1, -1]), tf.slice(b, [3, 0, 0], [1, -1, -1]), true, false),
    );
    expect(one).toEqual(all.slice(3 * 1400, 4 * 1400));
    expect(await readValues(() => tf.matMul(a, b, true, false))).toEqual(all);
    tf.dispose([a, b]);
  });
});

describeGpu(`a lane’s vector on a GPU${reason}`, () => {
  it.each([1, 5, 40])('is split into %j matrices and joined again', async (count) => {
    await openEngine('webgpu');
    const parameters = Array.from({ length: count }, (_, index) => ({
      name: `weight ${index}`,
      axes: [plainAxis(1 + (index % 3)), plainAxis(200 + 31 * index)] as const,
      transposed: false,
      start: 'normal' as const,
    }));
    const layout = createLayout(parameters);
    const flat = wave([3, layout.length], 0.6);
    const parts = split(flat, layout);
    const [values, all] = [await flat.data(), await Promise.all(parts.map((part) => part.data()))];
    layout.offsets.forEach((offset, index) => {
      const [rows, columns] = layout.shapes[index]!;
      expect(parts[index]!.shape).toEqual([3, rows, columns]);
      const own = [0, 1, 2].flatMap((lane) => [
        ...values.slice(lane * layout.length + offset, lane * layout.length + offset + rows * columns),
      ]);
      expect([...all[index]!]).toEqual(own);
    });
    const used = layout.shapes.reduce((sum, [rows, columns]) => sum + rows * columns, 0);
    const again = await join(parts, layout).data();
    expect(again).toEqual(values.map((value, at) => (at % layout.length < used ? value : 0)));
  });
});

describeGpu(`random draws on a GPU${reason}`, () => {
  const positions = [
    { ...plainPosition, seed: 7, update: 3, augmentation: { ...plainPosition.augmentation, tokenDropout: 0.4 } },
    {
      ...plainPosition,
      seed: 2 ** 32 - 1,
      update: 1,
      augmentation: { ...plainPosition.augmentation, tokenDropout: 0.9 },
    },
  ];

  it('drops the units that the processor drops', async () => {
    const lanes = [
      { seed: 7, update: 3, rate: 0.25 },
      { seed: 2 ** 32 - 1, update: 90_000, rate: 0.999 },
    ];
    const drawnOn = async (engine: 'webgpu' | 'wasm' | 'cpu', shape: MaskShape): Promise<unknown> => {
      await openEngine(engine);
      return tf.tidy(() => dropoutMask(lanes, 'output 1', shape)!).data();
    };
    for (const shape of [
      { rows: 40, blocks: 2, width: 33 },
      { rows: 1, blocks: 1, width: 1 },
    ])
      expect(await drawnOn('webgpu', shape)).toEqual(await drawnOn('cpu', shape));
  });

  it.each([65, 1_000_003])(
    'replaces the tokens of a vocabulary of %j that the processor replaces',
    async (vocabulary) => {
      await openEngine('webgpu');
      const ids = Int32Array.from({ length: 2 * 900 }, (_, at) => at % vocabulary);
      const there = withTokenDropoutThere(tf.tensor3d(ids, [2, 30, 30], 'int32'), positions, vocabulary)!;
      expect(await there.data()).toEqual(withTokenDropout(ids, positions, vocabulary));
      expect(there.shape).toEqual([2, 30, 30]);
    },
  );

  it('puts sequences side by side as the processor does, tokens and vectors', async () => {
    const offsets = Int32Array.of(0, 3, 4, 9, 11);
    const rows = [Int32Array.of(2, 0), Int32Array.of(3)];
    const values = Float32Array.from({ length: 22 }, (_, at) => at + 0.5);
    const tokens: Sequences = { kind: 'tokens', offsets, ids: Uint16Array.from({ length: 11 }, (_, at) => at + 1) };
    const vectors: Sequences = { kind: 'vectors', offsets, width: 2, values };
    for (const inputs of [tokens, vectors]) {
      const batchOn = async (engine: 'webgpu' | 'wasm' | 'cpu') => {
        await openEngine(engine);
        const batch = tf.tidy(() => padded(inputs, rows, 2).inputs);
        return { shape: batch.shape, values: await batch.data() };
      };
      expect(await batchOn('webgpu')).toEqual(await batchOn('cpu'));
      await openEngine('webgpu');
      forgetSequences([inputs]);
    }
  });
});
