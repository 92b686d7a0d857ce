import { cells } from './cells';
import { datasetKindDefinitions } from './datasets';
import { isDistribution } from './distribution';
import { tasks } from './tasks';
import { defaultVocabulary, standardHuberDelta } from './tasks/options';
import type { TrialSpec } from './trial-spec';

/** What the sequences of a data set are made of. */
export type StepKind = 'tokens' | 'numbers';

type Trial = Pick<TrialSpec, 'dataset' | 'task' | 'model' | 'training'>;

interface IdleOption {
  path: string;
  /** The options by which it has an effect or none. */
  by: readonly string[];
  isSet: (trial: Trial) => boolean;
  hasEffect: (trial: Trial) => boolean;
  /** Why it has no effect on these trials, and what to give instead. */
  why: (trials: readonly Trial[]) => string;
}

/** The options of whatever task it is. */
const ofTask = ({ task }: Trial): Readonly<Record<string, unknown>> => task;

const layers = ['model.cell', 'model.layers', 'model.layerSizes'];
/** Options of what is between recurrent layers, as in torch.nn.LSTM. A transformer drops what each part of a layer gives. */
const hasLayersBetween = ({ model }: Trial): boolean => model.cell === 'transformer' || model.layers > 1;

const byOptions: readonly IdleOption[] = [
  {
    path: 'model.dropout',
    by: layers,
    isSet: ({ model }) => model.dropout > 0,
    hasEffect: hasLayersBetween,
    why: (trials) => {
      const isRecurrent = trials.every(({ model: { cell } }) => cells[cell].recurrence !== 'none');
      const instead = isRecurrent ? 'model.recurrentDropout, or more layers' : 'more layers';
      return `drops what a layer reads from the one below, and there is one layer: give ${instead}`;
    },
  },
  {
    path: 'model.residual',
    by: layers,
    isSet: ({ model }) => model.residual,
    hasEffect: hasLayersBetween,
    why: () => 'adds what a layer reads from the one below, and there is one layer: give more layers',
  },
  {
    path: 'task.huberDelta',
    by: ['task.loss'],
    isSet: (trial) => (ofTask(trial).huberDelta ?? standardHuberDelta) !== standardHuberDelta,
    hasEffect: (trial) => ofTask(trial).loss === 'huber',
    why: () => 'is of the Huber loss: give task.loss: huber, or leave it out',
  },
  {
    path: 'task.vocabulary',
    by: ['task.tokens'],
    isSet: (trial) => (ofTask(trial).vocabulary ?? defaultVocabulary) !== defaultVocabulary,
    hasEffect: (trial) => ofTask(trial).tokens !== 'character',
    why: () =>
      'limits words and subwords, and all characters are kept: give task.tokens: word or subword, or leave it out',
  },
  {
    path: 'dataset.splitSeed',
    by: ['task.kind'],
    isSet: ({ dataset }) => dataset.splitSeed > 0,
    hasEffect: ({ task }) => tasks[task.kind].datasets.some((kind) => !datasetKindDefinitions[kind].isOrdered),
    why: () => 'shuffles what is split, and data in order are split by time: leave it out',
  },
  {
    path: 'training.augmentation.timeMasking',
    by: ['task.kind'],
    isSet: ({ training }) => training.augmentation.timeMasking > 0,
    hasEffect: ({ task }) => task.kind !== 'sequence-from-vector',
    why: () => 'masks steps of a sequence, and a vector has none: leave it out',
  },
];

const augmentation = (key: keyof Trial['training']['augmentation'], changes: StepKind): IdleOption => ({
  path: `training.augmentation.${key}`,
  by: ['dataset.name'],
  isSet: ({ training }) => training.augmentation[key] > 0,
  hasEffect: () => false,
  why: () => `changes ${changes}, and the data are ${changes === 'tokens' ? 'numbers' : 'tokens'}: leave it out`,
});

/** What has no effect on sequences of tokens, or of numbers, for tasks that read both. */
const byData: Readonly<Record<StepKind, readonly IdleOption[]>> = {
  tokens: [augmentation('jitter', 'numbers'), augmentation('timeMasking', 'numbers')],
  numbers: [augmentation('tokenDropout', 'tokens')],
};

/**
 * What has no effect on any of these trials, though some of them set it: in a line each. It is no error, since other trials of a sweep may
 * heed it. `searched`: the specification of a sweep that has further trials; nothing is said where what decides may differ in these.
 */
export const idleOptions = (trials: readonly Trial[], searched?: unknown): string[] =>
  idle(byOptions, trials, searched);

/** The same of trials whose data are known to be sequences of tokens, or of numbers. */
export const idleOnData = (trials: readonly Trial[], steps: StepKind, searched?: unknown): string[] =>
  idle(byData[steps], trials, searched);

const idle = (options: readonly IdleOption[], trials: readonly Trial[], searched: unknown): string[] =>
  options.flatMap(({ path, by, isSet, hasEffect, why }) => {
    const setting = trials.filter(isSet);
    const isIdle =
      setting.length > 0 && !setting.some(hasEffect) && !by.some((each) => mayDiffer(searched, each.split('.')));
    return isIdle ? [`${path} has no effect: it ${why(setting)}`] : [];
  });

/** Whether an option of a sweep, or something that it is part of, is a distribution. */
function mayDiffer(searched: unknown, [key, ...rest]: readonly string[]): boolean {
  if (isDistribution(searched)) return true;
  if (key === undefined || typeof searched !== 'object' || searched === null) return false;
  return mayDiffer((searched as Record<string, unknown>)[key], rest);
}
