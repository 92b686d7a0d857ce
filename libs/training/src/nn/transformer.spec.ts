import { modelSpec } from '@unroll/contracts';
import { stream } from '@unroll/random';
import { slopes, slopesFrom } from '../testing/plain-cells';
import { everyFastEngine } from '../testing/for-each-engine';
import { tf, type Tensor } from '../tensor/tfjs';
import { arrayShape, extract, initialValues, place } from './parameter';
import { bodyParameters, runBody } from './body';
import { runPlainTransformer } from '../testing/plain-transformer';
import { denseInput } from './stack';

const model = modelSpec.parse({ cell: 'transformer', hiddenSize: 4, heads: 2, layers: 2 });
const [lanes, steps, batch, inputs] = [2, 4, 2, 3];
const parameters = bodyParameters(model, inputs, '');
const valid = [
  [true, true, true, true],
  [true, false, true, false],
];

const numbers = (name: string, size: number): Float64Array => {
  const random = stream(2, 'noise');
  return Float64Array.from({ length: size }, (_, index) => Math.fround(random.normal(name.length, index)));
};

/** Inputs [time, batch, inputs] and each parameter's values of a lane. */
const makeLane = (lane: number) => ({
  x: numbers(`input ${'.'.repeat(lane)}`, steps * batch * inputs),
  weights: parameters.map((each) => Float64Array.from(initialValues(each, 5 + lane), (value) => 1.3 * value + 0.05)),
});
const weigh = numbers('the weights of the loss', steps * batch * 4);

function plainly(lane: number): Float64Array[] {
  const { x, weights } = makeLane(lane);
  const run = (): Float64Array => {
    const outputs = new Float64Array(steps * batch * 4);
    for (let row = 0; row < batch; row++) {
      const sequence = Array.from({ length: steps }, (_, t) =>
        Array.from(x.subarray((t * batch + row) * inputs, (t * batch + row + 1) * inputs)),
      );
      const named = new Map(parameters.map(({ name }, index) => [name, weights[index]!]));
      const given = runPlainTransformer({ ...model, hidden: 4, parameters: named }, sequence, valid[row]!);
      given.forEach((values, t) => outputs.set(values, (t * batch + row) * 4));
    }
    return outputs;
  };
  const loss = (): number => run().reduce((sum, value, at) => sum + value * weigh[at]!, 0);
  return [run(), ...slopes([x, ...weights], loss)];
}

/** The outputs and the gradients of x and of all parameters, of each of the lanes, in PyTorch's layout. */
function computed(which: readonly number[], change: (x: Float64Array) => Float64Array = (x) => x): Float32Array[][] {
  return tf.tidy(() => {
    const all = which.map(makeLane);
    const stacked = (values: Float32Array[], shape: readonly number[]): Tensor =>
      tf.stack(values.map((each) => tf.tensor(each, [...shape])));
    const variables = [
      stacked(
        all.map(({ x }) => Float32Array.from(change(x))),
        [steps, batch, inputs],
      ),
      ...parameters.map((parameter, index) => {
        const shape = arrayShape(parameter);
        const ours = all.map(({ weights }) => {
          const values = new Float32Array(shape[0] * shape[1]);
          place(parameter, weights[index]!, values, 0);
          return values;
        });
        return stacked(ours, shape);
      }),
    ];
    const mask = which.map(() => Array.from({ length: steps }, (_, t) => valid.map((row) => row[t]!)));
    let outputs: Tensor | undefined;
    const { grads } = tf.valueAndGrads((x: Tensor, ...rest: Tensor[]) => {
      const named = new Map(parameters.map(({ name }, index) => [name, rest[index]!]));
      const result = runBody(model, (name) => named.get(name)!, denseInput(x), {
        ...{ states: [], training: true },
        valid: tf.tensor3d(mask, [which.length, steps, batch], 'bool'),
      });
      outputs = tf.keep(result.outputs);
      return tf.sum(tf.mul(result.outputs, tf.tensor(Float32Array.from(weigh), [1, steps, batch, 4])));
    })(variables);
    const [ofOutputs, ofX, ...ofWeights] = [outputs!, ...grads].map((each) => each.dataSync() as Float32Array);
    outputs!.dispose();
    return which.map((_, lane) => {
      const own = (values: Float32Array): Float32Array =>
        values.slice((lane * values.length) / which.length, ((lane + 1) * values.length) / which.length);
      return [own(ofOutputs!), own(ofX!), ...parameters.map((each, at) => extract(each, own(ofWeights[at]!), 0))];
    });
  });
}

const size = (values: ArrayLike<number>): number => Math.sqrt(Array.from(values).reduce((sum, x) => sum + x * x, 0));
const expected = Array.from({ length: lanes }, (_, lane) => plainly(lane));

describe.each(everyFastEngine)('the transformer on $label', ({ open }) => {
  beforeAll(() => open());

  it('matches its equations, with the gradients of central differences', () => {
    computed([0, 1]).forEach((quantities, lane) =>
      quantities.forEach((quantity, index) => {
        const values = index === 0 ? quantity : slopesFrom(quantity);
        const right = expected[lane]![index]!;
        expect(values).toHaveLength(right.length);
        // A key's bias changes no weight of the attention: what flows back to it is rounding.
        const error = size(Array.from(values, (value, at) => value - right[at]!));
        expect(error / (size(right) || 1)).toBeLessThan(1e-5);
      }),
    );
  });

  it('gives a lane the same bits alone as among others', () => {
    const together = computed([0, 1]);
    expect([...computed([0]), ...computed([1])]).toEqual(together);
  });

  it('sees no later step, and none that does not count', () => {
    const [all] = computed([0]) as [Float32Array[]];
    const before = all[0]!;
    const changed = (at: (t: number, row: number) => boolean, value: number) => (x: Float64Array) =>
      x.map((own, index) =>
        at(Math.floor(index / (batch * inputs)), Math.floor(index / inputs) % batch) ? value : own,
      );
    const [[later]] = computed(
      [0],
      changed((t, row) => row === 0 && t >= 2, 9),
    ) as [[Float32Array]];
    const isEarlier = (at: number): boolean => Math.floor(at / (batch * 4)) < 2;
    expect(later.filter((_, at) => isEarlier(at))).toEqual(before.filter((_, at) => isEarlier(at)));
    expect(later).not.toEqual(before);
    const uncounted = changed((t, row) => !valid[row]![t]!, 1e6);
    expect(computed([0], uncounted)).toEqual([all]);
  });
});
