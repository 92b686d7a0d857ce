import { modelSpec } from '@unroll/contracts';
import { causalAttention } from '../../functional/attention';
import { layerNorm, layerNormBeside } from '../../functional/layer-norm';
import { linear, linearTanh, perceptron } from '../../functional/linear';
import { childSumLstm } from '../../nn/cells/child-sum-lstm';
import { attend, decoderAttentionParameters, toMemory, type AttentionKind } from '../../nn/decoder-attention';
import { arrayShape } from '../../nn/parameter';
import { rearranged } from '../../tensor/rearranged';
import { tf, type Tensor } from '../../tensor/tfjs';
import { everyCodePath } from '../../testing/for-each-engine';
import { relative, wave } from '../../testing/webgpu.fixture';

const lanes = 2;
type Compute = (given: readonly Tensor[]) => Tensor[];

interface Layer {
  shapes: number[][];
  compute: Compute;
}

/** Which steps count, bool [lane, time, batch] of as many lanes as `like`; those of a lane do not depend on the others. */
function counts(like: Tensor, steps: number, batch: number): Tensor {
  const own = like.shape[0];
  const values = Uint8Array.from({ length: own * steps * batch }, (_, at) =>
    Number(((at % (steps * batch)) * 7) % 5 > 1),
  );
  return tf.tensor3d(values, [own, steps, batch], 'bool');
}

/** A decoder's attention of 5 states of each of 3 sequences to 7 outputs of an encoder. */
function attention(kind: AttentionKind, masked: boolean): Layer {
  const model = modelSpec.parse({ cell: 'gru', hiddenSize: 32, embeddingSize: 4, bidirectional: kind !== 'dot' });
  const parameters = decoderAttentionParameters(model, kind);
  const width = kind === 'dot' ? 32 : 64;
  return {
    shapes: [[7, 3, width], [15, 32], ...parameters.map(arrayShape)],
    compute([outputs, states, ...values]) {
      const named = (name: string): Tensor => values[parameters.findIndex((each) => each.name === name)]!;
      const memory = toMemory(kind, named, outputs!, masked ? counts(outputs!, 7, 3) : undefined)!;
      return [attend(named, memory, states!).seen];
    },
  };
}

const layers: Record<string, Layer> = {
  'a linear layer': {
    shapes: [
      [9, 5],
      [5, 37],
      [1, 37],
      [9, 37],
    ],
    compute: ([x, weight, bias, added]) => [
      linear(x!, weight!, bias!),
      linear(x!, weight!, bias!, added),
      linearTanh(x!, weight!, bias!),
    ],
  },
  'a perceptron': {
    shapes: [
      [9, 5],
      [5, 35],
      [1, 35],
      [35, 4],
      [1, 4],
      [9, 4],
    ],
    compute: ([x, weight, bias, after, biasAfter, added]) => [
      perceptron(x!, { weight: weight!, bias: bias! }, { weight: after!, bias: biasAfter! }),
      perceptron(x!, { weight: weight!, bias: bias! }, { weight: after!, bias: biasAfter! }, added),
    ],
  },
  normalisation: {
    shapes: [
      [70, 19],
      [1, 19],
      [1, 19],
    ],
    compute: ([x, gain, shift]) => [
      layerNorm(x!, gain!),
      layerNorm(x!, gain!, shift),
      ...layerNormBeside(x!, gain!, shift!),
    ],
  },
  'attention within sequences': {
    shapes: [[11, 3, 30]],
    compute: ([three]) => [causalAttention(three!, 2, counts(three!, 11, 3)), causalAttention(three!, 5, undefined)],
  },
  'attention by products': attention('dot', true),
  'attention by a matrix': attention('general', false),
  'attention by a sum': attention('additive', true),
  'leaves of trees': {
    shapes: [
      [9, 5],
      [5, 21],
      [1, 21],
    ],
    compute: ([words, input, bias]) => {
      const unused = { sum: input!, forget: input!, forgetBias: bias! };
      return [childSumLstm.leaves(words!, { ...unused, input: input!, bias: bias! })];
    },
  },
  'nodes of trees': {
    shapes: [
      [12, 14],
      [7, 21],
      [7, 7],
      [1, 21],
      [1, 7],
    ],
    compute: ([children, sum, forget, bias, forgetBias]) => [
      childSumLstm.inner(children!, 3, {
        input: sum!,
        sum: sum!,
        forget: forget!,
        bias: bias!,
        forgetBias: forgetBias!,
      }),
    ],
  },
  'rows in another order': {
    shapes: [[4, 5]],
    compute: ([x]) => [rearranged(x!, { from: places([2, -1, 0], x!), to: places([2, -1, 0, -1], x!) })],
  },
};

/** The same places in each lane. */
const places = (own: readonly number[], { shape }: Tensor): Int32Array =>
  Int32Array.from({ length: shape[0] * own.length }, (_, at) => own[at % own.length]!);

/** The results and all gradients of a layer in lanes from `first` on. */
function computed({ shapes, compute }: Layer, first = 0, count = lanes): Float32Array[] {
  return tf.tidy(() => {
    const given = shapes.map((shape, index) => tf.slice(wave([lanes, ...shape], 0.3 + index), first, count));
    const loss = (...read: Tensor[]): Tensor =>
      tf.addN(
        compute(read).map((each, index) =>
          tf.sum(tf.mul(each, tf.slice(wave([lanes, ...each.shape.slice(1)], index), first, count))),
        ),
      );
    return [...compute(given), ...tf.grads(loss)(given)].map((each) => each.dataSync<'float32'>().slice());
  });
}

const wasm = everyCodePath.find(({ name }) => name === 'wasm')!;
const natives = everyCodePath.filter(({ name }) => name === 'native');
const isThere = natives.length > 0;

(isThere ? describe : describe.skip)(`layers by kernels${isThere ? '' : ' (skipped: no addon)'}`, () => {
  it.each(Object.keys(layers))('equal plain operations on every instruction set: %s', async (name) => {
    await wasm.open();
    const right = computed(layers[name]!);
    for (const { open } of natives) {
      await open();
      computed(layers[name]!).forEach((values, index) => expect(relative(values, right[index]!)).toBeLessThan(1e-5));
    }
  });

  it.each(Object.keys(layers))('give a lane the same bits alone as among others: %s', async (name) => {
    for (const { open } of natives) {
      await open();
      const [together, alone] = [computed(layers[name]!), computed(layers[name]!, 1, 1)];
      alone.forEach((own, index) => expect(together[index]!.slice(own.length)).toEqual(own));
    }
  });
});
