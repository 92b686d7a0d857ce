import { sweepSpec, validate, type SweepSpec } from '@unroll/contracts';
import { checkSweep } from '../checks/sweep';
import { firstTrials } from '../proposals/proposals';
import { wholeStopping } from '../stopping/rule';
import { explore } from './explore';
import { populationKey } from './population-key';
import { rungAfter, turnAt, type Member } from './population';

const sweep = (changes: Record<string, unknown> = {}, training: Record<string, unknown> = {}): SweepSpec =>
  validate(sweepSpec, {
    dataset: 'a',
    task: 'language-model',
    model: { cell: 'gru' },
    training: { learningRate: { logUniform: [1e-4, 1e-1] }, ...training },
    search: { trials: 20 },
    stopping: 'population',
    ...changes,
  });

const toMembers = (spec: SweepSpec, values: readonly number[]): Member[] => {
  const trials = firstTrials(spec, values.length);
  return values.map((value, configuration) => {
    return { configuration, value, parameters: trials[configuration]!.parameters, isKept: true };
  });
};

const learningRate = ({ parameters }: Pick<Member, 'parameters'>): number =>
  parameters['training.learningRate'] as number;

describe('a population at a rung', () => {
  const spec = sweep();
  const stopping = wholeStopping(spec.stopping);
  const ten = toMembers(spec, [5, 1, 2, 3, 4, 6, 7, 8, 9, 0]);
  const turns = ten.map(({ configuration }) => turnAt(spec, stopping, 0, configuration, ten));

  it('lets the worst fraction copy the best, with numbers a fifth larger or smaller', () => {
    expect(turns.map(({ decision }) => decision === 'exploit')).toEqual(ten.map(({ value }) => value >= 8));
    for (const { source, changed } of turns)
      if (changed) {
        expect([9, 1]).toContain(source);
        expect(Math.abs(learningRate(changed) / learningRate(ten[source]!) - 1)).toBeCloseTo(0.2, 6);
        expect(changed.spec.training.learningRate).toBe(learningRate(changed));
      }
  });

  it('is deterministic, and differs at another rung', () => {
    const again = (rung: number) => ten.map(({ configuration }) => turnAt(spec, stopping, rung, configuration, ten));
    expect(again(0)).toEqual(turns);
    const changes = [0, 1, 2, 3, 4].map((rung) =>
      again(rung).map(({ source, changed }) => [source, changed?.parameters]),
    );
    expect(new Set(changes.map((each) => JSON.stringify(each))).size).toBeGreaterThan(1);
  });

  it('ranks NaN last, and copies no NaN, no equal member and no checkpoint that was not kept', () => {
    const broken = ten.map((each) => ({ ...each, value: each.configuration === 1 ? NaN : each.value }));
    expect(turnAt(spec, stopping, 0, 1, broken).decision).toBe('exploit');
    const all = ten.map((each) => ({ ...each, value: NaN }));
    expect(all.map(({ configuration }) => turnAt(spec, stopping, 0, configuration, all).source)).toEqual(
      all.map(() => null),
    );
    const lost = ten.map((each) => ({ ...each, isKept: each.configuration === 1 }));
    expect([7, 8].map((configuration) => turnAt(spec, stopping, 0, configuration, lost).source)).toEqual([1, 1]);
    const equal = ten.map((each) => ({ ...each, value: 1 }));
    expect(equal.map(({ configuration }) => turnAt(spec, stopping, 0, configuration, equal).source)).toEqual(
      equal.map(() => null),
    );
  });

  it('lets the first few arrivals continue, since nothing waits', () => {
    const four = ten.slice(0, 4);
    expect(four.map(({ configuration }) => turnAt(spec, stopping, 0, configuration, four).decision)).toEqual(
      four.map(() => 'continue'),
    );
  });

  it('stays within the ranges, moves whole numbers by at least a step, and keeps values of lists', () => {
    const within = sweep(
      {},
      { learningRate: { uniform: [0.1, 0.11] }, clipNorm: { int: [1, 3] }, l2: { choice: [0, 1e-4] } },
    );
    const members = toMembers(within, [5, 4, 3, 2, 1]);
    for (let rung = 0; rung < 20; rung += 1) {
      const { changed, source } = turnAt(within, stopping, rung, 0, members);
      const before = members[source!]!.parameters;
      expect([0.1, 0.11]).toContainEqual(expect.closeTo(learningRate(changed!), 9));
      const clip = changed!.spec.training.clipNorm!;
      expect([1, 2, 3]).toContain(clip);
      expect(Math.abs(clip - (before['training.clipNorm'] as number))).toBeLessThanOrEqual(1);
      expect(changed!.spec.training.l2).toBe(before['training.l2']);
    }
  });

  it.each([
    [{ clipNorm: { int: [1, 100] } }, 'clipNorm', 10, [8, 12]],
    [{ clipNorm: { int: [1, 100] } }, 'clipNorm', 2, [1, 3]],
    [{ clipNorm: { int: [1, 100] } }, 'clipNorm', 95, [76, 100]],
    [{ clipNorm: { int: [10, 50], step: 10 } }, 'clipNorm', 30, [20, 40]],
    [{ clipNorm: { int: [10, 50], step: 10 } }, 'clipNorm', 50, [40, 50]],
    [{ clipNorm: { uniform: [1, 5] } }, 'clipNorm', 2, [1.6, 2.4]],
    [{ clipNorm: { uniform: [1, 5] } }, 'clipNorm', 4.5, [3.6, 5]],
    [{ clipNorm: { uniform: [1, 5], step: 0.5 } }, 'clipNorm', 3, [2, 4]],
    [{ clipNorm: { normal: [3, 1] } }, 'clipNorm', 3, [2.4, 3.6]],
    [{ clipNorm: { choice: [1, 2, 3] } }, 'clipNorm', 2, [2, 2]],
  ])('in %j makes of %s %d one of %j', (training, name, value, expected) => {
    const spec = sweep({}, { learningRate: 0.01, ...training });
    const seen = Array.from({ length: 16 }, (_, rung) => {
      const { parameters, spec: whole } = explore(
        spec,
        { number: 0, rung, part: 0.2 },
        { [`training.${name}`]: value },
      );
      expect(whole.training.clipNorm).toBe(parameters[`training.${name}`]);
      return parameters[`training.${name}`] as number;
    });
    expect([Math.min(...seen), Math.max(...seen)]).toEqual(expected.map((each) => expect.closeTo(each, 6)));
    expect(new Set(seen.map((each) => each.toFixed(6))).size).toBeLessThanOrEqual(2);
  });

  it('says why a member continues or copies another', () => {
    expect(turns[0]!.why).toBe('rank 6 of 10 at this rung; only the worst 2 copy the best');
    expect(turns[8]!.why).toMatch(/^rank 10 of 10 at this rung; copies configuration [91]$/);
    expect(turnAt(spec, stopping, 0, 0, ten.slice(0, 4)).why).toBe('rank 4 of 4 at this rung, too few to copy from');
  });

  it('satisfies the constraints, and copies parameters unchanged if no perturbation does', () => {
    const tight = sweep({ search: { trials: 20, constraints: ['learningRate <= 0.001', 'learningRate >= 0.0009'] } });
    const members = toMembers(tight, [5, 4, 3, 2, 1]);
    const { changed, source } = turnAt(tight, stopping, 0, 0, members);
    expect(changed!.parameters).toEqual(members[source!]!.parameters);
  });

  it('trains, stores and explores one and the same number, which a position would round', () => {
    const enqueued = sweep({ search: { trials: 20, constraints: ['learningRate == 0.003'] } });
    const exact = { 'training.learningRate': 0.003 };
    const copied = explore(enqueued, { number: 0, rung: 0, part: 0.2 }, exact);
    expect([copied.parameters, copied.spec.training.learningRate]).toEqual([exact, 0.003]);
    const doubled = sweep({}, { learningRate: { logUniform: [1e-4, 0.003] } });
    for (let rung = 0; rung < 8; rung += 1) {
      const { parameters, spec: whole } = explore(doubled, { number: 0, rung, part: 0.2 }, exact);
      expect(whole.training.learningRate).toBe(parameters['training.learningRate']);
      expect([0.0024, 0.003]).toContainEqual(expect.closeTo(whole.training.learningRate, 12));
      if (whole.training.learningRate > 0.0025) expect(whole.training.learningRate).toBe(0.003);
    }
  });

  it('compares only networks of one shape; grids over parameters that may change form no populations', () => {
    const two = sweep({ model: { cell: { grid: ['lstm', 'gru'] } } }, { l2: { grid: [0, 1e-4] } });
    const keys = [0, 1, 2, 3].map((configuration) => populationKey(two, configuration));
    expect(new Set(keys).size).toBe(2);
    const members = toMembers(two, [9, 0, 9, 0, 9, 0, 9, 0, 9, 0]);
    for (const { configuration } of members) {
      const { source } = turnAt(two, stopping, 0, configuration, members);
      if (source !== null) expect(populationKey(two, source)).toBe(populationKey(two, configuration));
    }
  });
});

describe('the rungs of a population', () => {
  it('are reports, with the interval rounded up to whole reports', () => {
    const stopping = wholeStopping({ rule: 'population', every: 250 });
    expect(rungAfter(stopping, 0, 100)).toEqual({ update: 300, rung: 0 });
    expect(rungAfter(stopping, 299, 100)).toEqual({ update: 300, rung: 0 });
    expect(rungAfter(stopping, 300, 100)).toEqual({ update: 600, rung: 1 });
  });
});

describe('a sweep with a population', () => {
  it.each([
    [{ search: { trials: 20, repeats: 2 } }, {}, /^search.repeats: a population cannot repeat seeds/],
    [
      { search: { trials: 20, algorithm: 'tpe' } },
      {},
      'search.algorithm: a population changes the parameters that tpe would learn from: use search: random or sobol',
    ],
    [
      { model: { hiddenSize: { choice: [8, 16] } } },
      {},
      /^model.hiddenSize: must not vary within a population, whose members copy weights: set one value, or a grid/,
    ],
    [{}, { learningRate: 0.01 }, /^stopping.rule: population has nothing to perturb/],
    [
      { search: { trials: 4 } },
      {},
      'search.trials: gives a population of 4, too few for stopping.replaced: set at least 5',
    ],
    [
      { search: { trials: 8 }, model: { cell: { grid: ['lstm', 'gru'] } } },
      {},
      'search.trials: gives populations of 4, too few for stopping.replaced: set at least 10',
    ],
  ])('is refused if it cannot form a population: %j %j', (changes, training, message) => {
    expect(() => checkSweep(sweep(changes, training))).toThrow(message);
  });

  it('counts tokens only for tasks that read a stream', () => {
    const of = (task: string) => sweep({ task, stopping: { rule: 'asha', minTokens: 1000 } });
    expect(() => checkSweep(of('classification'))).toThrow(
      'stopping.minTokens: classification reads examples, not a stream of tokens: use minEpochs or minUpdates',
    );
    expect(checkSweep(of('language-model')).configurations).toBe(20);
  });
});
