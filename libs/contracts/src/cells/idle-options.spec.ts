import { model as modelSchema } from '../model-spec';
import { idleOptions } from './idle-options';

const trial = (given: object) => ({ model: modelSchema.parse(given) });

describe('options that have no effect on any trial', () => {
  it('are those of what is between layers, where all trials that set them have one', () => {
    expect(idleOptions([trial({ dropout: 0.3 }), trial({ layers: 2 })])).toEqual([
      expect.stringMatching(/^model\.dropout has no effect: .* model\.recurrentDropout/),
    ]);
    expect(idleOptions([trial({ residual: true, layerSizes: [8], layers: 1 })])).toEqual([
      expect.stringMatching(/^model\.residual has no effect/),
    ]);
  });

  it('are not those that some trial heeds, or that none sets', () => {
    expect(idleOptions([])).toEqual([]);
    expect(idleOptions([trial({})])).toEqual([]);
    expect(idleOptions([trial({ dropout: 0.3 }), trial({ dropout: 0.1, layers: 2, residual: true })])).toEqual([]);
    expect(idleOptions([trial({ cell: 'transformer', dropout: 0.3 })])).toEqual([]);
  });
});
