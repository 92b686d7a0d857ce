import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { cells as contractCells, layerWidth, modelSpec } from '@unroll/contracts';
import { stream } from '@unroll/random';
import { everyCodePath, everyFastEngine } from '../../testing/for-each-engine';
import { tf, type Tensor } from '../../tensor/tfjs';
import { recurrentLayer, type RecurrentOptions } from '../recurrent';
import { verifyLayers, type LayerCase, type LayerTable } from '../../verify/layers';
import type { Cell, OwnParameter } from './cell';
import { cells, getCell } from './cells';
import { runPlain, slopes, slopesFrom, type PlainLayer } from '../../testing/plain-cells';

const table = JSON.parse(
  readFileSync(join(__dirname, '../../../../../tests/reference/recurrent-layers.json'), 'utf8'),
) as LayerTable;
const [lanes, steps, batch] = [2, 4, 3];
/** Heads of cells that have some. */
const heads = 2;
/** Units of a layer: heads divide them. */
const unitsOf = ({ stateWidths }: Cell): number => (stateWidths ? 6 : 5);
const stateWidth = (cell: Cell, state: number): number =>
  cell.stateWidths?.(unitsOf(cell), heads)[state] ?? (cell.stateBlocks ?? 1) * unitsOf(cell);

interface Way {
  masked: boolean;
  reverse: boolean;
  /** Whether a part of the state is dropped. */
  dropped?: boolean;
  /** Whether steps leave a part of the states as they are, as in training or as in an evaluation. */
  zoneout?: 'training' | 'evaluation';
}

const mask = [
  [1, 1, 1, 1, 1, 0, 1, 0, 0, 1, 0, 0],
  [0, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 0],
];

/** Random values, the same for the same name, with no two names alike. */
function numbers(name: string, size: number): Float64Array {
  const random = stream(1, 'noise');
  const number = [...name].reduce((sum, letter) => 31 * sum + letter.charCodeAt(0), 0) >>> 0;
  return Float64Array.from({ length: size }, (_, index) => Math.fround(0.7 * random.normal(number, index)));
}

/** Our shape of a parameter, without lanes. */
const ownShape = ({ blocks, columns, rows }: OwnParameter, hidden: number): [number, number] =>
  rows ? [Math.max(1, blocks * hidden), rows(heads)] : [columns ? columns * hidden : 1, blocks * hidden];

/** What a layer reads, of each lane, with what is differentiated by name. */
function makeLayers(cell: Cell, { masked, reverse, dropped = false, zoneout }: Way): PlainLayer[] {
  const hidden = unitsOf(cell);
  const columns = cell.gates * hidden;
  return Array.from({ length: lanes }, (_, lane): PlainLayer => {
    const of = (name: string, size: number): Float64Array => numbers(`${name} ${lane}`, size);
    return {
      ...{ gates: cell.gates, hidden, steps, batch, reverse },
      projected: of('projected', steps * batch * columns),
      states: Array.from({ length: cell.states }, (_state, index) =>
        of(`state ${index}`, batch * stateWidth(cell, index)),
      ),
      ...(cell.recurrence === 'kernel' && { kernel: of('kernel', hidden * columns) }),
      ...(cell.separateRecurrentBias && { bias: of('bias', columns) }),
      own: Object.fromEntries(
        (cell.own ?? []).map((own) => [
          own.name,
          of(
            own.name,
            ownShape(own, hidden).reduce((rows, columns) => rows * columns),
          ),
        ]),
      ),
      ...(dropped && { kept: of('kept', batch * hidden).map((value) => (value < 0 ? 0 : 1.5)) }),
      ...(zoneout && {
        zoneout: {
          rate: 0.3,
          ...(zoneout === 'training' && {
            changes: Array.from({ length: cell.states }, (_state, index) =>
              of(`changes ${index}`, steps * batch * hidden),
            ),
          }),
        },
      }),
      ...(masked && { valid: mask[lane]! }),
    };
  });
}

/** What is differentiated, in one order everywhere. */
const listVariables = ({ projected, kernel, bias, own, states }: PlainLayer): Float64Array[] => [
  projected,
  ...(kernel ? [kernel] : []),
  ...(bias ? [bias] : []),
  ...Object.values(own),
  ...states,
];

const lossWeights = (index: number, size: number): Float64Array => numbers(`loss ${index}`, size);

/** Outputs, final states and slopes by the cell in plain numbers, of each lane. */
function plainly(cell: Cell, way: Way): Float64Array[][] {
  return makeLayers(cell, way).map((layer) => {
    const weighed = runPlain(cell.name, layer).map(({ length }, index) => lossWeights(index, length));
    const loss = (): number =>
      runPlain(cell.name, layer).reduce((sum, values, index) => {
        const weights = weighed[index]!;
        return sum + values.reduce((part, value, at) => part + value * weights[at]!, 0);
      }, 0);
    return [...runPlain(cell.name, layer), ...slopes(listVariables(layer), loss)];
  });
}

const plain = new Map<string, Float64Array[][]>();
/** The same, computed once for all engines. */
function expected(cell: Cell, way: Way): Float64Array[][] {
  const key = JSON.stringify([cell.name, way]);
  const known = plain.get(key) ?? plainly(cell, way);
  plain.set(key, known);
  return known;
}

/** The same by the layer that training uses: each quantity with its lanes. */
function computed(
  cell: Cell,
  layers: readonly PlainLayer[],
  way: Way,
  options: Partial<RecurrentOptions> = {},
): Float32Array[][] {
  const hidden = unitsOf(cell);
  const columns = cell.gates * hidden;
  const { steps } = layers[0]!;
  const stacked = (of: (layer: PlainLayer) => Float64Array | undefined, shape: number[]): Tensor | undefined =>
    of(layers[0]!) && tf.stack(layers.map((layer) => tf.tensor(Float32Array.from(of(layer)!), shape)));
  return tf.tidy(() => {
    const named = (cell.own ?? []).map((each) => stacked(({ own }) => own[each.name], ownShape(each, hidden))!);
    const variables = [
      stacked(({ projected }) => projected, [steps, batch, columns]),
      stacked(({ kernel }) => kernel, [hidden, columns]),
      stacked(({ bias }) => bias, [1, columns]),
      ...named,
      ...Array.from({ length: cell.states }, (_, index) =>
        stacked(({ states }) => states[index], [batch, stateWidth(cell, index)]),
      ),
    ].filter((each) => each !== undefined);
    const kept = stacked((layer) => layer.kept, [batch, hidden]);
    const changes = layers[0]!.zoneout?.changes?.map((_, state) =>
      stacked(({ zoneout }) => zoneout!.changes![state], [steps, batch, hidden])!,
    );
    const zoneout = layers[0]!.zoneout && { rate: layers[0]!.zoneout.rate, changes };
    const valid = way.masked
      ? tf.tensor(
          layers.map((layer) => [...layer.valid!]),
          [layers.length, steps * batch],
          'bool',
        )
      : undefined;
    const values: Tensor[] = [];
    const { grads } = tf.valueAndGrads((...given: Tensor[]) => {
      const [projected, ...rest] = given;
      const take = (isThere: boolean): Tensor | undefined => (isThere ? rest.shift() : undefined);
      const kernel = take(cell.recurrence === 'kernel');
      const bias = take(cell.separateRecurrentBias);
      const own = Object.fromEntries((cell.own ?? []).map(({ name }) => [name, rest.shift()!]));
      const result = recurrentLayer(
        cell,
        {
          ...{ projected: projected!, kernel, bias, own, kept, zoneout, states: rest },
          valid: valid && tf.cast(tf.reshape(tf.cast(valid, 'int32'), [layers.length, steps, batch]), 'bool'),
        },
        { reverse: way.reverse, training: true, ...options },
      );
      values.push(...[result.outputs, ...result.states].map((each) => tf.keep(each)));
      const terms = values.map((value, index) => {
        const size = tf.util.sizeFromShape(value.shape.slice(1));
        const weights = tf.tensor(Float32Array.from(lossWeights(index, size)), [1, ...value.shape.slice(1)]);
        return tf.sum(tf.mul([result.outputs, ...result.states][index]!, weights));
      });
      return tf.addN(terms);
    })(variables);
    const all = [...values, ...grads].map((tensor) => tensor.dataSync() as Float32Array);
    tf.dispose(values);
    return layers.map((_, lane) =>
      all.map((each) => each.slice((lane * each.length) / layers.length, ((lane + 1) * each.length) / layers.length)),
    );
  });
}

const size = (values: ArrayLike<number>): number => Math.sqrt(Array.from(values).reduce((sum, x) => sum + x * x, 0));

/** ‖ours − theirs‖ ≤ tolerance·‖theirs‖ for each quantity of each lane. */
function expectClose(ours: ArrayLike<number>[][], theirs: ArrayLike<number>[][], tolerance: number): void {
  const errors = ours.flatMap((lane, index) =>
    lane.map((values, quantity) => {
      const right = theirs[index]![quantity]!;
      expect(values).toHaveLength(right.length);
      const error = size(Array.from(values, (value, at) => value - right[at]!));
      return error / (size(right) || 1);
    }),
  );
  expect(ours).toHaveLength(theirs.length);
  expect(errors.filter((error) => !(error <= tolerance))).toEqual([]);
}

/** Outputs, final states and slopes of the layer that training uses. */
const withSlopes = (cell: Cell, way: Way): ArrayLike<number>[][] =>
  computed(cell, makeLayers(cell, way), way).map((quantities) =>
    quantities.map((each, index) => (index <= cell.states ? each : slopesFrom(each))),
  );

describe.each(everyCodePath)('cells on $label', ({ open }) => {
  it("match PyTorch's outputs, final states and gradients in every case of the table", async () => {
    const engine = await open();
    const verifications = await verifyLayers(table, engine);
    expect(verifications).toHaveLength(24 * (engine.precisions?.().length ?? 1));
    expect(verifications.filter(({ passed }) => !passed)).toEqual([]);
  });

  it('fail as bfloat16 or float16 where they are float32 in disguise', async () => {
    const engine = await open();
    const claimed = ['float32', 'bfloat16', 'float16'] as const;
    const claiming = { ...engine, precisions: () => claimed, usePrecision: () => undefined };
    const verifications = await verifyLayers({ cases: table.cases.slice(0, 2) }, claiming);
    expect(verifications.map(({ passed }) => passed)).toEqual([true, true, false, false, false, false]);
    expect(verifications[5]!.path).toMatch(/, float16$/);
  });

  it('fail against a table that is wrong in one number', async () => {
    const wrong = structuredClone(table.cases[0]!) as LayerCase & { gradients: { h0: number[][][] } };
    wrong.gradients.h0[0]![0]![0]! += 1e-3;
    const [verification] = await verifyLayers({ cases: [wrong] }, await open());
    expect(verification).toMatchObject({ passed: false, worst: 'gradient of h0' });
  });
});

describe('cells', () => {
  it('are found by the cell and nonlinearity of a model, and anything else is refused', () => {
    expect(getCell({ cell: 'rnn', nonlinearity: 'relu' }).name).toBe('rnn-relu');
    expect(getCell({ cell: 'min-gru', nonlinearity: 'tanh' }).name).toBe('min-gru');
    expect(getCell({ cell: 'feed-forward', nonlinearity: 'relu' }).name).toBe('feed-forward-relu');
    expect(() => getCell({ cell: 'transformer', nonlinearity: 'tanh' })).toThrow('there is no cell "transformer"');
  });

  it.each([...cells.values()])(
    'have a padded width only where padding stays at 0: $name',
    ({ name, zeroPreserving }) => {
      const cell = name.replace(/-(tanh|relu)$/, '');
      const isPadded = layerWidth(modelSpec.parse({ cell, hiddenSize: 33 })) > 33;
      expect(isPadded && !zeroPreserving).toBe(false);
    },
  );
});

const everyCell = [...cells.values()].flatMap((cell) =>
  // A cell without kernels of its own is the same code with all instructions.
  (cell.fused === undefined && !cell.scan && !cell.unitScan
    ? everyFastEngine
    : everyCodePath.filter(({ name }) => name !== 'cpu')
  ).map(({ label, open }) => ({ cell, label, open })),
);
const ways: Way[] = [false, true].flatMap((masked) => [false, true].map((reverse) => ({ masked, reverse })));
/** Both values of both. */
const eachOnce = process.env.UNROLL_TEST_ALL ? ways : ways.filter(({ masked, reverse }) => masked === reverse);

describe.each(everyCell)('the cell $cell.name on $label', ({ cell, open }) => {
  beforeAll(() => open());
  const hidden = unitsOf(cell);
  // Sums over the steps of a chunk round otherwise than those of a state that is carried.
  const rounding = cell.alwaysScans ? 1e-5 : 1e-6;
  // Where n·q of a matrix memory nearly cancels, the rounding of its terms is a larger part of it.
  const tolerance = cell.alwaysScans ? 3e-5 : 1e-5;
  const inputs = (way: Way): PlainLayer[] => makeLayers(cell, way);

  it.each(ways)('matches its equations, with their gradients (masked $masked, reverse $reverse)', (way) => {
    expectClose(withSlopes(cell, way), expected(cell, way), tolerance);
  });

  if (cell.recurrence !== 'none')
    it('drops a fraction of the state where it enters the gates', () => {
      const way = { masked: true, reverse: false, dropped: true };
      expectClose(withSlopes(cell, way), expected(cell, way), 1e-5);
    });

  if (contractCells[cell.kind].states.includes('h'))
    it.each(['training', 'evaluation'] as const)('leaves a part of its states as they are in %s', (zoneout) => {
      const way: Way = { masked: true, reverse: zoneout === 'training', zoneout };
      expectClose(withSlopes(cell, way), expected(cell, way), 1e-5);
    });

  if (cell.gradient)
    it.each(eachOnce)(
      'has a closed-form gradient equal to the recorded one (masked $masked, reverse $reverse)',
      (way) => {
        const recorded = computed({ ...cell, gradient: undefined }, inputs(way), way);
        expectClose(computed(cell, inputs(way), way), recorded, 2e-6);
      },
    );

  if (cell.scan)
    it.each(eachOnce)('gives the same all at once as step by step (masked $masked, reverse $reverse)', (way) => {
      const oneByOne = computed({ ...cell, scan: undefined }, inputs(way), way);
      expectClose(computed(cell, inputs(way), way, { parallelScan: true }), oneByOne, rounding);
    });

  if (cell.scan)
    it('gives the same all at once as step by step of a single step', () => {
      const way = { masked: false, reverse: false };
      const layers = inputs(way).map((layer) => ({
        ...layer,
        steps: 1,
        projected: layer.projected.slice(0, batch * cell.gates * hidden),
      }));
      const oneByOne = computed({ ...cell, scan: undefined }, layers, way);
      expectClose(computed(cell, layers, way, { parallelScan: true }), oneByOne, rounding);
    });

  it('gives a lane the same bits alone as among others', () => {
    const way = { masked: true, reverse: false };
    for (const options of [{}, { parallelScan: true }]) {
      const together = computed(cell, inputs(way), way, options);
      inputs(way).forEach((layer, lane) => expect(computed(cell, [layer], way, options)[0]).toEqual(together[lane]));
    }
  });

  if (cell.zeroPreserving)
    it('keeps a unit whose weights and initial states are 0 at exactly 0, with its gradients', () => {
      const way = { masked: false, reverse: false };
      const isLast = (index: number): boolean => index % hidden === hidden - 1;
      const layers = inputs(way).map((layer) => {
        for (const values of listVariables(layer)) values.forEach((_, at) => isLast(at) && (values[at] = 0));
        layer.kernel?.fill(0, (hidden - 1) * cell.gates * hidden);
        return layer;
      });
      for (const [outputs] of computed(cell, layers, way))
        expect(outputs!.filter((_, at) => isLast(at)).every((value) => value === 0)).toBe(true);
    });

  it('lets no NaN of a step that does not count into states or gradients', () => {
    const way = { masked: true, reverse: false };
    const layers = inputs(way).map((layer) => ({
      ...layer,
      projected: layer.projected.map((value, at) =>
        layer.valid![Math.floor(at / (cell.gates * hidden))] === 0 ? NaN : value,
      ),
    }));
    for (const options of [{}, { parallelScan: true }])
      for (const quantities of computed(cell, layers, way, options))
        expect(quantities.every((values) => values.every(Number.isFinite))).toBe(true);
  });
});
