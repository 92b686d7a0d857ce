import { limits } from './limits';
import { sweepJsonSchema, sweepShape, sweepSpec } from './sweep-spec';
import { validate, ValidationError } from './validation';

const least = { dataset: 'tinyshakespeare', task: 'language-model' };

const problems = (input: unknown): string[] => {
  try {
    validate(sweepSpec, input);
  } catch (error) {
    if (error instanceof ValidationError)
      return error.errors.map(({ path, message }) => (path ? `${path}: ${message}` : message));
    throw error;
  }
  return [];
};
const problemsWith = (changes: Record<string, unknown>): string[] => problems({ ...least, ...changes });

describe('a sweep', () => {
  it('needs a data set and a task; the rest has defaults', () => {
    expect(validate(sweepSpec, least)).toEqual({
      name: 'sweep',
      dataset: 'tinyshakespeare',
      task: 'language-model',
      search: { algorithm: 'random', seed: 0 },
      stopping: { rule: 'none' },
      budget: {},
    });
    expect(problems({})).toEqual(['dataset: is missing', 'task: is missing']);
  });

  it('keeps distributions as they are, and leaves the defaults around them to the trial', () => {
    const training = { learningRate: { logUniform: [1e-4, 1e-2] } };
    expect(validate(sweepSpec, { ...least, training })).toMatchObject({ training });
    expect(validate(sweepSpec, { ...least, training })).not.toHaveProperty('training.batchSize');
  });

  it('may give a bare string for an object, also in options', () => {
    const spec = validate(sweepSpec, {
      ...least,
      search: 'grid',
      dataset: { grid: ['a', { name: 'b' }] },
      training: { optimizer: { choice: ['adam', { kind: 'sgd', momentum: 0.9 }] } },
    });
    expect(spec.search.algorithm).toBe('grid');
    expect(spec.training).toEqual({ optimizer: { choice: ['adam', { kind: 'sgd', momentum: 0.9 }] } });
  });

  it.each([
    [{ training: { learning_rate: 1 } }, 'training.learning_rate: unknown key; did you mean learningRate?'],
    [{ modle: {} }, 'modle: unknown key; did you mean model?'],
    [{ model: { colour: 1 } }, 'model.colour: unknown key'],
    [{ search: { trails: 3 } }, 'search.trails: unknown key; did you mean trials?'],
    [{ training: { optimizer: { kind: 'adam', momentum: 0.9 } } }, 'training.optimizer.momentum: unknown key'],
    [{ dataset: { name: 'a', split: { tests: 0.1 } } }, 'dataset.split.tests: unknown key; did you mean test?'],
    [{ model: { choice: [{ hidden: 3 }] } }, 'model.choice[0].hidden: unknown key; did you mean hiddenSize?'],
  ])('refuses the unknown key in %j', (changes, message) => {
    expect(problemsWith(changes)).toEqual([message]);
  });

  it.each(['__proto__', 'constructor', 'toString', 'hasOwnProperty'])('refuses the key %s anywhere', (key) => {
    const own = JSON.parse(`{"kind": "adam", ${JSON.stringify(key)}: {"polluted": 1}}`) as object;
    const rooted = JSON.parse(JSON.stringify(least).replace('}', `, ${JSON.stringify(key)}: 1}`)) as object;
    expect(problems(rooted)).toEqual([`${key}: unknown key`]);
    expect(problemsWith({ training: { optimizer: own } })).toEqual([`training.optimizer.${key}: unknown key`]);
    expect(problemsWith({ training: { optimizer: { choice: [own] } } }).join()).toContain(
      `choice[0].${key}: unknown key`,
    );
    expect('polluted' in {}).toBe(false);
  });

  it.each([
    [{ model: { hiddenSize: '64' } }, 'model.hiddenSize: must be a number, not "64"'],
    [{ model: { hiddenSize: 1.5 } }, 'model.hiddenSize: must be a whole number, not 1.5'],
    [{ model: { hiddenSize: 0 } }, 'model.hiddenSize: must be at least 1, not 0'],
    [{ model: { hiddenSize: 9000 } }, 'model.hiddenSize: must be at most 8192, not 9000'],
    [{ model: [] }, 'model: must be an object, not []'],
    [{ model: null }, 'model: must be an object, not null'],
    [{ name: 5 }, 'name: must be text, not 5'],
    [{ name: ' ' }, 'name: needs at least 1 character'],
    [{ name: 'x'.repeat(101) }, 'name: is too long: at most 100 characters'],
    [{ dataset: 5 }, 'dataset: must be text, not 5'],
    [
      { task: { kind: 'language' } },
      'task.kind: "language" is not one of language-model, classification, regression, tagging, multilabel-frames, forecasting, sequence-to-sequence, sequence-from-vector, transcription, tree-classification',
    ],
    [
      { model: { cell: 'lstn' } },
      'model.cell: "lstn" is not one of rnn, lstm, gru, layer-norm-lstm, peephole-lstm, min-gru, min-lstm, ind-rnn, rg-lru, lru, selective-ssm, slstm, mlstm, feed-forward, transformer; did you mean lstm?',
    ],
    [
      { training: { optimizer: 'adm' } },
      'training.optimizer: "adm" is not one of adam, adamw, rmsprop, sgd, adagrad; did you mean adam?',
    ],
    [
      { training: { optimizer: { choice: ['adm'] } } },
      'training.optimizer.choice[0]: "adm" is not one of adam, adamw, rmsprop, sgd, adagrad; did you mean adam?',
    ],
    [{ model: { choice: [{ hiddenSize: 'a' }] } }, 'model.choice[0].hiddenSize: must be a number, not "a"'],
    [
      { task: 'tagging', training: { classWeights: { spam: { uniform: [-1, 9] } } } },
      'training.classWeights.spam.uniform[0]: must be at least 0, not -1',
    ],
    [{ training: { bptt: { k1: 3 } } }, 'training.bptt.k2: is missing'],
    [
      { budget: { concurrentTrials: 9e15 } },
      'budget.concurrentTrials: must be at most 100000000, not 9000000000000000',
    ],
  ])('refuses the wrong value in %j', (changes, message) => {
    expect(problemsWith(changes)).toEqual([message]);
  });

  it.each([
    { grid: 5 },
    { choice: 3, spam: 2 },
    { int: 2 },
    { uniform: 1 },
    { normal: 4 },
    { logUniform: 1 },
    { choice: { uniform: [1, 2] } },
  ])('refuses classes that are named like distributions: %j', (classWeights) => {
    expect(problemsWith({ task: 'tagging', training: { classWeights } })).toEqual([
      `training.classWeights: cannot tell a class called ${Object.keys(classWeights)[0]!} from the distribution of that name; ` +
        'rename it in the data',
    ]);
  });

  it.each([NaN, Infinity, -Infinity, Number('1e999')])('refuses the number %d', (value) => {
    expect(problemsWith({ training: { learningRate: value } })).toEqual([
      `training.learningRate: must be a number, not ${value}`,
    ]);
    expect(problemsWith({ training: { learningRate: { choice: [value] } } })).toHaveLength(1);
    expect(problemsWith({ training: { learningRate: { uniform: [0.1, value] } } })).toHaveLength(1);
  });

  it('reports every mistake at once', () => {
    expect(problemsWith({ name: 5, model: { cell: 3, layers: 0 } }).map((line) => line.split(':')[0])).toEqual([
      'name',
      'model.cell',
      'model.layers',
    ]);
  });

  it.each(['../secret', 'a b', 'A', '', '.hidden', 'a\0b', 'x'.repeat(64)])('refuses the data set name %j', (name) => {
    expect(problemsWith({ dataset: name })[0]).toMatch(/^dataset/);
    expect(problemsWith({ dataset: { name } })[0]).toMatch(/^dataset\.name/);
    expect(problemsWith({ dataset: { choice: ['good', name] } })[0]).toMatch(/^dataset\.choice\[1\]/);
  });

  it.each(['a\0b', 'a\nb', '\x1b[31mred', '\ud800'])(
    'refuses a name that is unsafe in a database or terminal: %j',
    (name) => {
      expect(problemsWith({ name })).toEqual(['name: must be one line without control characters']);
      expect(problemsWith({ $schema: name })).toEqual(['$schema: must be one line without control characters']);
    },
  );

  it('accepts a name in any script', () => {
    expect(validate(sweepSpec, { ...least, name: ' Größe 大小 👩‍👩‍👧 ' }).name).toBe('Größe 大小 👩‍👩‍👧');
  });

  it('accepts repeats or seeds, not both, and no seed twice', () => {
    expect(problemsWith({ search: { repeats: 2, seeds: [1, 2] } })).toEqual([
      'search.seeds: give repeats or seeds, not both',
    ]);
    expect(problemsWith({ search: { seeds: [1, 1] } })).toEqual(['search.seeds: a seed is listed twice']);
    expect(problemsWith({ search: { seeds: [2 ** 32] } })).toEqual([
      'search.seeds[0]: must be at most 4294967295, not 4294967296',
    ]);
    expect(problemsWith({ search: { seeds: [3, 1] } })).toEqual([]);
  });

  it('has limits', () => {
    expect(problemsWith({ search: { trials: limits.configurations + 1 } })).toEqual([
      'search.trials: must be at most 100000, not 100001',
    ]);
    expect(problemsWith({ search: { repeats: limits.repeats + 1 } })).toEqual([
      'search.repeats: must be at most 1000, not 1001',
    ]);
    expect(problemsWith({ model: { layers: { choice: Array(limits.options + 1).fill(1) } } })).toEqual([
      'model.layers.choice: is too long: at most 1000 values',
    ]);
  });
});

describe('a range with steps', () => {
  it.each([
    [{ uniform: [0.1, 0.5], step: 0.1 }, []],
    [{ logUniform: [0.1, 0.4], step: 0.1 }, []],
    [{ choice: [0, { logUniform: [1e-6, 1e-2] }] }, []],
    [{ grid: [0, 0.5, { uniform: [0.6, 0.9] }] }, []],
  ])('may be %j', (l2, found) => {
    expect(problemsWith({ training: { l2 } })).toEqual(found);
  });

  it.each([
    { uniform: [0.1, 0.5], step: 0.15 },
    { uniform: [0.1, 0.5], step: 1 },
    { logUniform: [0.1, 0.5], step: 0 },
    { normal: [0, 1], step: 0.1 },
    { choice: [0, { choice: [1, 2] }] },
    { choice: [0, { uniform: [0.5, 0.1] }] },
  ])('may not be %j', (l2) => {
    const found = problemsWith({ training: { l2 } });
    expect(found).toHaveLength(1);
    expect(found[0]).toMatch(/^training\.l2/);
    expect(found[0]).not.toContain('\n');
  });
});

it.each([
  [{ uniform: [0.1, 0.5], step: 0.15 }, 'learningRate.step: must divide the range into whole steps'],
  [{ logUniform: [0.1, 0.5], step: 1 }, 'learningRate.step: must divide the range into whole steps'],
  [{ uniform: [0.1, 0.5], step: 0 }, 'learningRate.step: must be above 0, not 0'],
  [{ int: [1, 10], step: 20 }, 'learningRate.step: must be at most 9, the width of the range'],
])('refuses the step of %j, saying why', (learningRate, message) => {
  expect(problemsWith({ training: { learningRate } })).toEqual([`training.${message}`]);
});

describe('choices of choices', () => {
  const choice = (option: unknown): unknown => ({ choice: [option] });
  const nested = (levels: number, leaf: unknown): unknown => (levels === 0 ? leaf : choice(nested(levels - 1, leaf)));

  it.each([
    ['model', (depth: number) => nested(depth, { hiddenSize: 8 }), 'model.choice[0].choice: unknown key'],
    [
      'model',
      (depth: number) => ({ hiddenSize: nested(depth, 8) }),
      /^model\.hiddenSize\.choice\[0\]: must be a number, not \{"choice".{1,60}$/,
    ],
    [
      'training',
      (depth: number) => ({ optimizer: nested(depth, 'adam') }),
      'training.optimizer.choice[0].kind: is missing',
    ],
    ['task', (depth: number) => nested(depth, 'language-model'), 'task.choice[0].kind: is missing'],
  ])('are refused in %s at their first level, however many there are', (key, make, message) => {
    for (const depth of [2, 60]) {
      const before = process.cpuUsage();
      const found = problemsWith({ [key]: make(depth) });
      expect(process.cpuUsage(before).user / 1000).toBeLessThan(1000);
      expect(found).toEqual([typeof message === 'string' ? message : expect.stringMatching(message)]);
    }
  });
});

describe('stopping: auto', () => {
  const settled = (changes: Record<string, unknown>): unknown =>
    validate(sweepSpec, { dataset: 'a', task: 'language-model', stopping: 'auto', ...changes }).stopping;

  it.each([
    [{}, { rule: 'freeze-thaw', minUpdates: 100 }],
    [
      { updates: 10_000, reportEvery: 50 },
      { rule: 'freeze-thaw', minUpdates: 400 },
    ],
    [
      { updates: 10_001, reportEvery: 300 },
      { rule: 'freeze-thaw', minUpdates: 600 },
    ],
    [{ updates: 500 }, { rule: 'none' }],
    [{ epochs: 5 }, { rule: 'none' }],
    [{ epochs: 60 }, { rule: 'asha', minEpochs: 3 }],
    [
      { updates: 600, learningRate: { logUniform: [1e-3, 1e-2] } },
      { rule: 'freeze-thaw', minUpdates: 100 },
    ],
  ])('of a training with %j is %j', (training, expected) => {
    expect(settled({ training })).toEqual(expected);
  });

  it('is none for several objectives, and the same when it is read again', () => {
    const objectives = [{ metric: 'validation.loss' }, { metric: 'cost.parameters' }];
    expect(settled({ objectives })).toEqual({ rule: 'none' });
    expect(settled({ stopping: settled({}) })).toEqual(settled({}));
  });

  it.each([
    { training: { updates: { int: [100, 1000] } } },
    { training: { epochs: { choice: [5, 10] } } },
    { training: { reportEvery: { choice: [5, 10] } } },
    { training: { choice: [{ updates: 100 }, { updates: 500 }] } },
  ])('is refused where the length is searched: %j', (changes) => {
    expect(() => settled(changes)).toThrow(
      'stopping.rule: auto goes by the length of the training, which this sweep searches: name a rule',
    );
  });

  it('keeps the paired test, and takes no option that only some rules have', () => {
    expect(settled({ stopping: { rule: 'auto', pThreshold: 0.1 } })).toEqual({
      ...{ rule: 'asha', minUpdates: 100, pThreshold: 0.1 },
    });
    expect(settled({ stopping: { rule: 'auto', pThreshold: 0.1 }, training: { updates: 500 } })).toEqual({
      ...{ rule: 'none', pThreshold: 0.1 },
    });
    expect(() => settled({ stopping: { rule: 'auto', minUpdates: 5 } })).toThrow(
      /stopping\.minUpdates: is an option of/,
    );
  });
});

describe('the JSON schema of a sweep', () => {
  const schema = sweepJsonSchema();

  it('has the same top-level keys as the contract and allows no others', () => {
    expect(Object.keys(schema.properties as object)).toEqual(Object.keys(sweepShape));
    expect(schema.additionalProperties).toBe(false);
    expect(schema.required).toEqual(['dataset', 'task']);
  });

  it('offers ranges for numbers but not for words', () => {
    type Node = { $ref?: string; $defs?: Record<string, Node>; properties?: Record<string, Node>; anyOf?: Node[] };
    const root = schema as Node;
    const follow = (node: Node): Node => (node.$ref ? follow(root.$defs![node.$ref.split('/').at(-1)!]!) : node);
    const branches = (node: Node): Node[] =>
      (follow(node).anyOf ?? []).flatMap((each) => [follow(each), ...branches(each)]);
    const leaf = (key: string): string[] => {
      const model = branches(root.properties!.model!).find(({ properties }) => properties?.cell)!;
      return branches(model.properties![key]!).flatMap(({ properties }) => Object.keys(properties ?? {}));
    };
    expect(leaf('cell')).toEqual(['choice', 'grid']);
    expect(leaf('bidirectional')).toEqual(['choice', 'grid']);
    expect(leaf('hiddenSize')).toEqual(['choice', 'grid', 'int', 'step', 'log']);
  });
});
