import { optimizerKinds, trialSpec, type OptimizerSpec } from '@unroll/contracts';
import { openEngine } from '../backends/open-engine';
import { hasKernel, skippingUpdateKernel, updateKernel } from '../tensor/kernels';
import { tf, type Tensor } from '../tensor/tfjs';
import { everyCodePath } from '../testing/for-each-engine';
import { describeGpu, reason, relative, wave } from '../testing/webgpu.fixture';
import { clipByNorm } from './clip';
import { clippedUpdate, type Gradient } from './clipped-update';
import type { Optimizer, Update } from './optimizer';
import { optimizers } from './optimizers';

const [lanes, length] = [2, 37];

const makeSpec = (kind: OptimizerSpec['kind']): OptimizerSpec =>
  trialSpec.parse({
    dataset: { name: 'a' },
    task: 'language-model',
    model: { cell: 'lstm' },
    training: { optimizer: { kind, weightDecay: 0.1, ...(kind === 'sgd' && { momentum: 0.9, nesterov: true }) } },
  }).training.optimizer;

/** Each lane's scalars: of another learning rate, at another update. */
const makeScalars = (optimizer: Optimizer, spec: OptimizerSpec): Record<string, number>[] =>
  Array.from({ length: lanes }, (_, lane) => optimizer.scalars(spec, 0.1 * (lane + 1), lane + 3));

/** Vectors before an update; the first lane's gradient is clipped, the second's is not. */
const start = ({ slots }: Optimizer) => ({
  parameters: wave([lanes, length], 0.1),
  gradient: { values: wave([lanes, length], 0.7), norms: tf.ones([lanes, 1]), limits: tf.tensor2d([[0.3], [5]]) },
  slots: Array.from({ length: slots }, (_, slot) => tf.square(wave([lanes, length], slot))),
});

/** Parameters and slots after an update, one list after the other. */
async function runUpdate(update: () => Update): Promise<Float32Array[]> {
  const results = tf.tidy(() => {
    const { parameters, slots } = update();
    return [parameters, ...slots];
  });
  const values = await Promise.all(results.map(async (each) => ((await each.data()) as Float32Array).slice()));
  tf.dispose(results);
  return values;
}

/** By the operations of the optimizer's own file, with scalars of its own. */
function plainUpdate(optimizer: Optimizer, spec: OptimizerSpec): Update {
  const { parameters, gradient, slots } = start(optimizer);
  const numbers = makeScalars(optimizer, spec);
  const scalars = Object.fromEntries(
    Object.keys(numbers[0]!).map((name) => [name, tf.tensor2d(numbers.map((lane) => [lane[name]!]))]),
  );
  return optimizer.update(parameters, clipByNorm(gradient.values, gradient.norms, gradient.limits), slots, scalars);
}

/** signSGD (Bernstein et al. 2018): a kind that no kernel knows. */
const signSgd: Optimizer<'rate'> = {
  kind: 'sign-sgd',
  slots: 0,
  scalarNames: ['rate'],
  scalars: (_, learningRate) => ({ rate: learningRate }),
  update: (parameters, gradient, _, { rate }) => ({
    parameters: tf.sub(parameters, tf.mul(tf.sign(gradient), rate)),
    slots: [],
  }),
};

function itUpdates(hasKernels: boolean, hasSkipping = false): void {
  it.each(optimizerKinds)('is that of %s by its plain operations', async (kind) => {
    const [optimizer, spec] = [optimizers[kind], makeSpec(kind)];
    expect(hasKernel(updateKernel(kind))).toBe(hasKernels);
    const plain = await runUpdate(() => plainUpdate(optimizer, spec));
    const update = (numbers: readonly Record<string, number>[]) =>
      runUpdate(() => {
        const { parameters, gradient, slots } = start(optimizer);
        return clippedUpdate(optimizer, parameters, gradient, slots, numbers);
      });
    const ours = await update(makeScalars(optimizer, spec));
    expect(ours).toHaveLength(1 + optimizer.slots);
    ours.forEach((values, index) => expect(relative(values, plain[index]!)).toBeLessThan(1e-6));
    const reversed = makeScalars(optimizer, spec).map((lane) => Object.fromEntries(Object.entries(lane).reverse()));
    expect(await update(reversed)).toEqual(ours);
  });

  it.each(optimizerKinds)(
    'keeps all of a lane that skips an update of %s, and changes the others as ever',
    async (kind) => {
      const optimizer = optimizers[kind];
      expect(hasKernel(skippingUpdateKernel(kind))).toBe(hasSkipping);
      const update = (norms: Tensor, skips: boolean) =>
        runUpdate(() => {
          const { parameters, gradient, slots } = start(optimizer);
          const numbers = makeScalars(optimizer, makeSpec(kind));
          return clippedUpdate(optimizer, parameters, { ...gradient, norms, skips }, slots, numbers);
        });
      const plain = await update(tf.ones([lanes, 1]), false);
      const { parameters, slots } = start(optimizer);
      const before = await Promise.all([parameters, ...slots].map((each) => each.data()));
      for (const odd of [Infinity, NaN]) {
        const ours = await update(tf.tensor2d([[odd], [1]]), true);
        ours.forEach((values, index) => {
          expect(values.subarray(0, length)).toEqual(before[index]!.subarray(0, length));
          expect(values.subarray(length)).toEqual(plain[index]!.subarray(length));
        });
      }
      expect(await update(tf.ones([lanes, 1]), true)).toEqual(plain);
    },
  );

  it('refuses numbers without one of the scalars', () => {
    const { parameters, gradient, slots } = start(optimizers.sgd);
    const numbers = makeScalars(optimizers.sgd, makeSpec('sgd')).map(({ momentum: _, ...lane }) => lane);
    expect(() => clippedUpdate(optimizers.sgd, parameters, gradient, slots, numbers)).toThrow(
      'the optimizer sgd computes no scalar "momentum"',
    );
  });

  it('trains by an optimizer that no kernel knows', async () => {
    // ½·(w − target)² falls to what the step size allows.
    const target = wave([lanes, length], 0.4);
    let weights: Tensor = tf.zeros([lanes, length]);
    for (let step = 1; step <= 30; step++) {
      const values = tf.sub(weights, target);
      const gradient: Gradient = { values, norms: tf.norm(values, 2, 1, true), limits: tf.fill([lanes, 1], 1) };
      const numbers = Array.from({ length: lanes }, () => signSgd.scalars(makeSpec('sgd'), 0.05, step));
      weights = clippedUpdate(signSgd, weights, gradient, [], numbers).parameters;
    }
    const furthest = await tf.max(tf.abs(tf.sub(weights, target))).data();
    expect(furthest[0]).toBeLessThan(0.051);
  });
}

describe.each(everyCodePath)('a clipped update on $label', ({ name, open }) => {
  beforeAll(open);
  itUpdates(name === 'native');
});

describeGpu(`a clipped update on a GPU${reason}`, () => {
  beforeAll(() => openEngine('webgpu'));
  itUpdates(true, true);
});
