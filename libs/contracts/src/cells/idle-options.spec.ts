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

  it('name recurrent dropout only where every cell has it', () => {
    const of = (cell: string) => trial({ cell, dropout: 0.3 });
    expect(idleOptions([of('lstm')])[0]).toContain('give model.recurrentDropout, or more layers');
    expect(idleOptions([of('min-gru')])[0]).toMatch(/: give more layers$/);
    expect(idleOptions([of('lstm'), of('min-gru')])[0]).toMatch(/: give more layers$/);
  });

  it('are not said of a sweep whose further trials may have other layers', () => {
    const seen = [trial({ dropout: 0.3 })];
    const further = (model: object): string[] =>
      idleOptions(seen, { dropout: 0.3, hiddenSize: { grid: [8, 16] }, ...model });
    expect(further({ layers: 1 })).toEqual(idleOptions(seen));
    expect(further({ layers: { grid: [1, 2] } })).toEqual([]);
    expect(further({ layerSizes: { choice: [[8], [8, 8]] } })).toEqual([]);
    expect(further({ cell: { choice: ['lstm', 'transformer'] } })).toEqual([]);
    expect(idleOptions(seen, { grid: [{ dropout: 0.3 }, { layers: 2 }] })).toEqual([]);
  });

  it('are not those that some trial heeds, or that none sets', () => {
    expect(idleOptions([])).toEqual([]);
    expect(idleOptions([trial({})])).toEqual([]);
    expect(idleOptions([trial({ dropout: 0.3 }), trial({ dropout: 0.1, layers: 2, residual: true })])).toEqual([]);
    expect(idleOptions([trial({ cell: 'transformer', dropout: 0.3 })])).toEqual([]);
  });
});
