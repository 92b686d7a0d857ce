import { sweepSpec, validate, ValidationError } from '@unroll/contracts';
import { stoppingRules } from '.';
import { arrivalsNeeded, reconsider } from './decide';
import { getBracket } from './hyperband';
import { rankCorrelation } from './rank-correlation';
import { wholeStopping, type CurvePoint, type RungEntry, type Stopping, type StoppingRule, type Verdict } from './rule';
import { rungAt } from './rungs';

const settings = (changes: Partial<Stopping> = {}): Stopping => ({ ...wholeStopping({ rule: 'asha' }), ...changes });
const flat = (value: number, reports = 3): CurvePoint[] =>
  Array.from({ length: reports }, (_, index) => ({ update: (index + 1) * 100, value }));
const entries = (values: readonly number[]): RungEntry[] =>
  values.map((value, configuration) => ({ configuration, value }));
const updates = { every: 100, perUnit: 1 };
/** The rungs of a configuration that reports every 100 updates, up to 10,000. */
const listRungs = (rule: StoppingRule, stopping: Stopping, configuration: number, pace = updates) =>
  Array.from({ length: 100 }, (_, index) => (index + 1) * pace.every).flatMap((update) => {
    const number = rule.rungAt(stopping, configuration, update, pace);
    return number === undefined ? [] : [{ number, update }];
  });
/** With one bracket Hyperband is successive halving, so that the same cases apply to all rules. */
const oneBracket = settings({ brackets: 1 });

describe.each(Object.values(stoppingRules))('the rule $rule', (rule) => {
  const decide = (curve: CurvePoint[], before: RungEntry[], stopping = oneBracket): Verdict =>
    rule.decide(stopping, { configuration: 99, rung: 0, curve }, before);

  it('is listed under its own name', () => {
    expect(stoppingRules[rule.rule]).toBe(rule);
  });

  it('gives an equal verdict to an equal report', () => {
    const before = entries([5, 1, NaN, 3, 2, 4]);
    expect(decide(flat(2.5), before)).toEqual(decide(flat(2.5), structuredClone(before)));
  });

  it('never stops the first to arrive, whatever its value', () => {
    for (const value of [0, 1e300, NaN]) expect(decide(flat(value, 1), []).decision).toBe('continue');
  });

  it('never stops the best configuration so far while it improves', () => {
    const falling = [3, 2, 1].map((value, index) => ({ update: (index + 1) * 100, value }));
    for (let others = 0; others < 30; others += 1)
      expect(decide(falling, entries(Array.from({ length: others }, (_, index) => 5 + index))).decision).toBe(
        'continue',
      );
  });

  it('gives its reason in one line', () => {
    expect(decide(flat(2), entries([1, 2, 3])).why).toMatch(/^[^\n]+$/);
  });

  it('numbers its rungs in order, and has none before the minimum', () => {
    const rungs = listRungs(rule, settings({ brackets: 1, minimum: 250 }), 0);
    expect(rungs.map(({ number }) => number)).toEqual(rungs.map((_, index) => index));
    if (rule.rule !== 'none') expect(rungs[0]!.update).toBe(300);
  });

  it('has no rung between reports', () => {
    expect(rule.rungAt(settings({ minimum: 250 }), 0, 350, updates)).toBeUndefined();
  });

  it('gives no verdict at the last report or between rungs', () => {
    expect(rungAt(oneBracket, 0, { update: 300, ...updates, last: 300 })).toBeUndefined();
    const of = { ...oneBracket, rule: rule.rule };
    expect(rungAt(of, 0, { update: 150, ...updates, last: 3000 })).toBeUndefined();
  });
});

const comparing = [stoppingRules.asha, stoppingRules.hyperband, stoppingRules.median];
describe.each(comparing)('the comparing rule $rule', (rule) => {
  const decide = (curve: CurvePoint[], before: RungEntry[]): Verdict =>
    rule.decide(oneBracket, { configuration: 99, rung: 0, curve }, before);

  it('stops the worst of many', () => {
    expect(decide(flat(9), entries([1, 2, 3, 4, 5, 6])).decision).toBe('stop');
  });

  it('ranks NaN last', () => {
    expect(decide(flat(NaN), entries([1, 2, 3, 4, 5, 6])).decision).toBe('stop');
    expect(decide(flat(1e300), entries([NaN, NaN, NaN, NaN, NaN, NaN])).decision).toBe('continue');
    expect(decide(flat(3), entries([1, NaN, 2, NaN, NaN, NaN, NaN, NaN, NaN])).decision).toBe('continue');
  });

  it('stops none of equal configurations before a third has continued', () => {
    expect(decide(flat(1), entries([3, 1, 3, 3, 3, 3, 3, 3])).decision).toBe('continue');
  });
});

describe('successive halving', () => {
  const decide = (value: number, before: number[], reductionFactor = 3): string =>
    stoppingRules.asha.decide(
      settings({ reductionFactor }),
      { configuration: 9, rung: 0, curve: flat(value) },
      entries(before),
    ).decision;

  it('keeps a third of equal configurations as of others, the first to arrive', () => {
    expect([1, 2, 5, 8].map((before) => decide(1, Array<number>(before).fill(1)))).toEqual(
      Array<string>(4).fill('stop'),
    );
    const equal = Array.from({ length: 9 }, (_, configuration) => ({ configuration, score: 1 }));
    expect(equal.map(({ configuration }) => reconsider(settings(), configuration, equal) === undefined)).toEqual([
      ...Array<boolean>(3).fill(true),
      ...Array<boolean>(6).fill(false),
    ]);
  });

  it('keeps the best third of the arrivals, rounded down, but at least one', () => {
    expect(decide(2, [1])).toBe('stop');
    expect(decide(0, [1])).toBe('continue');
    expect(decide(2, [1, 3, 4, 5])).toBe('stop');
    expect(decide(2, [1, 3, 4, 5, 6])).toBe('continue');
  });

  it('stops NaN among NaN, and gives the rank as its reason', () => {
    expect(decide(NaN, [NaN, NaN])).toBe('stop');
    const { why } = stoppingRules.asha.decide(
      settings(),
      { configuration: 9, rung: 0, curve: flat(4) },
      entries([1, 5, 6, 7, 8]),
    );
    expect(why).toBe('rank 2 of 6 at this rung; the best 2 continue');
  });

  it('compares with the last factor² arrivals, at least 9: where all become better, about a third still continues', () => {
    const falling = Array.from({ length: 300 }, (_, index) => ((index * 7919) % 307) - index * 2);
    const kept = falling.filter((value, index) => decide(value, falling.slice(0, index)) === 'continue');
    expect(kept.length).toBeLessThan(130);
    expect(decide(2, [0, 0, 0, 0, ...Array<number>(9).fill(9)])).toBe('continue');
    expect(decide(2, [0, 0, 0, 0, ...Array<number>(5).fill(9)])).toBe('stop');
    expect(decide(2, [...Array<number>(4).fill(0), ...Array<number>(15).fill(9)], 4)).toBe('continue');
  });

  it('stops one of the first at a later report once others show that it is not among the best', () => {
    const arrivals = (scores: readonly number[]) => scores.map((score, configuration) => ({ configuration, score }));
    expect(reconsider(settings(), 0, arrivals([5, 1]))).toBeUndefined();
    expect(reconsider(settings(), 0, arrivals([5, 1, 2]))).toBe('rank 3 of 3 at this rung; the best 1 continue');
    expect(reconsider(settings(), 0, arrivals([5, 6, 4]))).toBe('rank 2 of 3 at this rung; the best 1 continue');
    expect(reconsider(settings(), 0, arrivals([5, 6, 7, 4, 8, 9]))).toBeUndefined();
    // Only the first arrivals count, and only for one of them.
    expect(
      reconsider(settings(), 0, arrivals([5, ...Array<number>(8).fill(9), ...Array<number>(9).fill(1)])),
    ).toBeUndefined();
    expect(reconsider(settings(), 9, arrivals([...Array<number>(9).fill(1), 5]))).toBeUndefined();
    expect(reconsider(settings({ rule: 'median' }), 0, arrivals([5, 1, 2]))).toBeUndefined();
  });

  it('counts whole arrivals, whatever the factor is', () => {
    for (const rule of ['asha', 'hyperband'] as const)
      for (let reductionFactor = 1.5; reductionFactor < 12; reductionFactor += 0.1)
        expect(arrivalsNeeded(settings({ rule, reductionFactor })) % 1).toBe(0);
  });

  it('stops about two of three in random order', () => {
    const values = Array.from({ length: 300 }, (_, index) => (index * 7919) % 307);
    const kept = values.filter((value, index) => decide(value, values.slice(0, index)) === 'continue');
    expect(kept.length).toBeGreaterThan(85);
    expect(kept.length).toBeLessThan(125);
  });

  it('has each rung reductionFactor times later than the one before', () => {
    const rungs = listRungs(stoppingRules.asha, settings({ minimum: 300 }), 0);
    expect(rungs.map(({ update }) => update)).toEqual([300, 900, 2700, 8100]);
    const at = (update: number): number | undefined =>
      rungAt(settings({ minimum: 300 }), 0, { update, ...updates, last: 3000 });
    expect([300, 400, 900, 2700].map(at)).toEqual([0, undefined, 1, 2]);
  });

  it('judges a configuration by its best value so far', () => {
    const curve = [1, 5].map((value, index) => ({ update: index + 1, value }));
    const report = { configuration: 9, rung: 0, curve };
    expect(stoppingRules.asha.decide(settings(), report, entries([2, 3, 4])).decision).toBe('continue');
  });
});

describe('rungs in another unit', () => {
  const of = (rule: 'asha' | 'median' | 'plateau', minEpochs: number, perUnit: number, every = 100): number[] =>
    listRungs(stoppingRules[rule], wholeStopping({ rule, minEpochs }), 0, { every, perUnit }).map(
      ({ update }) => update,
    );

  it('are at equal epochs, however many updates an epoch has', () => {
    expect(of('asha', 2, 110).slice(0, 3)).toEqual([300, 700, 2000]);
    expect(of('asha', 2, 11, 10).slice(0, 3)).toEqual([30, 70, 200]);
    expect(of('median', 2, 110).slice(0, 3)).toEqual([300, 500, 700]);
    expect(of('plateau', 2, 110).slice(0, 3)).toEqual([300, 400, 500]);
  });

  it('keep their numbers if several fall on one report', () => {
    const asha = wholeStopping({ rule: 'asha', minTokens: 1000 });
    expect(listRungs(stoppingRules.asha, asha, 0, { every: 100, perUnit: 1 / 50 })).toMatchObject([
      { number: 1, update: 100 },
      { number: 2, update: 200 },
      { number: 3, update: 600 },
      { number: 4, update: 1700 },
      { number: 5, update: 4900 },
    ]);
    const median = wholeStopping({ rule: 'median', minTokens: 1 });
    expect(listRungs(stoppingRules.median, median, 0, { every: 100, perUnit: 1 / 50 })[1]).toEqual({
      number: 9999,
      update: 200,
    });
  });
});

describe('the brackets of Hyperband', () => {
  const stopping = settings({ rule: 'hyperband', brackets: 3, minimum: 100 });

  it('get more configurations the earlier they stop', () => {
    const counts = [0, 0, 0];
    for (let configuration = 0; configuration < 170; configuration += 1)
      counts[getBracket(stopping, configuration)]! += 1;
    expect(counts[0]! / 170).toBeCloseTo(9 / 17, 1);
    expect(counts[1]! / 170).toBeCloseTo(5 / 17, 1);
    expect(counts[2]! / 170).toBeCloseTo(3 / 17, 1);
  });

  it('start at increasing updates, and compare only within a bracket', () => {
    const of = (bracket: number): number =>
      Array.from({ length: 50 }, (_, index) => index).find((each) => getBracket(stopping, each) === bracket)!;
    const first = [0, 1, 2].map((bracket) => listRungs(stoppingRules.hyperband, stopping, of(bracket))[0]!.update);
    expect(first).toEqual([100, 300, 900]);
    const others = Array.from({ length: 50 }, (_, configuration) => ({ configuration, value: 1 }));
    const rivals = others.filter(({ configuration }) => getBracket(stopping, configuration) !== 0);
    const report = { configuration: of(0), rung: 0, curve: flat(9) };
    expect(stoppingRules.hyperband.decide(stopping, report, rivals).decision).toBe('continue');
    expect(stoppingRules.hyperband.decide(stopping, report, others).decision).toBe('stop');
  });
});

describe('a later verdict of Hyperband', () => {
  const stopping = settings({ rule: 'hyperband', brackets: 3, minimum: 100 });

  it('compares only within a bracket', () => {
    const arrivals = Array.from({ length: 20 }, (_, configuration) => ({
      configuration,
      score: configuration === 0 ? 9 : 1,
    }));
    const bracket = getBracket(stopping, 0);
    const rivals = arrivals.filter(({ configuration }) => getBracket(stopping, configuration) === bracket);
    expect(reconsider(stopping, 0, arrivals)).toMatch(new RegExp(`^bracket ${bracket}: rank ${rivals.length} of`));
    const others = arrivals.filter((each) => each.configuration === 0 || !rivals.includes(each));
    expect(reconsider(stopping, 0, others)).toBeUndefined();
  });
});

describe('the median rule', () => {
  it('sorts what it compares with, and gives its reason', () => {
    const report = { configuration: 9, rung: 0, curve: flat(3) };
    const verdict = (before: number[]): Verdict => stoppingRules.median.decide(settings(), report, entries(before));
    expect(verdict([9, 1, 2, 8, 2.5]).why).toBe(
      'its best value, 3.000, is worse than the median of 5 running averages, 2.500',
    );
    expect(verdict([1, 9, 4, 8, NaN])).toEqual({
      decision: 'continue',
      score: 3,
      why: 'its best value, 3.000, is no worse than the median of 5 running averages, 8.000',
    });
    expect(verdict([1, 9]).why).toBe('one of the first 5 at this rung');
  });

  it('has its rungs at the first report after each multiple of minEpochs', () => {
    const stopping = settings({ rule: 'median', unit: 'epochs', minimum: 2 });
    const pace = { every: 4, perUnit: 5 };
    const rungs = listRungs(stoppingRules.median, stopping, 0, pace).slice(0, 3);
    expect(rungs).toEqual([
      { number: 0, update: 12 },
      { number: 1, update: 20 },
      { number: 2, update: 32 },
    ]);
    expect(stoppingRules.median.rungAt(stopping, 0, 13, pace)).toBeUndefined();
  });

  it('compares the best value so far with the median of the running averages', () => {
    const curve = [9, 9, 2.5].map((value, index) => ({ update: index + 1, value }));
    const report = { configuration: 9, rung: 0, curve };
    const verdict = (before: number[]): Verdict => stoppingRules.median.decide(settings(), report, entries(before));
    expect(verdict([1, 2, 3, 4, 5])).toMatchObject({ decision: 'continue', score: 20.5 / 3 });
    expect(verdict([1, 2, 2.4, 4, 5]).decision).toBe('stop');
    expect(verdict([1, 1, 1, 1]).decision).toBe('continue');
  });
});

describe('the plateau rule', () => {
  const verdict = (values: number[], minDelta = 0): string =>
    stoppingRules.plateau.decide(
      settings({ patience: 3, minDelta }),
      { configuration: 0, rung: 0, curve: values.map((value, index) => ({ update: index + 1, value })) },
      [],
    ).decision;

  it('stops a configuration that has not improved in its last reports, and none earlier', () => {
    expect(verdict([5, 5, 5])).toBe('continue');
    expect(verdict([5, 5, 5, 5])).toBe('stop');
    expect(verdict([5, 6, 6, 4.9])).toBe('continue');
    expect(verdict([5, 6, 6, 4.9], 0.2)).toBe('stop');
    expect(verdict([5, NaN, NaN, NaN])).toBe('stop');
    expect(verdict([NaN, NaN, NaN, 3])).toBe('continue');
  });
});

describe('the rank correlation of two rungs', () => {
  it('is 1 for the same order, −1 for the reverse, and gives ties their mean rank', () => {
    expect(rankCorrelation([1, 2, 3, 4], [10, 20, 30, 400])).toBe(1);
    expect(rankCorrelation([1, 2, 3, 4], [4, 3, 2, 1])).toBe(-1);
    // scipy.stats.spearmanr([1, 2, 2, 3], [1, 3, 2, 4])
    expect(rankCorrelation([1, 2, 2, 3], [1, 3, 2, 4])).toBeCloseTo(0.9486832980505138, 12);
    expect(rankCorrelation([1, NaN, 2], [1, 3, 2])).toBe(1);
  });

  it('is undefined for fewer than three values, or if all are equal', () => {
    expect(rankCorrelation([1, 2], [1, 2])).toBeUndefined();
    expect(rankCorrelation([1, 1, 1], [1, 2, 3])).toBeUndefined();
    expect(() => rankCorrelation([1], [])).toThrow(RangeError);
  });
});

describe('the stopping of a sweep', () => {
  const stopping = (given: unknown): unknown =>
    validate(sweepSpec, { dataset: 'a', task: 'language-model', stopping: given }).stopping;
  const refusal = (given: unknown): string => {
    try {
      stopping(given);
    } catch (error) {
      if (error instanceof ValidationError) return error.message;
      throw error;
    }
    return '';
  };

  it('may be the name of a rule, and is none by default', () => {
    expect(stopping('asha')).toEqual({ rule: 'asha' });
    expect(validate(sweepSpec, { dataset: 'a', task: 'language-model' }).stopping).toEqual({ rule: 'none' });
  });

  it.each([
    [{ rule: 'asha', patience: 3 }, 'stopping.patience: is an option of plateau, not of asha; leave it out'],
    [
      { rule: 'ahsa' },
      'stopping.rule: "ahsa" is not one of none, asha, hyperband, median, plateau, freeze-thaw, population, auto; did you mean asha?',
    ],
    [
      { rule: 'asha', minEpochs: 1, minTokens: 1000 },
      'stopping.minTokens: sets the first decision, as minEpochs does; leave it out',
    ],
    [{ rule: 'asha', every: 100 }, 'stopping.every: is an option of population, not of asha; leave it out'],
    [
      { rule: 'population', minUpdates: 100 },
      'stopping.minUpdates: is an option of asha, hyperband, median, plateau, freeze-thaw, not of population; leave it out',
    ],
    [{ rule: 'asha', reductionFactor: 1 }, 'stopping.reductionFactor: must be at least 1.5, not 1'],
  ])('is refused if it is %j', (given, message) => {
    expect(refusal(given)).toBe(message);
  });
});
