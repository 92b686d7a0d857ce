import { torchLayers } from './recurrent-layers';
import type { ForeignTensor } from './tensors';

/** Tensors of zeros by their names in a state_dict. */
const tensors = (shapes: Record<string, number[]>): Map<string, ForeignTensor> =>
  new Map(
    Object.entries(shapes).map(([name, shape]): [string, ForeignTensor] => [
      name,
      { shape, values: () => new Float32Array(shape.reduce((product, size) => product * size, 1)) },
    ]),
  );

const layer = (number: number, direction = '', prefix = ''): Record<string, number[]> => ({
  [`${prefix}weight_ih_l${number}${direction}`]: [16, 4],
  [`${prefix}weight_hh_l${number}${direction}`]: [16, 4],
});

describe('layers of a state_dict', () => {
  it.each([
    [
      'within wrappers',
      layer(0, '', '_orig_mod.module.rnn.'),
      { cell: 'lstm', origin: "PyTorch's _orig_mod.module.rnn" },
    ],
    ['in both directions', { ...layer(0), ...layer(0, '_reverse') }, { cell: 'lstm', bidirectional: true }],
  ])('are read %s', (_, given, found) => {
    expect(torchLayers(tensors(given))).toMatchObject(found);
  });

  // Each was read before as a smaller stack, without what is named here.
  it.each([
    ['without their lowest one', layer(1), '(the root): weight_ih_l1 has no place'],
    ['with a gap', { ...layer(0, '', 'rnn.'), ...layer(2, '', 'rnn.') }, 'rnn: weight_ih_l2 has no place'],
    [
      'without a matrix of the other direction',
      { ...layer(0), weight_hh_l0_reverse: [16, 4] },
      '(the root): weight_hh_l0_reverse has no place',
    ],
    [
      'with a pruned bias',
      { ...layer(0), bias_ih_l0_orig: [16], bias_ih_l0_mask: [16] },
      'bias_ih_l0_mask: weights that',
    ],
    [
      'with a normalised bias',
      { ...layer(0, '', 'rnn.'), 'rnn.parametrizations.bias_hh_l0.original0': [16] },
      'rnn.parametrizations.bias_hh_l0.original0: weights that are computed from others',
    ],
    [
      'with a normalised matrix',
      { weight_ih_l0: [16, 4], weight_hh_l0_g: [16, 1], weight_hh_l0_v: [16, 4] },
      'weight_hh_l0_v: weights that are computed from others (weight_norm',
    ],
  ])('are refused %s', (_, given, message) => {
    expect(() => torchLayers(tensors(given))).toThrow(message);
  });
});
