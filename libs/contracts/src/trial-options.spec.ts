import { cellNames } from './cells';
import { optimizerKinds } from './optimizers';
import { taskKinds } from './tasks';
import { trialOptions } from './trial-options';
import { trialSpec } from './trial-spec';

const valuesOf = (path: string, examples = {}): unknown[] =>
  (trialOptions(examples).find((option) => option.path === path)?.values as unknown[] | undefined) ?? [];

describe('the options of a trial', () => {
  it('have the words of a list, the sides of a switch, and a number, but not their default', () => {
    expect(valuesOf('task.kind')).toEqual(taskKinds);
    expect(valuesOf('model.cell')).toEqual(cellNames.filter((name) => name !== 'lstm'));
    expect(valuesOf('model.bidirectional')).toEqual([true]);
    expect(valuesOf('training.clipNorm')).toEqual([null, 0.5]);
    expect(valuesOf('training.augmentation.jitter')).toEqual([0.25]);
  });

  it('have each form of an object, without its options and with all of them', () => {
    const optimizers = valuesOf('training.optimizer') as { kind: string }[];
    expect(new Set(optimizers.map(({ kind }) => kind))).toEqual(new Set(optimizerKinds));
    expect(optimizers.filter(({ kind }) => kind === 'sgd')).toEqual([
      { kind: 'sgd' },
      { kind: 'sgd', momentum: 0.25, nesterov: true, weightDecay: 2 },
    ]);
    expect(valuesOf('training.bptt')).toEqual([2, 'full', { k1: 2, k2: 4 }]);
  });

  it('have values that the schema accepts by themselves', () => {
    const sections = ['dataset', 'model', 'training'];
    const options = trialOptions().filter(({ path }) => sections.includes(path.split('.')[0]!));
    expect(options.length).toBeGreaterThan(40);
    for (const { path, values } of options)
      for (const value of values) {
        const nested = path.split('.').reduceRight<unknown>((inner, key) => ({ [key]: inner }), value) as object;
        const { error } = trialSpec.safeParse({
          dataset: { name: 'a', ...('dataset' in nested ? (nested.dataset as object) : {}) },
          task: 'classification',
          ...('dataset' in nested ? {} : nested),
        });
        // What a combination refuses says so in words of its own.
        expect(error?.issues.filter(({ code }) => code !== 'custom') ?? []).toEqual([]);
      }
  });

  it('need an example only where they are texts or lists', () => {
    const unknown = trialOptions().filter(({ values }) => values.length === 0);
    expect(unknown.map(({ path }) => path)).toEqual([
      'dataset.name',
      'dataset.time',
      'dataset.series',
      'dataset.text',
      'dataset.label',
      'dataset.sequences',
      'task.tokenizer',
      'task.target',
      'task.inputs',
      'task.known',
      'task.categories',
      'task.lags',
      'model.layerSizes',
      'training.initFrom',
      'training.freeze',
    ]);
    expect(valuesOf('training.freeze', { 'training.freeze': [['head']] })).toEqual([['head']]);
  });
});
