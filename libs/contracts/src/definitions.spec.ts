import { cellNames, cells } from './cells';
import { misplacedOption } from './dataset-spec';
import { datasetKindDefinitions, datasetKinds } from './datasets';
import { byName, column, inWords } from './definition';
import { mayChange, sharedByLanes } from './lanes';
import { costNames, metricNames, metrics } from './metrics';
import { defaultObjective } from './objective-spec';
import { optimizerDefinitions, optimizerKinds } from './optimizers';
import { samplerDefinitions, samplerNames } from './samplers';
import { rulesWith, stoppingOptions, stoppingRuleDefinitions, stoppingRuleNames } from './stopping';
import { stopping, wholeStopping } from './stopping-spec';
import { sweepFileMarkdown } from './sweep-keys';
import { sweepJsonSchema } from './sweep-spec';
import { taskKinds, tasks, type TaskKind } from './tasks';
import { trialSpec } from './trial-spec';
import { validate, ValidationError } from './validation';

describe('lists of definitions', () => {
  it('give one property of each, in order, and each by its name', () => {
    const list = [
      { name: 'b', size: 1 },
      { name: 'a', size: 2 },
    ] as const;
    expect(column(list, 'size')).toEqual([1, 2]);
    expect(byName(list, 'name').a.size).toBe(2);
    expect(() => byName([...list, { name: 'a', size: 3 }], 'name')).toThrow('there are two definitions of a');
  });

  it('are written as prose', () => {
    expect([inWords([]), inWords(['a']), inWords(['a', 'b']), inWords(['a', 'b', 'c'], 'or')]).toEqual([
      '',
      'a',
      'a and b',
      'a, b or c',
    ]);
  });

  const families: [string, readonly string[]][] = [
    ['cells', cellNames],
    ['tasks', taskKinds],
    ['stopping rules', stoppingRuleNames],
    ['kinds of data set', datasetKinds],
    ['samplers', samplerNames],
    ['optimizers', optimizerKinds],
    ['metrics', [...metricNames, ...costNames]],
  ];

  it.each(families)('name %s in lower case and document them', (_, names) => {
    const documented = sweepFileMarkdown();
    for (const name of names) {
      expect(name).toMatch(/^[a-z][a-zA-Z0-9]*([-.][a-z][a-zA-Z0-9]*)*$/);
      expect(documented).toContain(`| \`${name}\` |`);
    }
  });

  it.each(families.filter(([family]) => family !== 'kinds of data set'))('offer %s to editors', (_, names) => {
    const schema = JSON.stringify(sweepJsonSchema());
    for (const name of names) expect(schema).toContain(JSON.stringify(name));
  });

  it('describe each in one line', () => {
    const all = [tasks, cells, optimizerDefinitions, samplerDefinitions, stoppingRuleDefinitions, metrics].flatMap(
      (family): { description: string }[] => Object.values(family),
    );
    for (const { description } of [...all, ...Object.values(datasetKindDefinitions)])
      expect(description).toMatch(/^.{10,160}$/);
    // These are joined in the description of a key.
    for (const name of samplerNames) expect(samplerDefinitions[name].description).toMatch(`${name} `);
    for (const name of stoppingRuleNames) expect(stoppingRuleDefinitions[name].description).toMatch(`${name} `);
  });
});

describe.each(taskKinds)('the task %s', (kind) => {
  const definition = tasks[kind];

  it('optimises a metric that it measures, in the direction of that metric', () => {
    const { metric, goal } = defaultObjective(kind);
    expect(metric).toBe(definition.metrics[0]);
    expect(goal).toBe(metrics[metric].goal);
    for (const own of definition.metrics) expect(metrics[own].isOfEveryTask).toBe(false);
  });

  it('has the options that it lists as deciding its input and head', () => {
    for (const option of [...definition.inputOptions, ...definition.headOptions])
      expect(Object.keys(definition.schema.shape)).toContain(option);
  });

  it('reads something, and carries a state only along a stream', () => {
    expect(definition.inputs.length).toBeGreaterThan(0);
    expect(new Set(definition.datasets).size).toBe(definition.datasets.length);
    const { training } = validate(trialSpec, { dataset: 'a', task: kind });
    expect(training.stateful).toBe(definition.reads === 'stream');
  });
});

it('every metric is measured by some task', () => {
  const measured = new Set(taskKinds.flatMap((kind): string[] => [...tasks[kind].metrics]));
  for (const name of metricNames) expect(metrics[name].isOfEveryTask || measured.has(name)).toBe(true);
});

describe.each(stoppingRuleNames)('the stopping rule %s', (rule) => {
  const options = Object.entries(stoppingRuleDefinitions[rule].options);

  it('shares an option with another rule only if it is the same', () => {
    for (const [name, option] of options) expect(Object.entries(stoppingOptions)).toContainEqual([name, option]);
  });

  it('has defaults that its options accept', () => {
    for (const [, option] of options)
      if (option.counts === undefined || option.default !== undefined)
        expect(option.schema.safeParse(option.default)).toMatchObject({ success: true });
  });

  it('accepts its own options and refuses those of other rules', () => {
    for (const [name, { default: standard = 7 }] of Object.entries(stoppingOptions)) {
      const isOwn = rulesWith(name).includes(rule);
      expect(stopping.safeParse({ rule, [name]: standard }).success).toBe(isOwn);
    }
  });

  it('is completed with the default of every option', () => {
    expect(wholeStopping({ rule })).toMatchObject({ rule, unit: 'updates', minimum: 100, replaced: 0.2 });
    expect(wholeStopping({ rule, minEpochs: 0.5 })).toMatchObject({ unit: 'epochs', minimum: 0.5 });
    expect(Object.values(wholeStopping({ rule }))).not.toContain(undefined);
  });
});

describe('options of data sets', () => {
  const { dataset } = validate(trialSpec, { dataset: 'a', task: 'regression' });

  it.each(datasetKinds)('are refused if they are not for %s', (kind) => {
    expect(misplacedOption(dataset, kind)).toBeUndefined();
    const given = { ...dataset, split: { ...dataset.split, group: 2 }, centre: true, missing: 'drop' } as const;
    const misplaced = misplacedOption(given, kind);
    expect(misplaced).toBeDefined();
    expect(datasetKindDefinitions[misplaced!.kind].options.map((option) => `dataset.${option}`)).toContain(
      misplaced!.path,
    );
    expect(misplaced!.kind).not.toBe(kind);
  });
});

const values: [path: string, value: unknown][] = [
  ['model.bidirectional', true],
  ['model.nonlinearity', 'relu'],
  ['model.parallelScan', true],
  ['model.heads', 8],
  ['model.hiddenSize', 30],
  ['model.layers', 2],
  ['model.residual', true],
  ['model.dropout', 0.1],
  ['model.recurrentDropout', 0.1],
  ['model.weightDrop', 0.1],
  ['model.zoneout', 0.1],
  ['model.batchNorm', true],
  ['model.learnedInitialState', true],
  ['model.initialisation.forgetBias', 1],
  ['model.initialisation.recurrent', 'orthogonal'],
  ['training.stateful', true],
  ['training.bptt', 8],
  ['training.bptt', 'full'],
  ['training.labelSmoothing', 0.1],
  ['training.teacherForcing', 0.5],
  ['training.augmentation.tokenDropout', 0.1],
  ['training.augmentation.jitter', 0.1],
  ['training.augmentation.timeMasking', 0.1],
  ['training.adaptation', {}],
  ['dataset.longer', 'cut'],
  ['dataset.fold', { kind: 'forward-chaining', of: 3, index: 0 }],
];

/** A trial with a value at a path. */
function withValue(kind: TaskKind, cell: string, path: string, value: unknown): object {
  const trial: Record<string, unknown> = { dataset: { name: 'a' }, task: { kind }, model: { cell }, training: {} };
  const keys = path.split('.');
  keys.reduce<Record<string, unknown>>((node, key, index) => {
    node[key] = index === keys.length - 1 ? value : (node[key] ?? {});
    return node[key] as Record<string, unknown>;
  }, trial);
  return trial;
}

/** The errors of a trial; none if it is accepted. */
function findErrors(trial: object): ValidationError['errors'] {
  try {
    validate(trialSpec, trial);
    return [];
  } catch (error) {
    if (error instanceof ValidationError) return error.errors;
    throw error;
  }
}

describe.each(taskKinds)('%s', (kind) => {
  it.each(cellNames)('with %s is accepted, or refused with a path and a message, and so is every option', (cell) => {
    const { cells: able, answers } = tasks[kind];
    const isPossible = (able?.includes(cell) ?? true) && (answers !== 'written' || cells[cell].states.length > 0);
    const own = findErrors({ dataset: 'a', task: kind, model: { cell } });
    expect(own.map(({ path }) => path)).toEqual(isPossible ? [] : ['model.cell']);
    for (const [path, value] of values)
      for (const error of findErrors(withValue(kind, cell, path, value))) {
        expect(['model.cell', path, `${path}.kind`]).toContain(error.path);
        expect(error.message).toMatch(/^[^\n]{10,200}$/);
      }
  });
});

describe('lanes of one array', () => {
  const trial = (changes: object) => validate(trialSpec, { dataset: 'a', task: 'language-model', ...changes });
  const differing = (changes: object): string[] => {
    const [own, other] = [sharedByLanes(trial({})), sharedByLanes(trial(changes))];
    return Object.keys(own).filter((path) => JSON.stringify(own[path]) !== JSON.stringify(other[path]));
  };

  it.each<[string[], object]>([
    [[], { dataset: 'b' }],
    [[], { training: { learningRate: 0.5, seed: 3, optimizer: { kind: 'adam', beta1: 0.5 } } }],
    [[], { model: { hiddenSize: 100 } }],
    [['model.hiddenSize'], { model: { hiddenSize: 200 } }],
    [['model.dropout'], { model: { dropout: 0.5 } }],
    [['model.cell'], { model: { cell: 'gru' } }],
    [['training.optimizer'], { training: { optimizer: 'sgd' } }],
    [['dataset'], { dataset: { name: 'a', splitSeed: 1 } }],
    [['task'], { task: { kind: 'language-model', tokens: 'word' } }],
  ])('differ in %j for %j', (paths, changes) => {
    expect(differing(changes)).toEqual(paths);
  });

  it('may weigh the same classes differently', () => {
    const weighed = (classWeights: unknown) =>
      sharedByLanes(validate(trialSpec, { dataset: 'a', task: 'tagging', training: { classWeights } }));
    const own = weighed({ spam: 5, ham: 1 });
    expect(weighed({ ham: 0, spam: 0.5 })).toEqual(own);
    for (const other of ['none', 'balanced', { spam: 5 }, { spam: 0, ham: 0 }]) expect(weighed(other)).not.toEqual(own);
  });

  it('may change numbers that they read again at each update, and nothing else', () => {
    const changing = [
      'learningRate',
      'optimizer.beta1',
      'optimizer.momentum',
      'augmentation.jitter',
      'adaptation.weight',
    ];
    for (const path of changing) expect(mayChange(`training.${path}`)).toBe(true);
    for (const path of ['optimizer.kind', 'optimizer.nesterov', 'schedule', 'batchSize', 'augmentation'])
      expect(mayChange(`training.${path}`)).toBe(false);
    expect(['model.dropout', 'model.hiddenSize'].map(mayChange)).toEqual([true, false]);
  });
});
