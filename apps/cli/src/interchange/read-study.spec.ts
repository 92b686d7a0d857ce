import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { readStudy } from './read-study';
import { useStudies } from './studies.fixture';

const { folder, read } = useStudies();

const wandb = (parameters: string, rest = 'method: random'): string => `${rest}\nparameters:\n${parameters}`;
const wandbSpace = async (parameters: string, rest?: string): Promise<unknown> =>
  (await read(wandb(parameters, rest))).spec.space;

describe('a sweep of W&B', () => {
  it.each([
    ['a constant', 'a: {value: 3}', 3],
    ['a list', 'a: {values: [1, x, null]}', { choice: [1, 'x', null] }],
    ['integers as bounds', 'a: {min: 1, max: 8}', { int: [1, 8] }],
    ['a real bound', 'a: {min: 1.0, max: 8}', { uniform: [1, 8] }],
    ['bounds of another type', 'a: {distribution: uniform, min: 1, max: 8}', { uniform: [1, 8] }],
    [
      'bounds that are exponents of e',
      'a: {distribution: log_uniform, min: -2, max: 0}',
      { logUniform: [Math.exp(-2), 1] },
    ],
    ['values on a log scale', 'a: {distribution: log_uniform_values, min: 1e-4, max: 1}', { logUniform: [1e-4, 1] }],
    ['negative exponents', 'a: {distribution: inv_log_uniform, min: 0, max: 2}', { logUniform: [Math.exp(-2), 1] }],
    ['steps', 'a: {distribution: q_uniform, min: 8, max: 64, q: 8}', { int: [8, 64], step: 8 }],
    [
      'steps of real numbers',
      'a: {distribution: q_uniform, min: 0, max: 0.5, q: 0.1}',
      { uniform: [0, 0.5], step: 0.1 },
    ],
    [
      'steps that begin within the range',
      'a: {distribution: q_uniform, min: 1, max: 9, q: 4}',
      { int: [4, 8], step: 4 },
    ],
    ['a normal distribution', 'a: {distribution: normal, mu: 1}', { normal: [1, 1] }],
    ['parameters within parameters', 'a: {parameters: {b: {min: 0.0, max: 1}}}', { b: { uniform: [0, 1] } }],
  ])('has %s', async (_, parameters, space) => {
    expect(await wandbSpace(`  ${parameters}`)).toEqual({ a: space });
  });

  it('searches a grid over its values', async () => {
    const space = await wandbSpace('  a: {values: [1, 2]}\n  b: {min: 1, max: 3}\n  c: {value: 7}', 'method: grid');
    expect(space).toEqual({ a: { grid: [1, 2] }, b: { grid: [1, 2, 3] }, c: 7 });
  });

  it('stops runs at the bands of its hyperband', async () => {
    const early = (text: string): string =>
      `method: bayes\nrun_cap: 9\nmetric: {name: val_loss, goal: maximize}\nearly_terminate: {type: hyperband, ${text}}`;
    const { spec, notes } = await read(wandb('  a: {min: 0, max: 1}', early('max_iter: 27, s: 2')));
    expect(spec).toMatchObject({
      ...{ goal: 'maximize', steps: 27, search: { algorithm: 'gaussian-process', trials: 9 } },
      stopping: { rule: 'asha', minUpdates: 3, reductionFactor: 3 },
    });
    expect(notes.join()).toContain('logs as "val_loss" is told');
    const { spec: other } = await read(wandb('  a: {min: 0, max: 1}', early('min_iter: 4, eta: 2')), { steps: 20 });
    expect(other).toMatchObject({ steps: 20, stopping: { rule: 'asha', minUpdates: 4, reductionFactor: 2 } });
  });

  it('is read as PyYAML reads it: with merged mappings, and yes and off as truth values', async () => {
    const merged = 'a: &range {min: 0.0, max: 1}\n  b: {<<: *range, max: 2}\n  c: {values: [yes, off, "yes"]}';
    expect(await wandbSpace(`  ${merged}`)).toEqual({
      ...{ a: { uniform: [0, 1] }, b: { uniform: [0, 2] } },
      c: { choice: [true, false, 'yes'] },
    });
  });

  it('takes the bands of max_iter where min_iter is given too', async () => {
    const early = 'early_terminate: {type: hyperband, min_iter: 2, max_iter: 27, s: 2}';
    const { spec } = await read(wandb('  a: {min: 0, max: 1}', `method: random\n${early}`));
    expect(spec).toMatchObject({ steps: 27, stopping: { rule: 'asha', minUpdates: 3 } });
  });

  it.each([
    ['{values: [1, 2], probabilities: [0.1, 0.9]}', 'parameters.a.probabilities: a choice here has equally likely'],
    ['{distribution: beta, a: 1, b: 2}', 'parameters.a.distribution: "beta" has no counterpart here'],
    ['{distribution: log_uniform_values, min: 0, max: 1}', 'parameters.a.min: must be above 0 on a log scale'],
    ['{minimum: 1}', 'parameters.a.minimum: is not known here'],
    ['{min: 1}', 'parameters.a: needs value, values, min and max, or a distribution'],
    ['{min: 2, max: 1}', 'parameters.a: min is 2, above max, 1'],
    ['{min: 1, max: x}', 'parameters.a.max: must be a number, not "x"'],
  ])('is refused for %s', async (parameter, message) => {
    await expect(read(wandb(`  a: ${parameter}`))).rejects.toThrow(message);
  });

  it.each([
    ['method: grid', 'parameters.a: a grid search needs values'],
    ['method: tpe', 'method: must be one of grid, random, bayes, not tpe'],
    [
      'method: bayes\nmetric: {name: loss, impute: best}',
      'metric.impute: is not known here; known are name, goal, target',
    ],
    ['method: bayes\nearly_terminate: {type: hyperband, min_iter: 3}', 'early_terminate: does not say how many rows'],
  ])('is refused for %s', async (rest, message) => {
    await expect(read(wandb('  a: {min: 0.5, max: 1}', rest))).rejects.toThrow(message);
  });
});

describe('an experiment of Katib', () => {
  const katib = (parameters: string, more = ''): string => `
apiVersion: kubeflow.org/v1beta1
kind: Experiment
metadata: {name: lstm}
spec:
  objective: {type: minimize, goal: 0.01, objectiveMetricName: loss}
  algorithm: {algorithmName: tpe}
  parallelTrialCount: 3
  maxTrialCount: 12
  maxFailedTrialCount: 2
${more}  parameters:
${parameters}`;

  it('has its space, its search and its limits', async () => {
    const parameters = `
    - {name: lr, parameterType: double, feasibleSpace: {min: "0.001", max: "0.1", distribution: logUniform}}
    - {name: units, parameterType: int, feasibleSpace: {min: "16", max: "70", step: "16"}}
    - {name: dropout, parameterType: discrete, feasibleSpace: {list: ["0", "0.5"]}}
    - {name: cell, parameterType: categorical, feasibleSpace: {list: [lstm, gru]}}`;
    const stopping = `  earlyStopping:
    algorithmName: medianstop
    algorithmSettings: [{name: min_trials_required, value: "5"}]\n`;
    const { spec } = await read(katib(parameters, stopping), { steps: 10 });
    expect(spec).toEqual({
      ...{ name: 'lstm', goal: 'minimize', use: 'best', steps: 10, search: { algorithm: 'tpe', trials: 12 } },
      space: {
        ...{ lr: { logUniform: [0.001, 0.1] }, units: { int: [16, 64], step: 16 } },
        ...{ dropout: { choice: [0, 0.5] }, cell: { choice: ['lstm', 'gru'] } },
      },
      stopping: { rule: 'median', minTrials: 5, minUpdates: 4 },
      budget: { concurrentTrials: 3, failedTrials: 2, target: 0.01 },
    });
    await expect(read(katib(parameters, stopping))).rejects.toThrow('give that with --steps');
  });

  const one = '    - {name: a, parameterType: int, feasibleSpace: {min: "1", max: "9"}}';
  const strategy = (value: string): string =>
    katib(one).replace('loss}', `loss, metricStrategies: [{name: other, value: max}, {name: loss, value: ${value}}]}`);

  it('takes the best of the reports of a trial, as Katib does, unless its strategy is the latest', async () => {
    expect((await read(katib(one))).spec.use).toBe('best');
    expect((await read(strategy('min'))).spec.use).toBe('best');
    expect((await read(strategy('latest'))).spec).not.toHaveProperty('use');
    await expect(read(strategy('max'))).rejects.toThrow(
      'spec.objective.metricStrategies: "max" of the objective has no',
    );
  });

  it('says which settings are not taken over, and refuses unknown ones', async () => {
    const text = katib(one).replace('tpe}', 'tpe, algorithmSettings: [{name: gamma, value: "0.3"}]}');
    expect((await read(text)).notes.join()).toContain('settings of the algorithm are not taken over: gamma');
    const other = '  earlyStopping: {algorithmName: medianstop, algorithmSettings: [{name: steps, value: "5"}]}\n';
    await expect(read(katib(one, other), { steps: 9 })).rejects.toThrow(
      'spec.earlyStopping.algorithmSettings.steps: is not known here; known are min_trials_required, start_step',
    );
  });

  it.each([
    ['{name: a, parameterType: double, feasibleSpace: {max: "1"}}', 'spec.parameters[0].feasibleSpace.min: is missing'],
    ['{name: a, parameterType: real, feasibleSpace: {}}', 'must be double, int, categorical or discrete, not "real"'],
    [
      '{name: a, parameterType: double, feasibleSpace: {min: "0", max: "1", distribution: normal}}',
      'spec.parameters[0].feasibleSpace.distribution: normal has no counterpart',
    ],
  ])('is refused for %s', async (parameter, message) => {
    await expect(read(katib(`    - ${parameter}`))).rejects.toThrow(message);
  });
});

describe('a folder of Ray Tune', () => {
  it('has the ranges that were tried, and curves, also of keys that came late', async () => {
    for (const [name, config, rows] of [
      [
        'trial_a',
        '{"lr": 0.001, "net": {"cell": "gru"}, "fixed": 3}',
        ['{"pid": 1}', '{"val_loss": 0.5}', '{"val_loss": 0.4}'],
      ],
      ['trial_b', '{"lr": 0.1, "net": {"cell": "lstm"}, "fixed": 3}', ['{"val_loss": 0.9}']],
      ['trial_c', '{"lr": 0.01, "net": {"cell": "gru"}, "fixed": 3}', ['{"val_loss": NaN}']],
    ] as const) {
      mkdirSync(join(folder, 'lstm', name), { recursive: true });
      writeFileSync(join(folder, 'lstm', name, 'params.json'), config);
      writeFileSync(join(folder, 'lstm', name, 'result.json'), `${rows.join('\n')}\n`);
    }
    const options = { metric: 'val_loss', goal: 'minimize' } as const;
    const { study: found } = await readStudy(join(folder, 'lstm'), options);
    expect(found.spec).toEqual({
      ...{ name: 'lstm', goal: 'minimize', steps: 2 },
      space: { lr: { logUniform: [0.001, 0.1] }, net: { cell: { choice: ['gru', 'lstm'] } }, fixed: 3 },
    });
    expect(found.trials.map(({ outcome }) => outcome)).toEqual([{ curve: [0.5, 0.4] }, { curve: [0.9] }]);
    await expect(readStudy(join(folder, 'lstm'), {})).rejects.toThrow('--metric: name one of val_loss');
    await expect(readStudy(join(folder, 'lstm'), { metric: 'val_loss' })).rejects.toThrow('--goal: say whether');
  });
});

it.each([
  ['SQLite format 3\u0000 and more', 'the database: is none of Optuna 4 or 5'],
  ['task: language-model', 'is none of: a W&B sweep in YAML'],
])('refuses %j', async (text, message) => {
  await expect(read(text)).rejects.toThrow(message);
});
