import { prepare } from '@unroll/datasets';
import { initialValues } from '../nn/parameter';
import { makeSpec, words, type Changes } from '../testing/models.fixture';
import { FirstValues, partsOf } from './beginnings';

const spec = (changes: Changes = {}) => makeSpec('classification', changes);
const { data } = prepare(words, spec());

describe('how trials begin', () => {
  it('is shared by trials that differ in what does not change their networks alone', () => {
    const parts = partsOf(spec(), data);
    const first = parts(spec());
    expect(parts(spec({ training: { seed: 9, learningRate: 1 } }))).toBe(first);
    expect(parts(spec({ model: { hiddenSize: 11 } })).learned).not.toEqual(first.learned);
    expect(parts(spec({ training: { freeze: ['embedding'] } })).frozen).toHaveLength(1);
    expect(partsOf(spec({ training: { batchSize: 3 } }), data)(spec()).learned).toEqual(first.learned);
  });

  it('is drawn once for a parameter and a seed, as it would be each time', () => {
    const values = new FirstValues();
    for (const parameter of partsOf(spec(), data)(spec()).learned)
      for (const seed of [1, 2, 1]) expect(values.of(parameter, seed)).toEqual(initialValues(parameter, seed));
    const [parameter] = partsOf(spec(), data)(spec()).learned;
    expect(values.of(parameter!, 1)).toBe(values.of(parameter!, 1));
  });
});
