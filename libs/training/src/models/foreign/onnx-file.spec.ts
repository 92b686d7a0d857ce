import { encodeModel } from '../../onnx-format/schema';
import { exportOnnx } from '../../onnx/export';
import { labelled, makeSpec, many, trained } from '../../testing/models.fixture';
import { isForeign, readForeignLayers } from './foreign-model';

const frames = labelled(
  many(20, (index) => ({ frames: many(3, (step) => [index, step, 1]), label: index % 2 ? 'A' : 'B' })),
);

/** A tensor of a graph; its values are 0, 1, 2, ... */
const tensor = (name: string, dims: number[], changes: object = {}) => {
  const values = Float32Array.from({ length: dims.reduce((a, b) => a * b) }, (_, index) => index);
  return { name, dims, dataType: 1, rawData: new Uint8Array(values.buffer), ...changes };
};

/** A graph of one GRU of two units over three numbers, which `changes` may make another. */
function graphOf(
  changes: object = {},
  attributes: object[] = [{ name: 'linear_before_reset', type: 2, i: 1 }],
): Uint8Array {
  const node = { opType: 'GRU', name: 'top', input: ['x', 'W', 'R', 'B'], output: ['y'], attribute: attributes };
  const initializer = [tensor('W', [1, 6, 3]), tensor('R', [1, 6, 2]), tensor('B', [1, 12])];
  return encodeModel({ irVersion: 8, graph: { node: [node], initializer, ...changes } });
}

describe('recurrent layers of ONNX', () => {
  it.each<[{ cell: string; bidirectional?: boolean; layers?: number; nonlinearity?: string }]>([
    [{ cell: 'lstm', bidirectional: true, layers: 2 }],
    [{ cell: 'gru' }],
    [{ cell: 'gru', layers: 3, bidirectional: true }],
    [{ cell: 'rnn', nonlinearity: 'relu' }],
    [{ cell: 'rnn', nonlinearity: 'tanh', layers: 2 }],
  ])('are those that were exported: %j', async (model) => {
    const spec = makeSpec('classification', { model: { ...model, hiddenSize: 5 } });
    const { model: network } = await trained(frames, [spec]);
    const file = exportOnnx(network);
    expect(isForeign(file)).toBe(true);
    const layers = await readForeignLayers(file);
    expect(layers).toMatchObject({ cell: model.cell, bidirectional: model.bidirectional ?? false });
    if (model.cell === 'rnn') expect(layers.nonlinearity).toBe(model.nonlinearity);
    const own = Object.entries(network.weights).filter(([name]) => name.startsWith('recurrent.'));
    expect(own.length).toBeGreaterThan(3);
    expect(Object.keys(layers.weights)).toHaveLength(own.length);
    for (const [name, { shape, values }] of own)
      expect([name, layers.weights[name.slice('recurrent.'.length)]]).toEqual([name, { shape, values }]);
  });

  it('have gates z, r, h as r, z, n, from stored values, constants and values beside the file', async () => {
    const plain = await readForeignLayers(graphOf());
    expect(Array.from(plain.weights.bias_ih_l0!.values)).toEqual([2, 3, 0, 1, 4, 5]);
    expect(Array.from(plain.weights.bias_hh_l0!.values)).toEqual([8, 9, 6, 7, 10, 11]);
    const constant = {
      opType: 'Constant',
      output: ['B'],
      attribute: [{ name: 'value', type: 4, t: tensor('', [1, 12]) }],
    };
    const node = (input: string[]) => ({
      ...{ opType: 'GRU', name: 'top', input, output: ['y'] },
      attribute: [{ name: 'linear_before_reset', type: 2, i: 1 }],
    });
    const floats = tensor('R', [1, 6, 2], {
      rawData: undefined,
      floatData: Array.from({ length: 12 }, (_, index) => index),
    });
    const elsewhere = tensor('W', [1, 6, 3], {
      ...{ rawData: undefined, dataLocation: 1 },
      externalData: [
        { key: 'location', value: 'a.onnx.data' },
        { key: 'offset', value: '8' },
        { key: 'length', value: '72' },
      ],
    });
    const other = graphOf({ node: [constant, node(['x', 'W', 'R', 'B'])], initializer: [elsewhere, floats] });
    const beside = (name: string): Promise<Uint8Array> => {
      expect(name).toBe('a.onnx.data');
      return Promise.resolve(new Uint8Array(Float32Array.from({ length: 20 }, (_, index) => index - 2).buffer));
    };
    expect((await readForeignLayers(other, undefined, beside)).weights).toEqual(plain.weights);
    await expect(readForeignLayers(other)).rejects.toThrow('its values are in another file, a.onnx.data');
    const outside = { ...elsewhere, externalData: [{ key: 'location', value: '../a.data' }] };
    const hostile = graphOf({ initializer: [outside, floats, tensor('B', [1, 12])] });
    await expect(readForeignLayers(hostile, undefined, beside)).rejects.toThrow('is no file beside the model');
    const unbiased = await readForeignLayers(graphOf({ node: [node(['x', 'W', 'R'])] }));
    expect(unbiased.weights.bias_hh_l0).toEqual({ shape: [6], values: new Float32Array(6) });
  });

  it('have the same values in every field that a graph may keep them in', async () => {
    const weights = async (changes: object) =>
      (
        await readForeignLayers(
          graphOf({ initializer: [tensor('W', [1, 6, 3]), tensor('R', [1, 6, 2], changes), tensor('B', [1, 12])] }),
        )
      ).weights.weight_hh_l0;
    const expected = await weights({});
    const values = Array.from({ length: 12 }, (_, index) => index);
    // 0 to 11 in binary16, and the upper halves of float32.
    const half = [0, 0x3c00, 0x4000, 0x4200, 0x4400, 0x4500, 0x4600, 0x4700, 0x4800, 0x4880, 0x4900, 0x4980];
    const brain = values.map((value) => new Uint32Array(Float32Array.of(value).buffer)[0]! >>> 16);
    const bare = { rawData: undefined };
    expect(await weights({ ...bare, floatData: values })).toEqual(expected);
    expect(await weights({ ...bare, dataType: 11, doubleData: values })).toEqual(expected);
    expect(await weights({ ...bare, dataType: 10, int32Data: half })).toEqual(expected);
    expect(await weights({ ...bare, dataType: 16, int32Data: brain })).toEqual(expected);
    await expect(weights({ ...bare, floatData: [1] })).rejects.toThrow('some of its values are missing');
  });

  const strings = (name: string, all: string[]): object => ({
    name,
    type: 8,
    strings: all.map((each) => Buffer.from(each)),
  });
  const reset = { name: 'linear_before_reset', type: 2, i: 1 };
  /** A graph of one LSTM of one unit over one number, with further inputs from `sequence_lens` on. */
  const lstmOf = (inputs: string[], attributes: object[] = [], before: object[] = []): Uint8Array =>
    graphOf({
      node: [
        ...before,
        {
          ...{ opType: 'LSTM', name: 'top', output: ['y'], attribute: attributes },
          input: ['x', 'W', 'R', 'B', ...inputs],
        },
      ],
      initializer: [
        ...[tensor('W', [1, 4, 1]), tensor('R', [1, 4, 1]), tensor('B', [1, 8]), tensor('h', [1, 2, 1])],
        ...[tensor('none', [1, 1, 1]), tensor('lengths', [2]), tensor('P', [1, 3])],
      ],
    });

  it.each([
    ['the layout of its batches', lstmOf([], [{ name: 'layout', type: 2, i: 1 }])],
    ['lengths of sequences', lstmOf(['lengths'])],
    ['first states of 0, or ones that it is given', lstmOf(['', 'none', 'given'])],
    [
      'first states that are filled with 0',
      lstmOf(['', 'zero'], [], [{ opType: 'ConstantOfShape', input: ['shape'], output: ['zero'] }]),
    ],
    ['the names of its own activations', lstmOf([], [strings('activations', ['sigmoid', 'tanh', 'tanh'])])],
    ['a slope that its activations do not have', lstmOf([], [{ name: 'activation_alpha', type: 6, floats: [1] }])],
    ['no coupled gates', lstmOf([], [{ name: 'input_forget', type: 2, i: 0 }])],
  ])('are the same with %s', async (_, file) => {
    expect((await readForeignLayers(file)).weights).toEqual((await readForeignLayers(lstmOf([]))).weights);
  });

  it.each([
    ['a reset gate before the product', graphOf({}, []), 'has linear_before_reset=0'],
    [
      'another direction',
      graphOf({}, [reset, { name: 'direction', type: 3, s: Buffer.from('reverse') }]),
      'the direction reverse',
    ],
    [
      'other activations',
      graphOf({}, [reset, strings('activations', ['HardSigmoid', 'Tanh'])]),
      'the activations HardSigmoid, Tanh',
    ],
    ['clipping', graphOf({}, [reset, { name: 'clip', type: 1, f: 3 }]), 'has clip'],
    ['coupled gates', lstmOf([], [{ name: 'input_forget', type: 2, i: 1 }]), 'has input_forget'],
    ['peepholes', lstmOf(['', '', '', 'P']), 'has peepholes; the cell peephole-lstm cannot start from a file'],
    [
      'other activations of one direction',
      lstmOf(
        [],
        [
          { name: 'direction', type: 3, s: Buffer.from('bidirectional') },
          strings('activations', ['Sigmoid', 'Tanh', 'Tanh', 'Sigmoid', 'Tanh', 'Affine']),
        ],
      ),
      'the activations Sigmoid, Tanh, Tanh, Sigmoid, Tanh, Affine',
    ],
    [
      'a stored first state',
      lstmOf(['', 'h']),
      'top (LSTM) has an initial_h other than 0 among its weights, which would be lost',
    ],
    [
      'one that a batch shares',
      lstmOf(['', '', 'spread'], [], [{ opType: 'Expand', input: ['h', 'shape'], output: ['spread'] }]),
      'top (LSTM) has an initial_c other than 0',
    ],
    [
      'one that is put together',
      lstmOf(['', 'both'], [], [{ opType: 'Concat', input: ['none', 'h'], output: ['both'] }]),
      'top (LSTM) has an initial_h other than 0',
    ],
    [
      'a recurrent node in a branch',
      lstmOf(
        [],
        [],
        [{ opType: 'If', attribute: [{ name: 'then_branch', type: 5, g: { node: [{ opType: 'GRU', name: 'in' }] } }] }],
      ),
      'has the operator GRU (in) within another, which cannot be read: name those to take',
    ],
    [
      'a recurrent operator of another domain',
      lstmOf([], [], [{ opType: 'DynamicQuantizeLSTM', name: 'low', output: ['x'] }]),
      'has the operator DynamicQuantizeLSTM (low) too',
    ],
    [
      'a recurrent operator of the name of ONNX in another domain',
      lstmOf([], [], [{ opType: 'LSTM', domain: 'com.example', name: 'own', output: ['x'] }]),
      'has the operator com.example.LSTM (own) too',
    ],
    ['weights that are computed', graphOf({ initializer: [] }), 'top: its weights W are computed in the graph'],
    [
      'a shape that does not fit',
      graphOf({ initializer: [tensor('W', [1, 5, 3]), tensor('R', [1, 6, 2])] }),
      'W is 1 × 5 × 3',
    ],
    [
      'integers',
      graphOf({ initializer: [tensor('W', [1, 6, 3], { dataType: 7 }), tensor('R', [1, 6, 2])] }),
      'holds type 7',
    ],
    [
      'no recurrent node',
      graphOf({ node: [{ opType: 'MatMul', input: ['x'], output: ['y'] }] }),
      'unrolled into single operations',
    ],
    ['no graph', encodeModel({ irVersion: 8 }), 'not an ONNX model'],
    ['half of a file', graphOf().subarray(0, 60), 'not an ONNX model'],
  ])('are refused for %s', async (_, file, message) => {
    await expect(readForeignLayers(file)).rejects.toThrow(message);
  });

  it('are taken by name where something stands between them', async () => {
    const gru = (name: string, x: string, y: string): object => ({
      ...{ opType: 'GRU', name, input: [x, 'W', 'R', 'B'], output: [y], attribute: [reset] },
    });
    const add = { opType: 'Add', name: 'sum', input: ['low_y', 'x'], output: ['sum'] };
    const file = graphOf({ node: [gru('low', 'x', 'low_y'), add, gru('high', 'sum', 'y')] });
    await expect(readForeignLayers(file)).rejects.toThrow('has the operator Add before high');
    expect(Object.keys((await readForeignLayers(file, ['low', 'high'])).weights)).toHaveLength(8);
    const last = graphOf({ node: [{ ...gru('low', 'x', 'low_y'), output: ['low_y', 'h'] }, gru('high', 'h', 'y')] });
    await expect(readForeignLayers(last)).rejects.toThrow('has the last state of GRU before high');
    await expect(readForeignLayers(file, ['middle'])).rejects.toThrow(
      'has no recurrent node middle; there are low, high',
    );
  });

  describe('of two layers', () => {
    const node = (opType: string, input: string[], output: string[], attribute: object[] = []): object => ({
      ...{ opType, name: output[0], input, output, attribute },
    });
    const twoWay = { name: 'direction', type: 3, s: Buffer.from('bidirectional') };
    const layout = { name: 'layout', type: 2, i: 1 };
    const perm = (...ints: number[]) => [{ name: 'perm', type: 7, ints }];
    /** The upper layer reads `x1` and, where it is given one, begins with a state. */
    const stackOf = (between: object[], attributes: object[] = [], states: string[] = []): Uint8Array => {
      const own = [reset, ...attributes];
      const directions = attributes.includes(twoWay) ? 2 : 1;
      return graphOf({
        node: [
          node('GRU', ['x', 'W0', 'R', 'B'], ['low', 'low_h'], own),
          ...between,
          node('GRU', ['x1', 'W1', 'R', 'B', '', ...states], ['high'], own),
        ],
        initializer: [
          ...[tensor('W0', [directions, 6, 3]), tensor('W1', [directions, 6, 2 * directions])],
          ...[tensor('R', [directions, 6, 2]), tensor('B', [directions, 12])],
        ],
      });
    };
    const beside = node('Transpose', ['low'], ['turned'], perm(0, 2, 1, 3));
    const joined = (from: string): object => node('Reshape', [from, 'shape'], ['x1']);

    it.each([
      ['one direction', stackOf([node('Squeeze', ['low'], ['x1'])])],
      ['one direction that a Reshape leaves out', stackOf([joined('low')])],
      [
        'sequences as rows, and back',
        stackOf([
          node('Squeeze', ['low'], ['s']),
          node('Transpose', ['s'], ['rows'], perm(1, 0, 2)),
          node('Transpose', ['rows'], ['x1'], perm(1, 0, 2)),
        ]),
      ],
      ['both directions side by side', stackOf([beside, joined('turned')], [twoWay])],
      ['both directions of the other layout', stackOf([joined('low')], [twoWay, layout])],
      [
        'a state of the shape of the lower',
        stackOf([joined('low'), node('Shape', ['low_h'], ['s']), node('ConstantOfShape', ['s'], ['h'])], [], ['h']),
      ],
      ['a state that the graph is given', stackOf([joined('low')], [], ['h'])],
    ])('are read with %s', async (_, file) => {
      expect(Object.keys((await readForeignLayers(file)).weights)).toContain('weight_hh_l1');
    });

    // Each was read before, as a stack that computes otherwise than the graph.
    it.each([
      [
        'directions that stand before the batch',
        stackOf([joined('low')], [twoWay]),
        'low in another order before high',
      ],
      [
        'time and batch that change places',
        stackOf([node('Squeeze', ['low'], ['s']), node('Transpose', ['s'], ['x1'], perm(1, 0, 2))]),
        'has the outputs of low in another order before high: name those to take',
      ],
      [
        'a state of the lower one',
        stackOf([joined('low')], [], ['low_h']),
        'has high, which begins with a state that low makes and would begin with 0 here: name those to take',
      ],
      [
        'a state that is computed from it',
        stackOf([joined('low'), node('Tanh', ['low_h'], ['h'])], [], ['h']),
        'begins with a state that low makes',
      ],
    ])('are refused for %s, unless they are named', async (_, file, message) => {
      await expect(readForeignLayers(file)).rejects.toThrow(message);
      expect(Object.keys((await readForeignLayers(file, ['low', 'high'])).weights)).toContain('weight_hh_l1');
    });
  });
});
