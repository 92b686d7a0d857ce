import { modelSpec } from '@unroll/contracts';
import { openEngine } from '../backends/open-engine';
import { tf, type Tensor } from '../tensor/tfjs';
import { arrayShape } from './parameter';
import { attend, decoderAttentionParameters, toMemory, type AttentionKind } from './decoder-attention';

const [lanes, batch, source, written] = [2, 3, 4, 2];
const kinds = ['dot', 'general', 'additive'] as const;
/** How many steps of each sequence count, for each lane. */
const lengths = [4, 2, 3, 1, 4, 4];

const wave = (shape: number[], phase: number): Tensor => {
  const size = shape.reduce((product, each) => product * each, 1);
  return tf.tensor(
    Float32Array.from({ length: size }, (_, index) => Math.sin(1.3 * index + phase)),
    shape,
  );
};

function setUp(kind: AttentionKind, hiddenSize = 3) {
  const model = modelSpec.parse({ cell: 'gru', hiddenSize });
  const named = decoderAttentionParameters(model, kind);
  const width = 32; // the bucket
  const mask = (x: Tensor): Tensor => {
    const [rows, columns] = x.shape.slice(-2) as [number, number];
    const isReal = (index: number, size: number): number => Number(size === 1 || index % width < hiddenSize);
    const kept = Array.from({ length: rows }, (_, row) =>
      Array.from({ length: columns }, (_column, column) => isReal(row, rows) * isReal(column, columns)),
    );
    return tf.mul(x, tf.tensor2d(kept));
  };
  const values = Object.fromEntries(
    named.map((parameter, index) => [parameter.name, mask(wave([lanes, ...arrayShape(parameter)], index))]),
  );
  return {
    values,
    names: named.map(({ name }) => name),
    states: mask(wave([lanes, batch * written, width], 0.4)),
    outputs: mask(wave([lanes, source, batch, width], 0.9)),
    valid: tf.tensor(
      Uint8Array.from({ length: lanes * source * batch }, (_, index) => {
        const [lane, step, row] = [
          Math.floor(index / (source * batch)),
          Math.floor(index / batch) % source,
          index % batch,
        ];
        return Number(step < lengths[lane * batch + row]!);
      }),
      [lanes, source, batch],
      'bool',
    ),
  };
}

type SetUp = ReturnType<typeof setUp>;

/** What is seen, by its definition, one sequence and one state at a time; nested lists. */
async function plain(kind: AttentionKind, { values, states, outputs }: SetUp): Promise<number[][][]> {
  const p = Object.fromEntries(
    await Promise.all(
      Object.entries(values).map(async ([name, x]) => [name, (await x.array()) as number[][][]] as const),
    ),
  );
  const [own, given] = [(await states.array()) as number[][][], (await outputs.array()) as number[][][][]];
  const times = (x: readonly number[], matrix: readonly number[][]): number[] =>
    matrix[0]!.map((_, column) => x.reduce((sum, each, row) => sum + each * matrix[row]![column]!, 0));
  const dot = (a: readonly number[], b: readonly number[]): number =>
    a.reduce((sum, x, index) => sum + x * b[index]!, 0);
  return own.map((rows, lane) =>
    rows.map((state, row) => {
      const sequence = Math.floor(row / written);
      const count = lengths[lane * batch + sequence]!;
      const read = given[lane]!.slice(0, count).map((step) => step[sequence]!);
      const score = (h: number[]): number => {
        if (kind === 'dot') return dot(state, h);
        const key = times(h, p['attention.key.weight']![lane]!);
        if (kind === 'general') return dot(state, key);
        const query = times(state, p['attention.query.weight']![lane]!);
        const bias = p['attention.query.bias']![lane]![0]!;
        const sum = key.map((each, index) => Math.tanh(each + query[index]! + bias[index]!));
        return times(sum, p['attention.score.weight']![lane]!)[0]!;
      };
      const exponentials = read.map((h) => Math.exp(score(h)));
      const total = exponentials.reduce((sum, each) => sum + each, 0);
      const context = state.map(
        (_, unit) =>
          dot(
            exponentials,
            read.map((h) => h[unit]!),
          ) / total,
      );
      return times([...context, ...state], p['attention.join.weight']![lane]!).map(Math.tanh);
    }),
  );
}

const seen = (
  kind: AttentionKind,
  { values, states, outputs, valid }: SetUp,
  mask: Tensor | undefined = valid,
): Tensor => {
  const parameters = (name: string): Tensor => values[name]!;
  return attend(parameters, toMemory(kind, parameters, outputs, mask)!, states).seen;
};

describe.each(['native', 'cpu'] as const)('attention of a decoder on %s', (engine) => {
  beforeAll(() => openEngine(engine));

  it.each(kinds)('by %s matches its definition, over the steps that count', async (kind) => {
    const given = setUp(kind);
    const right = await plain(kind, given);
    const found = (await seen(kind, given).array()) as number[][][];
    found.flat(2).forEach((value, index) => expect(value).toBeCloseTo(right.flat(2)[index]!, 5));
  });

  it.each(kinds)(
    'by %s has the gradients of central differences, and none at steps that do not count',
    async (kind) => {
      const given = setUp(kind);
      const weighted = (outputs: Tensor, states: Tensor): Tensor => {
        const x = seen(kind, { ...given, outputs, states });
        return tf.sum(tf.mul(x, wave(x.shape, 2)));
      };
      const [byOutputs, byStates] = tf.grads((outputs, states) => weighted(outputs, states))([
        given.outputs,
        given.states,
      ]);
      for (const [which, gradient] of [byOutputs!, byStates!].entries()) {
        const base = which === 0 ? given.outputs : given.states;
        const values = await base.data();
        const slopes = await gradient.data();
        for (const place of [0, 1, 33, 64, 98, 130]) {
          const moved = [1e-2, -1e-2].map((by) => {
            const x = tf.tensor(
              values.map((value, index) => (index === place ? value + by : value)),
              base.shape,
            );
            return weighted(which === 0 ? x : given.outputs, which === 0 ? given.states : x).dataSync()[0]!;
          });
          expect(slopes[place]).toBeCloseTo((moved[0]! - moved[1]!) / 2e-2, 2);
        }
      }
      // The second sequence of the first lane has two steps.
      const unseen = tf.slice(byOutputs!, [0, 2, 1, 0], [1, 2, 1, 32]);
      expect((await unseen.data()).every((value) => value === 0)).toBe(true);
    },
  );

  it('has no parameters and no memory where there is none', () => {
    expect(decoderAttentionParameters(modelSpec.parse({}), 'none')).toEqual([]);
    expect(toMemory('none', () => tf.zeros([1]), tf.zeros([1, 1, 1, 1]), undefined)).toBeUndefined();
  });
});
