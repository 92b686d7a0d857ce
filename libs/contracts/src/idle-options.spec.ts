import { idleOnData, idleOptions } from './idle-options';
import { model as modelSchema } from './model-spec';
import { trialSpec } from './trial-spec';

const of = (given: object) => trialSpec.parse({ dataset: { name: 'a' }, task: 'classification', ...given });
const trial = (model: object) => ({ ...of({}), model: modelSchema.parse(model) });

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
    const dropping = (cell: string) => trial({ cell, dropout: 0.3 });
    expect(idleOptions([dropping('lstm')])[0]).toContain('give model.recurrentDropout, or more layers');
    expect(idleOptions([dropping('min-gru')])[0]).toMatch(/: give more layers$/);
    expect(idleOptions([dropping('lstm'), dropping('min-gru')])[0]).toMatch(/: give more layers$/);
  });

  it('are not said of a sweep whose further trials may have other layers', () => {
    const seen = [trial({ dropout: 0.3 })];
    const further = (model: object): string[] =>
      idleOptions(seen, { model: { dropout: 0.3, hiddenSize: { grid: [8, 16] }, ...model } });
    expect(further({ layers: 1 })).toEqual(idleOptions(seen));
    expect(further({ layers: { grid: [1, 2] } })).toEqual([]);
    expect(further({ layerSizes: { choice: [[8], [8, 8]] } })).toEqual([]);
    expect(further({ cell: { choice: ['lstm', 'transformer'] } })).toEqual([]);
    expect(idleOptions(seen, { model: { grid: [{ dropout: 0.3 }, { layers: 2 }] } })).toEqual([]);
  });

  it('are not those that some trial heeds, or that none sets', () => {
    expect(idleOptions([])).toEqual([]);
    expect(idleOptions([trial({})])).toEqual([]);
    expect(idleOptions([trial({ dropout: 0.3 }), trial({ dropout: 0.1, layers: 2, residual: true })])).toEqual([]);
    expect(idleOptions([trial({ cell: 'transformer', dropout: 0.3 })])).toEqual([]);
  });

  it.each([
    [
      { task: { kind: 'regression', huberDelta: 2 } },
      { task: { kind: 'regression', huberDelta: 2, loss: 'huber' } },
      'task.huberDelta',
    ],
    [
      { task: { kind: 'classification', vocabulary: 99 } },
      { task: { kind: 'classification', vocabulary: 99, tokens: 'word' } },
      'task.vocabulary',
    ],
    [
      { task: 'language-model', dataset: { name: 'a', splitSeed: 1 } },
      { dataset: { name: 'a', splitSeed: 1 } },
      'dataset.splitSeed',
    ],
    [
      { task: 'sequence-from-vector', training: { augmentation: { timeMasking: 0.1 } } },
      { training: { augmentation: { timeMasking: 0.1 } } },
      'training.augmentation.timeMasking',
    ],
  ])('are %j, but not %j', (given, heeded, path) => {
    expect(idleOptions([of(given)])).toEqual([expect.stringContaining(`${path} has no effect: it `)]);
    expect(idleOptions([of(given), of(heeded)])).toEqual([]);
    expect(idleOptions([of(given)], { task: { choice: [] } })).toEqual([]);
  });

  it('are augmentations that do not apply to the data', () => {
    const changed = (key: string) => of({ training: { augmentation: { [key]: 0.5 } } });
    for (const [key, has, lacks] of [
      ['jitter', 'numbers', 'tokens'],
      ['timeMasking', 'numbers', 'tokens'],
      ['tokenDropout', 'tokens', 'numbers'],
    ] as const) {
      expect(idleOnData([changed(key)], has)).toEqual([]);
      const said = `training.augmentation.${key} has no effect: it changes ${has}, and the data are ${lacks}: leave it out`;
      expect(idleOnData([changed(key)], lacks)).toEqual([said]);
      expect(idleOnData([changed(key)], lacks, { dataset: { name: { choice: ['a', 'b'] } } })).toEqual([]);
    }
  });
});
