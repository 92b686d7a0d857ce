import { modelSpec, type ModelSpec } from '@unroll/contracts';
import { tokensInMemory } from '@unroll/datasets';
import { openKernels } from '@unroll/kernels';
import { plainLane } from '../../loop/lane';
import { LaneGroup } from '../../loop/lane-group';
import { initialValues } from '../../nn/parameter';
import { languageModelParameters } from '../../tasks/language-model';
import { openLanguageModel } from '../../tasks/language-model';
import { contiguousStreams } from '../../batches/streams';
import { everyEngine } from '../../testing/for-each-engine';
import { openEngine } from '../open-engine';
import { crossEntropyGradientKernel, crossEntropyKernel } from '../../tensor/kernels';
import { backendAs, runKernel, tf, type Tensor } from '../../tensor/tfjs';

const isThere = everyEngine.some(({ name }) => name === 'native');
const [batch, steps, hidden, classes] = [4, 16, 64, 7];

function openGroup(cell: ModelSpec['cell'], lanes = 1): LaneGroup {
  const model = modelSpec.parse({ cell, hiddenSize: hidden, embeddingSize: hidden });
  const tokens = tokensInMemory(
    Uint16Array.from({ length: batch * steps * 3 + 1 }, (_, index) => (index * index) % classes),
  );
  const streams = contiguousStreams(tokens, batch);
  const vocabulary = Array.from({ length: classes }, (_, index) => String(index));
  const training = { bptt: steps, stateful: true };
  const task = openLanguageModel(
    model,
    training,
    { vocabulary, tokens: 'character' },
    { train: streams, validation: streams },
  );
  const all = Array.from({ length: lanes }, (_, lane) => ({
    ...plainLane,
    parameters: languageModelParameters(model, classes),
    seed: lane,
    optimizer: { kind: 'adam', beta1: 0.9, beta2: 0.999, epsilon: 1e-8, weightDecay: 0 } as const,
    learningRate: 1e-2,
    clipNorm: 1,
  }));
  return new LaneGroup(all, task, (each, parameter) => initialValues(parameter, each.seed));
}

function updates(group: LaneGroup, count: number): void {
  for (let update = 0; update < count; update++) group.advance().dispose();
}

/** Every weight after some updates. */
async function trained(cell: ModelSpec['cell']): Promise<Record<string, Float32Array>> {
  const group = openGroup(cell);
  updates(group, 6);
  const weights = await group.weights(0);
  group.dispose();
  return Object.fromEntries(Object.entries(weights).map(([name, { values }]) => [name, values]));
}

(isThere ? describe : describe.skip).each(['rnn', 'lstm', 'gru'] as const)(
  `the engine native with %s${isThere ? '' : ' (skipped: the addon is not built, there is no compiler)'}`,
  (cell) => {
    beforeAll(() => openEngine('native'));

    it('gives the same weights from run to run and on any number of threads, bit for bit', async () => {
      const first = await trained(cell);
      expect(await trained(cell)).toEqual(first);
      const kernels = openKernels();
      try {
        for (const threads of [2, 3]) {
          kernels.useThreads(threads);
          expect(await trained(cell)).toEqual(first);
        }
      } finally {
        kernels.useThreads(1);
      }
    });

    it('has after each update the tensors that it had before', () => {
      const group = openGroup(cell);
      updates(group, 2);
      const before = tf.memory();
      updates(group, 5);
      expect([tf.memory().numTensors, tf.memory().numBytes]).toEqual([before.numTensors, before.numBytes]);
      group.dispose();
    });

    it('takes no more memory for an update than its live activations', async () => {
      const group = openGroup(cell);
      updates(group, 3);
      const gates = { rnn: 1, lstm: 4, gru: 3 }[cell];
      const rows = batch * steps;
      // The gates' inputs, the activated gates and their gradient; outputs and their gradient, c or the gate n's product, and the
      // gradient of E·W; the logits, over which probabilities and their gradient are written; what an optimizer reads and writes.
      const activations =
        rows * hidden * (3 * gates + 3) + 2 * rows * classes + 4 * rows + 2 * classes * gates * hidden;
      const parameters =
        10 *
        group.lanes[0]!.parameters.reduce(
          (sum, { axes }) => sum + axes.reduce((size, axis) => size * axis.blocks * axis.width, 1),
          0,
        );
      const { peakBytes } = await tf.profile(() => {
        group.advance().dispose();
        return tf.scalar(0);
      });
      expect(peakBytes).toBeLessThan(tf.memory().numBytes + 4 * (activations + parameters));
      group.dispose();
    });
  },
);

(isThere ? describe : describe.skip)(`the memory of the engine native${isThere ? '' : ' (skipped: no addon)'}`, () => {
  beforeAll(() => openEngine('native'));

  const readValues = ({ dataId }: Tensor): Float32Array =>
    backendAs<{ data: { get(id: object): { values: Float32Array } } }>().data.get(dataId).values;
  /** What a product lies in, which is disposed afterwards. */
  const product = (use: (result: Tensor) => void): ArrayBufferLike => {
    const [a, b] = [tf.ones([64, 3]), tf.ones([3, 64])];
    const result: Tensor = tf.matMul(a, b);
    use(result);
    const { buffer } = readValues(result);
    tf.dispose([a, b, result]);
    return buffer;
  };

  it('is lent again once its tensor is gone', () => {
    const first = product(() => undefined);
    expect(product(() => undefined)).toBe(first);
  });

  it('that only earlier runs used makes room for what a run needs, and else is kept', async () => {
    const { trim } = await openEngine('native');
    const first = product(() => undefined);
    trim!();
    // Another run of the same sizes finds its own.
    expect(product(() => undefined)).toBe(first);
    trim!();
    tf.tidy(() => void tf.matMul(tf.ones([64, 3]), tf.ones([3, 2 ** 16])));
    expect(product(() => undefined)).not.toBe(first);
  });

  it('has probabilities and their gradient where the logits were, if those may be written over, but not over what others gave', () => {
    const [classes, scales] = [tf.tensor2d([[1, 0, 39]], [1, 3], 'int32'), tf.tensor1d([1])];
    const places = (logits: Tensor, overwrites: boolean): ArrayBufferLike[] => {
      const [, probabilities] = runKernel(crossEntropyKernel, { logits, classes }, { overwrites });
      const given = { probabilities: probabilities!, classes, scales };
      const [gradient] = runKernel(crossEntropyGradientKernel, given, { overwrites });
      return [logits, probabilities!, gradient!].map((each) => readValues(each).buffer);
    };
    tf.tidy(() => {
      const product = (): Tensor => tf.matMul(tf.ones([1, 3, 4]), tf.ones([1, 4, 40]));
      expect(new Set(places(product(), true)).size).toBe(1);
      expect(new Set(places(product(), false)).size).toBe(3);
      const given = tf.ones([1, 3, 40]);
      places(given, true);
      expect([...given.dataSync()]).toEqual(Array<number>(120).fill(1));
    });
  });

  it('is never lent again once somebody else has seen it', () => {
    const first = product((result) => result.dataSync());
    expect(product(() => undefined)).not.toBe(first);
  });
});
