import { sweepSpec, validate, type SweepSpec } from '@unroll/contracts';
import { checkSweep } from '../checks/sweep';
import { randomNumbers } from '../space/numbers';
import { comparePairs, firstSeeds, nextLook } from './paired-test';

const against = (values: number[]) => ({ configuration: 12, values });

describe('the paired test of seeds', () => {
  it('compares first on the fewest seeds that can decide, then on twice as many each time', () => {
    expect([0.5, 0.25, 0.1, 0.05, 0.01].map((p) => nextLook(p))).toEqual([2, 3, 4, 5, 7]);
    expect([4, 8, 16].map((seen) => nextLook(0.1, seen))).toEqual([8, 16, 32]);
  });

  it('stops a configuration that is worse on each of four seeds, and says so', () => {
    const pairs = { values: [5, 6, 7, 9], against: against([1, 2, 3, 4, 0, 0]) };
    expect(comparePairs(0.1, 'minimize', pairs)).toEqual({
      ...{ decision: 'stop', p: 0.0625, why: 'worse than configuration 12 on 4 of 4 seeds (p = 0.063)' },
    });
    expect(comparePairs(0.1, 'maximize', pairs)).toMatchObject({ decision: 'continue', p: 1 });
    expect(comparePairs(0.05, 'minimize', pairs)).toMatchObject({ decision: 'continue', p: 0.0625 });
  });

  it('continues where one of four seeds is better', () => {
    const pairs = { values: [5, 6, 7, 3], against: against([1, 2, 3, 4]) };
    expect(comparePairs(0.1, 'minimize', pairs)).toMatchObject({ decision: 'continue', p: 0.125 });
  });

  it('compares by seed: seeds that are easy for all do not hide a difference', () => {
    const easy = [100, 1, 50, 10];
    const pairs = { values: easy.map((value) => value + 0.1), against: against(easy) };
    expect(comparePairs(0.1, 'minimize', pairs).decision).toBe('stop');
  });

  it('continues where the mean is no worse, over the same seeds and over all of the best', () => {
    const values = [1.1, 1.1, 1.1, 1.1, 1.1, 1.1, 1.1, -9];
    expect(comparePairs(0.3, 'minimize', { values, against: against(values.map(() => 1)) })).toMatchObject({
      ...{ decision: 'continue', p: 30 / 256 },
    });
    const lateLosses = { values: [2, 2, 2, 2], against: against([1, 1, 1, 1, 9, 9]) };
    expect(comparePairs(0.1, 'minimize', lateLosses)).toMatchObject({ decision: 'continue', p: 0.0625 });
  });

  it('counts a seed without a value as worse than any that has one', () => {
    for (const goal of ['minimize', 'maximize'] as const)
      expect(comparePairs(0.1, goal, { values: [NaN, NaN, NaN, NaN], against: against([1, 2, 3, 4]) })).toMatchObject({
        ...{ decision: 'stop', p: 0.0625 },
      });
  });

  it('takes folds for the correlated draws that they are', () => {
    const values = [2.1, 2.4, 2.2, 2.6, 2.3];
    const pairs = { values, against: against([2, 2.1, 2.15, 2.2, 2.25]) };
    const { p, why } = comparePairs(0.1, 'minimize', pairs, 5);
    // Differences .1, .3, .05, .4, .05: mean .18, s .16047; t = .18 / (s √(1/5 + 1/4)) = 1.6722 with 4 degrees of freedom.
    expect(p).toBeCloseTo(0.0849, 4);
    expect(why).toBe(`worse than configuration 12 on 5 of 5 trainings (p = ${p.toPrecision(2)})`);
    expect(comparePairs(0.1, 'maximize', pairs, 5).p).toBeCloseTo(1 - p, 12);
    expect(
      comparePairs(0.1, 'minimize', { values: [NaN, 2, 2, 2, 2], against: against([1, 2, 2, 2, 2]) }, 5),
    ).toMatchObject({ decision: 'continue' });
    expect(comparePairs(0.1, 'minimize', { values: values.map(() => NaN), against: pairs.against }, 5)).toMatchObject({
      ...{ decision: 'stop', p: 0 },
    });
  });

  it('stops as many equal configurations over folds as its threshold says', () => {
    const runs = 2000;
    let [own, independent] = [0, 0];
    for (let run = 0; run < runs; run += 1) {
      const numbers = randomNumbers(11, run, 0);
      // Differences over five folds are correlated by 1/5.
      const shared = numbers.normal() * Math.sqrt(1 / 5);
      const values = Array.from({ length: 10 }, () => shared + numbers.normal() * Math.sqrt(4 / 5));
      const pairs = { values, against: against(values.map(() => 0)) };
      own += Number(comparePairs(0.1, 'minimize', pairs, 5).p < 0.1);
      independent += Number(comparePairs(0.1, 'minimize', pairs).p < 0.1);
    }
    expect([own / runs, independent / runs]).toEqual([expect.closeTo(0.1, 1), expect.closeTo(0.23, 1)]);
    expect(own / runs).toBeLessThan(0.12);
  });

  describe('over many configurations with ten seeds', () => {
    const mean = (values: readonly number[]): number => values.reduce((a, b) => a + b, 0) / values.length;

    /** How often a configuration whose mean is `shift` standard deviations worse is stopped, and its mean number of seeds. */
    function simulate(shift: number, rivals: number): { stopped: number; seeds: number } {
      const runs = 1000;
      let [stopped, trained] = [0, 0];
      for (let run = 0; run < runs; run += 1) {
        const numbers = randomNumbers(7, run, 0);
        const draw = (centre: number): number[] => Array.from({ length: 10 }, () => centre + numbers.normal());
        const best = Array.from({ length: rivals }, () => draw(0)).sort((a, b) => mean(a) - mean(b))[0]!;
        const own = draw(shift);
        let seeds = nextLook(0.1);
        while (seeds < 10) {
          const pairs = { values: own.slice(0, seeds), against: against(best) };
          if (comparePairs(0.1, 'minimize', pairs).decision === 'stop') break;
          seeds = nextLook(0.1, seeds);
        }
        stopped += Number(seeds < 10);
        trained += Math.min(10, seeds);
      }
      return { stopped: stopped / runs, seeds: trained / runs };
    }

    it('stops one that is worse by two standard deviations after few seeds', () => {
      const { stopped, seeds } = simulate(2, 1);
      expect(stopped).toBeGreaterThan(0.97);
      expect(seeds).toBeLessThan(5.5);
    });

    it('stops one that equals the best at little more than the threshold, and more often if the best was the luckiest of ten', () => {
      expect(Math.abs(simulate(0, 1).stopped - 0.14)).toBeLessThan(0.03);
      expect(Math.abs(simulate(0, 10).stopped - 0.37)).toBeLessThan(0.05);
    });
  });
});

describe('a sweep with a paired test', () => {
  const spec = (changes: object): SweepSpec =>
    validate(sweepSpec, {
      ...{ dataset: 'a', task: 'language-model', stopping: { pThreshold: 0.1 } },
      ...{ training: { learningRate: { logUniform: [1e-3, 1e-2] } }, search: { trials: 4, repeats: 10 } },
      ...changes,
    });

  it('starts with the seeds of the first comparison, with any rule; without the test with all', () => {
    expect(firstSeeds(spec({}))).toBe(4);
    expect(firstSeeds(spec({ stopping: { rule: 'asha', pThreshold: 0.05 } }))).toBe(5);
    expect(firstSeeds(spec({ stopping: 'asha' }))).toBe(10);
    expect(checkSweep(spec({})).trials).toBe(40);
  });

  it.each([
    [{ search: { trials: 4 } }, 'ends nothing early with 1: set search.repeats to at least 5, or leave it out'],
    [{ search: { trials: 4, repeats: 4 } }, '0.1 takes 4 seeds to reach, and ends nothing early with 4'],
    [{ search: { trials: 4, seeds: [1, 2, 3] } }, 'list at least 5 in search.seeds, or leave it out'],
    [
      { objectives: [{ metric: 'validation.bitsPerToken' }, { metric: 'cost.parameters' }] },
      'compares by a single objective',
    ],
  ])('is refused where it could end nothing: %j', (changes, message) => {
    expect(() => checkSweep(spec(changes))).toThrow(`stopping.pThreshold: `);
    expect(() => checkSweep(spec(changes))).toThrow(message);
  });

  it('is refused in a population', () => {
    expect(() => spec({ stopping: { rule: 'population', pThreshold: 0.1 } })).toThrow(
      'stopping.pThreshold: is an option of none, asha, hyperband, median, plateau, not of population; leave it out',
    );
  });
});
