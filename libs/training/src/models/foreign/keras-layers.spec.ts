import { layersOf } from './keras-config';
import { kerasLayers, type KerasArray } from './keras-layers';

const gates = { LSTM: 4, GRU: 3, SimpleRNN: 1 } as const;
type Kind = keyof typeof gates;

/** Options as Keras 3 writes them; the dtype is a policy. */
const options = (name: string, changes: object = {}): object => ({
  ...{ name, activation: 'tanh', recurrent_activation: 'sigmoid', reset_after: true, go_backwards: false },
  dtype: { module: 'keras', class_name: 'DTypePolicy', config: { name: 'float32' } },
  ...changes,
});
const layer = (kind: string, name: string, changes: object = {}, calls?: unknown[]): object => ({
  ...{ class_name: kind, config: options(name, changes) },
  ...(calls ? { inbound_nodes: calls } : {}),
});
const sequential = (...layers: object[]): string => JSON.stringify({ class_name: 'Sequential', config: { layers } });
const functional = (...layers: object[]): string => JSON.stringify({ class_name: 'Functional', config: { layers } });

/** A call of a layer with an output of another, as Keras 3 writes it. */
const call = (from: string, output = 0, more: object = {}) => ({
  args: [{ class_name: '__keras_tensor__', config: { shape: [null, 5, 3], keras_history: [from, 0, output] } }],
  kwargs: more,
});
const input = layer('InputLayer', 'x', {}, []);

/** Reads layers of three units over three numbers. */
function read(text: string, names?: string[]) {
  const layers = layersOf(text);
  const of = (rows: number): KerasArray => ({ shape: [3, rows], values: new Float32Array(3 * rows) });
  const kinds = new Map(
    layers.map(({ class_name: kind, config }) => [
      String(config.name),
      gates[(kind === 'Bidirectional' ? (config.layer as { class_name: Kind }).class_name : kind) as Kind],
    ]),
  );
  return kerasLayers(layers, (name) => [of(3 * kinds.get(name)!), of(3 * kinds.get(name)!)], names);
}

describe('layers of a Keras model', () => {
  it('are a stack where each reads the one below, also by way of layers that change nothing', () => {
    const chain = functional(
      input,
      layer('GRU', 'a', {}, [call('x')]),
      layer('Dropout', 'd', {}, [call('a')]),
      layer('GRU', 'b', {}, [call('d')]),
    );
    const legacy = functional(
      input,
      layer('GRU', 'a', { dtype: 'float32' }, [[['x', 0, 0, {}]]]),
      layer('GRU', 'b', { dtype: 'float32' }, [[['a', 0, 0, {}]]]),
    );
    const plain = sequential(input, layer('GRU', 'a'), layer('GaussianDropout', 'd'), layer('GRU', 'b'));
    for (const text of [chain, legacy, plain]) expect(read(text).origin).toBe("Keras's a, b");
  });

  const a = layer('GRU', 'a', {}, [call('x')]);
  // Each was read before, as a stack that the model is not, or without a part of it.
  it.each([
    [
      'two branches',
      functional(input, a, layer('GRU', 'b', {}, [call('x')])),
      'b, which is not on top of a: b reads x',
    ],
    [
      'two branches of Keras 2',
      functional(input, layer('GRU', 'a', {}, [[['x', 0, 0, {}]]]), layer('GRU', 'b', {}, [[['x', 0, 0, {}]]])),
      'b, which is not on top of a: b reads x',
    ],
    [
      'a decoder that begins with the state of an encoder',
      functional(input, a, layer('GRU', 'b', {}, [call('x', 0, { initial_state: [call('a', 1)] })])),
      'b, which is not on top of a: b reads x',
    ],
    [
      'a layer on top that begins with the state of the one below',
      functional(input, a, layer('GRU', 'b', {}, [call('a', 0, { initial_state: [call('a', 1).args[0]] })])),
      'b, which begins with a state that a makes and would begin with 0 here: name those to take',
    ],
    [
      'the same of Keras 2',
      functional(
        input,
        layer('GRU', 'a', { dtype: 'float32' }, [[['x', 0, 0, {}]]]),
        layer('GRU', 'b', { dtype: 'float32' }, [[['a', 0, 0, { initial_state: [['a', 0, 1]] }]]]),
      ),
      'b, which begins with a state that a makes',
    ],
    [
      'the same of Keras 2 by position',
      functional(
        input,
        layer('LSTM', 'a', { dtype: 'float32' }, [[['x', 0, 0, {}]]]),
        layer('LSTM', 'b', { dtype: 'float32' }, [
          [
            ['a', 0, 0, {}],
            ['a', 0, 1, {}],
            ['a', 0, 2, {}],
          ],
        ]),
      ),
      'b, which begins with a state that a makes',
    ],
    [
      'the same of Keras 3 by position',
      functional(
        input,
        a,
        layer('LSTM', 'b', {}, [
          { ...call('a'), args: [call('a').args[0], [call('a', 1).args[0], call('a', 2).args[0]]] },
        ]),
      ),
      'b, which begins with a state that a makes',
    ],
    [
      'a layer that reads a last state',
      functional(input, a, layer('GRU', 'b', {}, [call('a', 1)])),
      'b, which is not on top of a: b reads output 1 of a',
    ],
    [
      'a layer that is called twice',
      functional(input, layer('GRU', 'a', {}, [call('x'), call('a')])),
      'a, which is called 2 times: name it in training.initFrom.modules to take it once',
    ],
    [
      'a model within the model',
      sequential(layer('GRU', 'a'), layer('Sequential', 's', { layers: [layer('GRU', 'b')] })),
      'has recurrent layers in s (Sequential)',
    ],
    [
      'a cell in a layer',
      sequential(layer('GRU', 'a'), layer('RNN', 'r', { cell: {} })),
      'recurrent layers in r (RNN)',
    ],
    [
      'a layer over layers',
      sequential(layer('TimeDistributed', 't', { layer: layer('LSTM', 'b') })),
      'has recurrent layers in t (TimeDistributed)',
    ],
    [
      'another way backwards',
      sequential(
        layer('Bidirectional', 't', {
          ...{ merge_mode: 'concat', layer: layer('GRU', 'f') },
          backward_layer: layer('GRU', 'b', { go_backwards: true, reset_after: false }),
        }),
      ),
      't has reset_after=False',
    ],
    [
      'another layer backwards',
      sequential(
        layer('Bidirectional', 't', {
          ...{ merge_mode: 'concat', layer: layer('GRU', 'f'), backward_layer: layer('LSTM', 'b') },
        }),
      ),
      't has a backward_layer of another kind',
    ],
    ['a GRU without the option', sequential(layer('GRU', 'a', { reset_after: undefined })), 'a has reset_after=False'],
    [
      'half precision',
      sequential(layer('GRU', 'a', { dtype: { class_name: 'DTypePolicy', config: { name: 'bfloat16' } } })),
      'a has weights of bfloat16; save the model with weights of float32, such as with the policy mixed_bfloat16',
    ],
  ])('are refused for %s', (_, text, message) => {
    expect(() => read(text)).toThrow(message);
  });

  it('are read where the model is given the states with which a layer begins', () => {
    const given = layer('InputLayer', 'state', {}, []);
    const b = layer('GRU', 'b', {}, [call('a', 0, { initial_state: [call('state').args[0]] })]);
    expect(read(functional(input, given, a, b)).origin).toBe("Keras's a, b");
  });

  it('are read by name where they are no stack', () => {
    const text = functional(input, a, layer('GRU', 'b', {}, [call('x')]));
    expect(read(text, ['b']).origin).toBe("Keras's b");
  });
});
