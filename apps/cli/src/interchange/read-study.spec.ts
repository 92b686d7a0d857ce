import { study, validate } from '@unroll/contracts';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import type { ImportedStudy, ImportOptions } from './imported-study';
import { readStudy } from './read-study';

const folder = mkdtempSync(join(tmpdir(), 'unroll-import-'));
afterAll(() => rmSync(folder, { recursive: true }));

/** A file's study, which must be one that the API takes. */
async function read(text: string, options: ImportOptions = {}): Promise<ImportedStudy> {
  writeFileSync(join(folder, 'given'), text);
  const { study: found } = await readStudy(join(folder, 'given'), options);
  validate(study.studySpec, found.spec);
  return found;
}

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

describe('a journal of Optuna', () => {
  const float =
    '{\\"name\\": \\"FloatDistribution\\", \\"attributes\\": {\\"step\\": null, \\"low\\": 0.001, \\"high\\": 0.1, \\"log\\": true}}';
  const cell =
    '{\\"name\\": \\"CategoricalDistribution\\", \\"attributes\\": {\\"choices\\": [\\"lstm\\", \\"gru\\"]}}';
  const op = (code: number, rest: string): string => `{"op_code": ${code}, "worker_id": "w", ${rest}}`;
  const lines = [
    op(0, '"study_name": "other", "directions": [1]'),
    op(0, '"study_name": "lstm", "directions": [2]'),
    op(4, '"study_id": 0, "datetime_start": "2026-11-01T00:00:00"'),
    ...[1, 2, 3].map(() => op(4, '"study_id": 1, "datetime_start": "2026-11-01T00:00:00+00:00"')),
    ...[1, 2, 3].flatMap((id) => [
      op(5, `"trial_id": ${id}, "param_name": "lr", "param_value_internal": 0.0${id}, "distribution": "${float}"`),
      op(5, `"trial_id": ${id}, "param_name": "cell", "param_value_internal": ${id % 2}, "distribution": "${cell}"`),
    ]),
    op(7, '"trial_id": 1, "step": 1, "intermediate_value": NaN'),
    op(9, '"trial_id": 1, "system_attr": {"tpe:relative_params:0": {"x": Infinity}}'),
    op(6, '"trial_id": 1, "state": 1, "values": [0.5], "datetime_complete": "2026-11-01T00:00:00"'),
    op(6, '"trial_id": 1, "state": 1, "values": [0.9], "datetime_complete": "2026-11-01T00:00:00"'),
    op(6, '"trial_id": 2, "state": 1, "values": [0.7], "datetime_complete": "2026-11-01T00:00:00"'),
    op(6, '"trial_id": 3, "state": 2, "values": null, "datetime_complete": "2026-11-01T00:00:00"'),
    '{"op_code": 6, "worker_id": "w", "tri',
  ].join('\n');

  it('has its space and its completed trials, as they ended first', async () => {
    const { spec, trials, notes } = await read(lines, { study: 'lstm' });
    expect(spec).toEqual({
      ...{ name: 'lstm', goal: 'maximize' },
      space: { lr: { logUniform: [0.001, 0.1] }, cell: { choice: ['lstm', 'gru'] } },
    });
    expect(trials).toEqual([
      { parameters: { lr: 0.01, cell: 'gru' }, outcome: { value: 0.5 } },
      { parameters: { lr: 0.02, cell: 'lstm' }, outcome: { value: 0.7 } },
    ]);
    expect(notes).toEqual(['1 of 3 trials are left out: pruned, failed, unfinished or without a parameter']);
  });

  /** A journal of a study whose trials have these parameters, each with its distribution, and value 1. */
  const journal = (all: Record<string, [value: number, distribution: object]>[], more: string[] = []): string =>
    [
      op(0, '"study_name": "s", "directions": [1]'),
      ...all.map((parameters) => {
        const of = (pick: (each: [number, object]) => unknown): string =>
          JSON.stringify(Object.fromEntries(Object.entries(parameters).map(([name, each]) => [name, pick(each)])));
        const distributions = of(([, each]) => JSON.stringify(each));
        return op(
          4,
          `"study_id": 0, "state": 1, "values": [1], "params": ${of(([value]) => value)}, "distributions": ${distributions}`,
        );
      }),
      ...more,
    ].join('\n');
  const range = (low: number, high: number, step: number | null = null, name = 'Float'): object => ({
    ...{ name: `${name}Distribution`, attributes: { low, high, step, log: false } },
  });

  it('has ranges that hold values beyond their bounds, and no steps that not all values are on', async () => {
    const { spec, trials, notes } = await read(
      journal([
        { x: [5, range(0, 1)], n: [1, range(1, 7, 2, 'Int')], k: [2, range(2, 8, 2, 'Int')] },
        { x: [0.5, range(0, 2)], n: [4, range(2, 8, 2, 'Int')], k: [4, range(4, 12, 2, 'Int')] },
      ]),
    );
    expect(spec.space).toEqual({ x: { uniform: [0, 5] }, n: { int: [1, 8] }, k: { int: [2, 12], step: 2 } });
    expect(trials).toHaveLength(2);
    expect(notes).toEqual(['n has no steps here: its steps of 2 begin elsewhere in other trials']);
  });

  it('is without trials that violate constraints, in the forms of Optuna 4 and 5', async () => {
    const system = (trial: number, values: string): string => op(9, `"trial_id": ${trial}, "system_attr": ${values}`);
    const running = op(4, '"study_id": 0, "datetime_start": "2026-11-01T00:00:00"');
    const set = (trial: number): string[] => [
      op(
        5,
        `"trial_id": ${trial}, "param_name": "lr", "param_value_internal": 0.0${trial + 1}, "distribution": "${float}"`,
      ),
    ];
    const end = (trial: number): string => op(6, `"trial_id": ${trial}, "state": 1, "values": [${trial}]`);
    const text = [
      op(0, '"study_name": "s", "directions": [1]'),
      ...[running, running, running, running, ...set(0), ...set(1), ...set(2), ...set(3)],
      ...[system(0, '{"constraints": [-1, 0]}'), system(1, '{"constraints": [-1, 0.2]}')],
      ...[system(2, '{"constraints:size": 3}'), system(3, '{"constraints:size": -3, "tpe:x": 4}')],
      ...[end(0), end(1), end(2), end(3)],
    ].join('\n');
    const { trials, notes } = await read(text);
    expect(trials.map(({ outcome }) => outcome)).toEqual([{ value: 0 }, { value: 3 }]);
    expect(notes).toEqual([
      '2 of 4 trials are left out: infeasible, pruned, failed, unfinished or without a parameter',
    ]);
  });

  it('says which parameters not every trial has', async () => {
    const { notes } = await read(journal([{ x: [1, range(0, 1)], y: [1, range(0, 1)] }, { x: [1, range(0, 1)] }]));
    expect(notes.at(-1)).toBe('not every trial has y: in a study, each parameter belongs to every trial');
  });

  it('is refused with choices that JSON does not have', async () => {
    const text = journal([{ c: [0, { name: 'CategoricalDistribution', attributes: { choices: ['?'] } }] }]);
    await expect(read(text.replace('\\"?\\"', 'NaN, null'))).rejects.toThrow(
      'c: has NaN or Infinity in its distribution',
    );
    await expect(read(text.replace('\\"?\\"', '?'))).rejects.toThrow('c: its distribution is not valid JSON (');
  });

  it('is read whatever choices another of its studies has', async () => {
    const other = JSON.stringify('{"name": "CategoricalDistribution", "attributes": {"choices": [NaN]}}');
    const text = journal(
      [{ x: [1, range(0, 1)] }],
      [
        op(0, '"study_name": "bad", "directions": [1]'),
        op(4, `"study_id": 1, "state": 1, "values": [1], "params": {"c": 0}, "distributions": {"c": ${other}}`),
        op(4, '"study_id": 1, "datetime_start": "2026-11-01T00:00:00+00:00"'),
        op(5, `"trial_id": 2, "param_name": "c", "param_value_internal": 0, "distribution": ${other}`),
      ],
    );
    expect((await read(text, { study: 's' })).spec.space).toEqual({ x: { uniform: [0, 1] } });
    await expect(read(text, { study: 'bad' })).rejects.toThrow('c: has NaN or Infinity in its distribution');
  });

  it('is refused with whole numbers that are not exact here', async () => {
    await expect(read(journal([{ seed: [1, range(0, 2 ** 62, 1, 'Int')] }]))).rejects.toThrow(
      'space.seed.int: both ends must be within ±2^53',
    );
  });

  it('is refused without the name of one of several studies, and for several objectives', async () => {
    await expect(read(lines)).rejects.toThrow('--study: name one of other, lstm');
    await expect(read(op(0, '"study_name": "two", "directions": [1, 2]'))).rejects.toThrow('has several objectives');
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

describe('a database of Optuna', () => {
  // Optuna 5.0.0 wrote it: write_optuna_sqlite in tests/interchange/searches.py.
  const bytes = gunzipSync(readFileSync(join(__dirname, '../../../../tests/interchange/fixtures/optuna.db.gz')));
  const file = join(folder, 'study.db');

  it('is read as a journal is', async () => {
    writeFileSync(file, bytes);
    const { tool, study: found } = await readStudy(file, {});
    validate(study.studySpec, found.spec);
    expect([tool, found.spec]).toEqual([
      'Optuna',
      {
        name: 'theirs',
        goal: 'minimize',
        space: {
          lr: { logUniform: [1e-4, 0.1] },
          units: { int: [16, 64], step: 16 },
          dropout: { uniform: [0, 0.5], step: 0.1 },
          cell: { choice: ['lstm', 'gru'] },
        },
      },
    ]);
    expect(found.trials).toHaveLength(10);
    expect(found.trials[0]).toEqual({
      parameters: { lr: 0.047589872884650934, units: 64, dropout: 0, cell: 'lstm' },
      outcome: { value: 3.04575186461766 },
    });
    expect(found.notes).toEqual(['2 of 12 trials are left out: pruned, failed, unfinished or without a parameter']);
    expect(readFileSync(file).equals(bytes)).toBe(true);
  });

  it('is refused with changes beside it, damaged, or without the study that is asked for', async () => {
    writeFileSync(file, bytes);
    await expect(readStudy(file, { study: 'other' })).rejects.toThrow('--study: there is no other; there are theirs');
    writeFileSync(`${file}-wal`, 'x');
    await expect(readStudy(file, {})).rejects.toThrow('has newer changes in');
    rmSync(`${file}-wal`);
    writeFileSync(file, bytes.subarray(0, 5000));
    await expect(readStudy(file, {})).rejects.toThrow('the database: is none of Optuna 4 or 5');
  });
});

it.each([
  ['SQLite format 3\u0000 and more', 'the database: is none of Optuna 4 or 5'],
  ['task: language-model', 'is none of: a W&B sweep in YAML'],
])('refuses %j', async (text, message) => {
  await expect(read(text)).rejects.toThrow(message);
});
