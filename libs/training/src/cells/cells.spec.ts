import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { everyEngine, everyFastEngine } from '../engines/for-each-engine';
import { tf, type Tensor } from '../engines/tfjs';
import { recurrentLayer } from '../layers/recurrent';
import { verifyLayers, type LayerTable } from '../verify/layers';
import type { Cell } from './cell';
import { cells } from './cells';

const table = JSON.parse(
  readFileSync(join(__dirname, '../../../../tests/reference/recurrent-layers.json'), 'utf8'),
) as LayerTable;
const [lanes, steps, batch, hidden] = [2, 4, 3, 5];

/** Random inputs of one layer, the same for the same seed. Some steps do not count where `masked`. */
function inputsOf(cell: Cell, masked: boolean) {
  const random = (shape: number[], seed: number): Tensor => tf.randomNormal(shape, 0, 0.7, 'float32', seed);
  const columns = cell.gates * hidden;
  return {
    projected: random([lanes, steps, batch, columns], 1),
    kernel: random([lanes, hidden, columns], 2),
    bias: cell.separateRecurrentBias ? random([lanes, 1, columns], 3) : undefined,
    states: Array.from({ length: cell.states }, (_, index) => random([lanes, batch, hidden], 4 + index)),
    valid: masked
      ? tf.tensor(
          [1, 1, 1, 1, 1, 0, 1, 0, 0, 1, 0, 0, 0, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 0],
          [lanes, steps, batch],
          'bool',
        )
      : undefined,
  };
}

/** Outputs, final states and the gradients of everything, of a loss that weighs each differently. */
function everything(cell: Cell, masked: boolean, reverse: boolean): Tensor[] {
  const { projected, kernel, bias, states, valid } = inputsOf(cell, masked);
  const variables = [projected, kernel, ...(bias ? [bias] : []), ...states];
  const kept: Tensor[] = [];
  const { grads } = tf.valueAndGrads((...values: Tensor[]) => {
    const result = recurrentLayer(
      cell,
      {
        projected: values[0]!,
        kernel: values[1]!,
        bias: bias && values[2]!,
        states: values.slice(bias ? 3 : 2),
        valid,
      },
      { reverse, training: true },
    );
    kept.push(tf.keep(result.outputs), ...result.states.map((state) => tf.keep(state)));
    const terms = [result.outputs, ...result.states].map((each, index) =>
      tf.sum(tf.mul(each, tf.randomNormal(each.shape, 0, 1, 'float32', 10 + index))),
    );
    return tf.addN(terms);
  })(variables);
  return [...kept, ...grads];
}

describe.each(everyEngine)('cells on $label', ({ open }) => {
  it("match PyTorch's outputs, final states and gradients in every case of the table", async () => {
    const verifications = verifyLayers(table, await open());
    expect(verifications).toHaveLength(24);
    expect(verifications.filter(({ passed }) => !passed)).toEqual([]);
  });

  it('fail against a table that is wrong in one number', async () => {
    const wrong = structuredClone(table.cases[0]!) as unknown as { gradients: { h0: number[][][] } };
    wrong.gradients.h0[0]![0]![0]! += 1e-3;
    const [verification] = verifyLayers({ cases: [wrong as never] }, await open());
    expect(verification).toMatchObject({ passed: false, worst: 'gradient of h0' });
  });
});

const everyCell = [...cells.values()].flatMap((cell) =>
  everyFastEngine.map(({ label, open }) => ({ cell, label, open })),
);

describe.each(everyCell)('the cell $cell.name on $label', ({ cell, open }) => {
  beforeAll(() => open());

  it.each([
    [false, false],
    [false, true],
    [true, false],
    [true, true],
  ])('has a closed gradient equal to the recorded one (masked %p, reverse %p)', (masked, reverse) => {
    tf.tidy(() => {
      const closed = everything(cell, masked, reverse);
      const recorded = everything({ ...cell, gradient: undefined }, masked, reverse);
      expect(closed).toHaveLength(recorded.length);
      closed.forEach((tensor, index) => {
        const error = tf.norm(tf.sub(tensor, recorded[index]!)).dataSync()[0]!;
        expect(error).toBeLessThan(1e-6 * (1 + tf.norm(tensor).dataSync()[0]!));
      });
      tf.dispose([...closed, ...recorded]);
    });
  });

  it('keeps a unit at exactly 0 whose weights and initial states are 0', () => {
    tf.tidy(() => {
      const { projected, kernel, bias, states } = inputsOf(cell, false);
      const zero = (x: Tensor, axis: number, blocks: number): Tensor => {
        const keep = Array.from({ length: blocks * hidden }, (_, unit) => (unit % hidden === hidden - 1 ? 0 : 1));
        return tf.mul(
          x,
          tf.tensor(
            keep,
            x.shape.map((_, each) => (each === axis ? keep.length : 1)),
          ),
        );
      };
      const result = recurrentLayer(
        cell,
        {
          projected: zero(projected, 3, cell.gates),
          kernel: zero(zero(kernel, 2, cell.gates), 1, 1),
          bias: bias && zero(bias, 2, cell.gates),
          states: states.map((state) => zero(state, 2, 1)),
        },
        { reverse: false, training: false },
      );
      const last = tf.slice(result.outputs, [0, 0, 0, hidden - 1], [-1, -1, -1, 1]);
      expect([...new Set(last.dataSync())].map(Math.abs)).toEqual([0]);
    });
  });

  it('lets no NaN of a step that does not count into states or gradients', () => {
    tf.tidy(() => {
      const { projected, ...rest } = inputsOf(cell, true);
      const valid = rest.valid!;
      const wide = tf.tile(tf.expandDims(tf.cast(valid, 'int32'), 3), [1, 1, 1, cell.gates * hidden]);
      const poisoned = tf.where(tf.cast(wide, 'bool'), projected, tf.fill(projected.shape, NaN));
      let states: Tensor[] = [];
      const { grads } = tf.valueAndGrads((x: Tensor, kernel: Tensor) => {
        const result = recurrentLayer(cell, { ...rest, projected: x, kernel }, { reverse: false, training: true });
        states = result.states.map((state) => tf.keep(state));
        return tf.add(tf.sum(result.outputs), tf.sum(result.states[0]!));
      })([poisoned, rest.kernel]);
      for (const tensor of [...states, ...grads]) expect(tensor.dataSync().every(Number.isFinite)).toBe(true);
      tf.dispose(states);
    });
  });
});
