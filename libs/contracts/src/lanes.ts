import { layerUnits, layerWidth, residualLayers } from './hidden-bucket';
import type { ModelSpec } from './model-spec';
import { numericOptimizerOptions } from './optimizers';
import { isForced } from './training-spec';
import type { TrainingSpec, TrialSpec } from './trial-spec';

/**
 * How an option behaves when trials train as lanes of one array (after HFTA, Wang et al., MLSys 2021), when numbers change during
 * training, and when a trial starts from another's weights.
 */
interface LaneFacts<Part> {
  /** Whether it is the same in all lanes, or each lane has its own; a function returns the part that must be the same. */
  readonly lanes: 'shared' | 'own' | ((part: Part) => unknown);
  /**
   * Whether it may change during training, as in a population: each lane reads it again at each update, and neither weights nor data
   * depend on it. For an object: which of its numbers may change.
   */
  readonly mayChange?: true | readonly string[];
  /** Whether it decides which weights a model has: all of them, or those of its head. */
  readonly shapesWeights?: true | 'head';
}

type OptionFacts<Part> = { readonly [Key in keyof Required<Part>]: LaneFacts<Part> };

const shared = { lanes: 'shared' } as const;
const own = { lanes: 'own' } as const;
const readEachUpdate = { lanes: 'own', mayChange: true } as const;
const shaping = { lanes: 'shared', shapesWeights: true } as const;

const modelOptions: OptionFacts<ModelSpec> = {
  cell: shaping,
  nonlinearity: shaping,
  hiddenSize: { lanes: layerWidth, shapesWeights: true },
  layers: shaping,
  layerSizes: {
    lanes: (model) => model.layerSizes && layerUnits(model).map(({ width }) => width),
    shapesWeights: true,
  },
  bidirectional: shaping,
  embeddingSize: shaping,
  tieWeights: { lanes: 'shared', shapesWeights: 'head' },
  // Layers of one width may have different sizes, and those of other lanes the same.
  residual: { lanes: (model) => model.residual && residualLayers(model), shapesWeights: true },
  // Which kernels run depends on whether anything is dropped, not on how much.
  dropout: { lanes: ({ dropout }) => dropout > 0, mayChange: true },
  recurrentDropout: { lanes: ({ recurrentDropout }) => recurrentDropout > 0, mayChange: true },
  weightDrop: { lanes: ({ weightDrop }) => weightDrop > 0, mayChange: true },
  zoneout: shared,
  batchNorm: shaping,
  learnedInitialState: shaping,
  parallelScan: shared,
  heads: shaping,
  initialisation: shared,
};

/** Which classes are weighed, and whether any of them counts; each lane has its own weights of them. */
const weighedClasses = (given: TrainingSpec['classWeights']): unknown =>
  typeof given === 'string'
    ? given
    : { names: Object.keys(given).sort(), isAnyAbove0: Object.values(given).some((weight) => weight > 0) };

const trainingOptions: OptionFacts<TrainingSpec> = {
  // An initial model has its own reading of the data, and frozen weights are not part of the trained array.
  initFrom: shared,
  freeze: { lanes: ({ freeze }) => [...freeze].sort() },
  adaptation: { lanes: ({ adaptation }) => adaptation?.kind, mayChange: ['weight'] },
  bptt: shared,
  stateful: shared,
  batchSize: shared,
  updates: own,
  epochs: own,
  reportEvery: own,
  optimizer: { lanes: ({ optimizer }) => optimizer.kind, mayChange: numericOptimizerOptions },
  learningRate: readEachUpdate,
  // A schedule determines the rate at every update, including past ones.
  schedule: own,
  clipNorm: readEachUpdate,
  clipValue: readEachUpdate,
  l1: readEachUpdate,
  l2: readEachUpdate,
  gradientNoise: readEachUpdate,
  labelSmoothing: readEachUpdate,
  // What the data do not have is refused for all lanes or for none.
  classWeights: { lanes: ({ classWeights }) => weighedClasses(classWeights) },
  teacherForcing: { lanes: ({ teacherForcing }) => isForced(teacherForcing), mayChange: true },
  augmentation: { lanes: 'own', mayChange: ['tokenDropout', 'jitter', 'timeMasking'] },
  earlyStopping: own,
  keep: own,
  diagnostics: own,
  // One kernel computes all lanes.
  precision: shared,
  recompute: shared,
  seed: own,
  divergence: own,
};

function equalIn<Part extends object>(
  section: string,
  options: OptionFacts<Part>,
  part: Part,
): Record<string, unknown> {
  const equal: Record<string, unknown> = {};
  for (const [key, { lanes }] of Object.entries<LaneFacts<Part>>(options))
    if (lanes !== 'own') equal[`${section}.${key}`] = lanes === 'shared' ? part[key as keyof Part] : lanes(part);
  return equal;
}

/**
 * What must be equal for trials to train as lanes of one array, by path, for messages. The name of a data set may differ: the fingerprint
 * identifies its content.
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

/** Whether the value at a path may change during training. */
export const mayChange = (path: string): boolean => changing.has(path);

/** The options of a model that decide which weights it has, without those of its head or with them. */
export const shapingOptions = ({ head }: { head: boolean }): (keyof ModelSpec)[] =>
  (Object.keys(modelOptions) as (keyof ModelSpec)[]).filter((key) => {
    const { shapesWeights } = modelOptions[key];
    return shapesWeights === true || (head && shapesWeights === 'head');
  });
