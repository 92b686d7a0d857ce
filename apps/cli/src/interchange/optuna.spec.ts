import { study, validate } from '@unroll/contracts';
import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { readStudy } from './read-study';
import { useStudies } from './studies.fixture';

const { folder, read } = useStudies();

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
      ...{ name: 'lstm', goal: 'maximize', steps: 2 },
      space: { lr: { logUniform: [0.001, 0.1] }, cell: { choice: ['lstm', 'gru'] } },
    });
    expect(trials).toEqual([
      { parameters: { lr: 0.01, cell: 'gru' }, outcome: { curve: [null, 0.5] } },
      { parameters: { lr: 0.02, cell: 'lstm' }, outcome: { value: 0.7 } },
    ]);
    expect(notes).toEqual([
      '1 of 3 trials are left out: pruned, failed, unfinished or without a parameter',
      'the value of 1 trial is none of their reports, and follows the last of them',
    ]);
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

  const listed = (...choices: unknown[]): object => ({ name: 'CategoricalDistribution', attributes: { choices } });

  it('has parameters that belong to values of others, of a list or a whole number, also within each other', async () => {
    const [optimizer, nesterov, layers] = [listed('adam', 'sgd'), listed(true, false), range(1, 3, 1, 'Int')];
    const units = range(8, 64, 8, 'Int');
    const given: Parameters<typeof journal>[0] = [
      { optimizer: [0, optimizer], lr: [0.1, range(0, 1)], layers: [1, layers] },
      {
        optimizer: [1, optimizer],
        nesterov: [1, nesterov],
        lr: [0.2, range(0, 1)],
        layers: [2, layers],
        l2: [8, units],
      },
      {
        ...{ optimizer: [1, optimizer], nesterov: [0, nesterov], damp: [0.5, range(0, 1)], lr: [0.3, range(0, 1)] },
        ...{ layers: [3, layers], l2: [16, units], l3: [24, units] },
      },
    ];
    const failed = op(4, `"study_id": 0, "state": 3, "params": {"lr": 2}, "distributions": {"lr": "${float}"}`);
    const { spec, trials, notes } = await read(
      journal(given, [failed.replace(float, JSON.stringify(JSON.stringify(range(0, 2))).slice(1, -1))]),
    );
    const size = { int: [8, 64], step: 8 };
    expect(spec.space).toEqual({
      optimizer: {
        choice: [
          { kind: 'adam' },
          { kind: 'sgd', nesterov: { choice: [{ kind: true, damp: { uniform: [0, 1] } }, { kind: false }] } },
        ],
      },
      lr: { uniform: [0, 2] },
      layers: { choice: [{ kind: 1 }, { kind: 2, l2: size }, { kind: 3, l2: size, l3: size }] },
    });
    expect(trials.map(({ parameters }) => parameters)).toEqual([
      { optimizer: { kind: 'adam' }, lr: 0.1, layers: { kind: 1 } },
      { optimizer: { kind: 'sgd', nesterov: { kind: false } }, lr: 0.2, layers: { kind: 2, l2: 8 } },
      { optimizer: { kind: 'sgd', nesterov: { kind: true, damp: 0.5 } }, lr: 0.3, layers: { kind: 3, l2: 16, l3: 24 } },
    ]);
    expect(notes).toEqual([
      'trials with optimizer "sgd" also have nesterov',
      'trials with nesterov true also have damp',
      'trials with layers 2 also have l2',
      'trials with layers 3 also have l2, l3',
      '1 of 4 trials are left out: pruned, failed, unfinished or without a parameter',
    ]);
  });

  it('has the reports of its trials as their curves, whose best counts where it is the value of each', async () => {
    const told = (values: number[], reports: string) =>
      op(
        4,
        `"study_id": 0, "state": 1, "values": ${JSON.stringify(values)}, "params": {"lr": 1}, "distributions": {"lr": "${float}"}, "intermediate_values": ${reports}`,
      );
    const study = (...lines: string[]) => read([op(0, '"study_name": "s", "directions": [1]'), ...lines].join('\n'));
    const best = await study(told([0.3], '{"1": 0.3, "0": 0.5, "2": 0.4}'), told([0.2], '{"0": NaN, "1": 0.2}'));
    expect(best.spec).toMatchObject({ use: 'best', steps: 3 });
    expect(best.trials.map(({ outcome }) => outcome)).toEqual([{ curve: [0.5, 0.3, 0.4] }, { curve: [null, 0.2] }]);
    expect(best.notes).toEqual([]);
    const last = await study(
      told([0.4], '{"10": 0.5, "20": 0.4, "40": 0.4}'),
      told([0.9], '{}'),
      told([7], '{"3": 1}'),
    );
    const silent = await study(told([0.4], '{"0": 0.5, "1": 0.4}'), told([0.9], '{}'));
    for (const { spec } of [last, silent]) expect(spec).not.toHaveProperty('use');
    expect(last.trials.map(({ outcome }) => outcome)).toEqual([
      { curve: [0.5, 0.4, 0.4] },
      { value: 0.9 },
      { curve: [1, 7] },
    ]);
    expect(last.notes).toEqual([
      'reports are counted from 1 on, whatever steps they have',
      'the value of 1 trial is none of their reports, and follows the last of them',
    ]);
  });

  it('has a parameter beside the others where a value that tells it in part is the only one', async () => {
    const [optimizer, unit] = [listed('adam', 'sgd'), range(0, 1)];
    const inPart = await read(
      journal([
        { optimizer: [0, optimizer] },
        { optimizer: [1, optimizer], x: [1, unit] },
        { optimizer: [1, optimizer] },
      ]),
    );
    expect(inPart.spec.space).toEqual({ optimizer: { choice: ['adam', 'sgd'] }, x: { uniform: [0, 1] } });
    expect(inPart.trials.map(({ parameters }) => parameters)).toEqual([{ optimizer: 'sgd', x: 1 }]);
    expect(inPart.notes).toEqual([
      '2 of 3 trials are left out: pruned, failed, unfinished or without a parameter',
      'not every trial has x, and no value of another parameter says which',
    ]);
    // And what belongs to a value of such a parameter.
    const flag = listed(true, false);
    const { trials } = await read(
      journal([
        { optimizer: [0, optimizer] },
        { optimizer: [1, optimizer], flag: [0, flag], y: [0.5, unit] },
        { optimizer: [1, optimizer], flag: [1, flag] },
        { optimizer: [1, optimizer] },
      ]),
    );
    expect(trials.map(({ parameters }) => parameters)).toEqual([{ optimizer: 'sgd', flag: true, y: 0.5 }]);
  });

  it('says which parameters not every trial has', async () => {
    const { notes } = await read(journal([{ x: [1, range(0, 1)], y: [1, range(0, 1)] }, { x: [1, range(0, 1)] }]));
    expect(notes.at(-1)).toBe('not every trial has y, and no value of another parameter says which');
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
        ...{ name: 'theirs', goal: 'minimize', steps: 2 },
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
      outcome: { curve: [0.047589872884650934, 3.04575186461766] },
    });
    expect(found.notes).toEqual([
      '2 of 12 trials are left out: pruned, failed, unfinished or without a parameter',
      'the value of 10 trials is none of their reports, and follows the last of them',
    ]);
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
