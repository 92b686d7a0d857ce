import { sweepSpec, validate, type Objective, type SweepSpec } from '@unroll/contracts';
import { stream } from '@unroll/random';
import { noStanding, getObjective, getObjectives, standingAfter, type Standing } from './objective';
import { dominates, paretoRanks } from './objectives/pareto';
import { checkSweep } from './checks/sweep';

const after = (objective: Partial<Objective>, values: readonly (number | undefined)[]): Standing =>
  values.reduce<Standing>(
    (standing, value, index) =>
      standingAfter({ metric: 'validation.loss', goal: 'minimize', use: 'best', ...objective }, standing, {
        update: (index + 1) * 10,
        metrics: value === undefined ? { 'train.loss': 1 } : { 'validation.loss': value },
      }),
    noStanding,
  );

describe("a trial's standing", () => {
  it('is its best report, with its update and metrics', () => {
    expect(after({}, [3, 1, 2])).toEqual({ value: 1, update: 20, metrics: { 'validation.loss': 1 } });
    expect(after({ goal: 'maximize' }, [1, 3, 2])).toEqual({ value: 3, update: 20, metrics: { 'validation.loss': 3 } });
  });

  it('is the earlier of two equal reports', () => {
    expect(after({}, [1, 1]).update).toBe(10);
  });

  it('is its last report if the objective says so', () => {
    expect(after({ use: 'last' }, [1, 3])).toMatchObject({ value: 3, update: 20 });
    expect(after({ use: 'last', goal: 'maximize' }, [3, 1])).toMatchObject({ value: 1, update: 20 });
  });

  it.each([
    [Infinity, 'minimize'],
    [-Infinity, 'maximize'],
  ] as const)('takes %s as the worst value that a trial to %s can have', (worst, goal) => {
    expect(after({ goal }, [worst])).toMatchObject({ value: worst, update: 10 });
    expect(after({ goal }, [worst, 2]).value).toBe(2);
    expect(after({ goal }, [2, worst]).value).toBe(2);
    expect(after({ goal, use: 'last' }, [2, worst]).value).toBe(worst);
  });

  it.each([
    [NaN, 'minimize'],
    [-Infinity, 'minimize'],
    [Infinity, 'maximize'],
    [undefined, 'maximize'],
  ] as const)('ignores the value %s of a trial to %s', (value, goal) => {
    for (const objective of [{ goal }, { goal, use: 'last' }] as const) {
      expect(after(objective, [value])).toEqual(noStanding);
      expect(after(objective, [2, value]).value).toBe(2);
      expect(after(objective, [value, 2])).toMatchObject({ value: 2, update: 20 });
    }
  });

  it('can be zero and negative', () => {
    expect(after({}, [1, 0, -1, 0]).value).toBe(-1);
    expect(after({ goal: 'maximize' }, [-2, 0]).value).toBe(0);
  });
});

describe('several objectives', () => {
  const spec = (changes: Record<string, unknown> = {}): SweepSpec =>
    validate(sweepSpec, {
      dataset: 'a',
      task: 'language-model',
      model: { hiddenSize: { int: [8, 64] } },
      objectives: [{ metric: 'validation.loss' }, { metric: 'cost.parameters' }],
      search: { algorithm: 'nsga-ii', trials: 40 },
      ...changes,
    });

  it('have the goals of their metrics, and the first one chooses the report that counts', () => {
    expect(getObjectives(spec())).toEqual([
      { metric: 'validation.loss', goal: 'minimize' },
      { metric: 'cost.parameters', goal: 'minimize' },
    ]);
    expect(getObjective(spec())).toEqual({ metric: 'validation.loss', goal: 'minimize', use: 'best' });
    expect(checkSweep(spec()).configurations).toBe(40);
    expect(checkSweep(spec({ search: { algorithm: 'auto', trials: 40 } })).configurations).toBe(40);
  });

  it.each([
    [{ objective: { metric: 'validation.loss' } }, 'objectives: give objective or objectives, not both'],
    [{ objectives: [{ metric: 'validation.loss' }] }, 'objectives: needs at least 2 values'],
    [
      { objectives: [{ metric: 'cost.seconds' }, { metric: 'validation.loss' }] },
      /^objectives: the first must be measured at reports/,
    ],
    [
      { objectives: [{ metric: 'validation.loss' }, { metric: 'validation.loss' }] },
      'objectives: a metric is listed twice',
    ],
    [
      { objectives: [{ metric: 'validation.loss' }, { metric: 'cost.paramters' }] },
      /^objectives\[1\].metric: "cost.paramters" is not one of .*; did you mean cost.parameters\?$/,
    ],
    [
      { objectives: [{ metric: 'validation.loss' }, { metric: 'validation.bleu' }] },
      'objectives[1].metric: validation.bleu is not measured by language-model, which measures validation.loss, validation.bitsPerToken, validation.bitsPerCharacter, validation.perplexity',
    ],
    [
      { search: { algorithm: 'tpe', trials: 40 } },
      'search.algorithm: tpe learns from one objective, but the sweep has 2: use nsga-ii, or a sampler that does not learn: random, grid or sobol',
    ],
    [
      { objectives: undefined },
      'search.algorithm: nsga-ii needs several objectives: set objectives, or use search: tpe',
    ],
    [{ stopping: 'asha' }, 'stopping.rule: asha compares by a single objective, but the sweep has 2: leave it out'],
    [
      { stopping: 'population' },
      'stopping.rule: population compares by a single objective, but the sweep has 2: leave it out',
    ],
    [
      {
        training: { learningRate: { logUniform: [1e-4, 1e-1] } },
        search: { algorithm: 'random', trials: 20_000 },
      },
      'search.trials: must be at most 10000 with several objectives, not 20000',
    ],
  ])('are refused if they are inconsistent: %j', (changes, message) => {
    expect(() => checkSweep(spec(changes))).toThrow(message);
  });
});

describe('Pareto fronts', () => {
  it('are numbered from the one that nothing dominates', () => {
    const values = [
      [1, 9],
      [2, 2],
      [9, 1],
      [3, 3],
      [2, 2],
      [9, 9],
      [1, Infinity],
    ];
    expect(paretoRanks(values)).toEqual([0, 0, 0, 1, 0, 2, 1]);
  });

  it('match the definition, on many points in three dimensions', () => {
    const numbers = stream(1, 'search');
    const values = Array.from({ length: 200 }, (_, index) =>
      [0, 1, 2].map((axis) => Math.floor(8 * numbers.uniform(axis, index))),
    );
    const ranks = paretoRanks(values);
    for (const [index, own] of values.entries()) {
      const before = ranks.filter((_, other) => dominates(values[other]!, own));
      expect(ranks[index]).toBe(before.length === 0 ? 0 : Math.max(...before) + 1);
    }
  });
});
