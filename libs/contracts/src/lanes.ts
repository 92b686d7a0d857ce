import { layerWidth } from './hidden-bucket';
import type { ModelSpec } from './model-spec';
import { numbersOfOptimizers } from './optimizers';
import { isForced } from './training-spec';
import type { TrainingSpec, TrialSpec } from './trial-spec';

/**
 * What an option means for trials that train as lanes of one array (after HFTA, Wang et al., MLSys 2021), for numbers that change while a
 * network trains, and for weights that another trial starts from.
 */
interface LaneFacts<Part> {
  /** Whether it is equal in all lanes, or each has its own; a function gives what of it is equal. */
  readonly lanes: 'shared' | 'own' | ((part: Part) => unknown);
  /**
   * Whether it may change while a network trains, as in a population: each lane reads it anew at each update, and neither weights nor data
   * depend on it. For an object: which of its numbers.
   */
  readonly mayChange?: true | readonly string[];
  /** Whether it decides which weights a model has. */
  readonly shapesWeights?: true;
}

type OptionFacts<Part> = { readonly [Key in keyof Required<Part>]: LaneFacts<Part> };

const shared = { lanes: 'shared' } as const;
const own = { lanes: 'own' } as const;
const readAnew = { lanes: 'own', mayChange: true } as const;
const shaping = { lanes: 'shared', shapesWeights: true } as const;

const modelOptions: OptionFacts<ModelSpec> = {
  cell: shaping,
  nonlinearity: shaping,
  hiddenSize: { lanes: layerWidth, shapesWeights: true },
  layers: shaping,
  bidirectional: shaping,
  embeddingSize: shaping,
  residual: shaping,
  // Which kernels run depends on whether anything is dropped, not on how much.
  dropout: { lanes: ({ dropout }) => dropout > 0, mayChange: true },
  recurrentDropout: { lanes: ({ recurrentDropout }) => recurrentDropout > 0, mayChange: true },
  batchNorm: shaping,
  learnedInitialState: shaping,
  parallelScan: shared,
  heads: shaping,
  initialisation: shared,
};

const trainingOptions: OptionFacts<TrainingSpec> = {
  // A start brings its own reading of the data, and what is frozen is no part of the array that learns.
  initFrom: shared,
  freeze: { lanes: ({ freeze }) => [...freeze].sort() },
  adaptation: { lanes: ({ adaptation }) => adaptation?.kind, mayChange: ['weight'] },
  bptt: shared,
  stateful: shared,
  batchSize: shared,
  updates: own,
  epochs: own,
  reportEvery: own,
  optimizer: { lanes: ({ optimizer }) => optimizer.kind, mayChange: numbersOfOptimizers },
  learningRate: readAnew,
  // A schedule says what the rate is at an update, those of the past too.
  schedule: own,
  clipNorm: readAnew,
  clipValue: readAnew,
  l1: readAnew,
  l2: readAnew,
  gradientNoise: readAnew,
  labelSmoothing: readAnew,
  teacherForcing: { lanes: ({ teacherForcing }) => isForced(teacherForcing), mayChange: true },
  augmentation: { lanes: 'own', mayChange: ['tokenDropout', 'jitter', 'timeMasking'] },
  earlyStopping: own,
  keep: own,
  diagnostics: own,
  seed: own,
  divergence: own,
};

function equalIn<Part extends object>(
  section: string,
  options: OptionFacts<Part>,
  part: Part,
): Record<string, unknown> {
  return Object.fromEntries(
    Object.entries<LaneFacts<Part>>(options).flatMap(([key, { lanes }]): [string, unknown][] => {
      if (lanes === 'own') return [];
      const value: unknown = lanes === 'shared' ? part[key as keyof Part] : lanes(part);
      return [[`${section}.${key}`, value]];
    }),
  );
}

/**
 * What must be equal for trials to train as lanes of one array, by the path that a message names. The name of a data set is only a name: of
 * what it holds, its fingerprint tells.
 */
export function sharedByLanes({
  dataset: { name: _name, ...reading },
  task,
  model,
  training,
}: TrialSpec): Record<string, unknown> {
  return {
    dataset: reading,
    task,
    ...equalIn('model', modelOptions, model),
    ...equalIn('training', trainingOptions, training),
  };
}

const changing = new Set(
  Object.entries({ model: modelOptions, training: trainingOptions }).flatMap(([section, options]) =>
    Object.entries<Pick<LaneFacts<never>, 'mayChange'>>(options).flatMap(([key, { mayChange }]) => {
      if (mayChange === undefined) return [];
      return mayChange === true ? [`${section}.${key}`] : mayChange.map((number) => `${section}.${key}.${number}`);
    }),
  ),
);

/** Whether a value may change while a network trains, by its path. */
export const mayChange = (path: string): boolean => changing.has(path);

/** The options of a model that decide which weights it has. */
export const shapingOptions = (Object.keys(modelOptions) as (keyof ModelSpec)[]).filter(
  (key) => modelOptions[key].shapesWeights,
);
