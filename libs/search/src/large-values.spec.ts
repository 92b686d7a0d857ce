import { sweepSpec, validate, wholeStopping } from '@unroll/contracts';
import fc from 'fast-check';
import { chooseNext, type Arrival } from './freeze-thaw';
import { computeImportance } from './importance/importance';
import { samplers } from './samplers';
import { drawAt, freePoint, toSpace, type Point } from './space/point';
import { searched } from './space/searched';
import { randomNumbers } from './space/numbers';
import { stoppingRules } from './stopping';
import { decideAt, meanCurve } from './stopping/decide';
import { comparePairs } from './stopping/paired-test';

/** The largest double is below 2^1024, and the least multiple is 2^-1074. */
const most = 1023;
const value = fc.integer({ min: -most, max: most });
/** Powers of two by which problems are scaled: squares of values overflow or vanish, and their sums overflow by the largest. */
const exponents = [-1000, -600, 600, 1014];
const exponent = fc.constantFrom(...exponents);
const runs = { numRuns: 60 };
/** A grid takes no values, and has no free dimension. */
const searching = (Object.keys(samplers) as (keyof typeof samplers)[]).filter((name) => name !== 'grid');

/** What a sampler proposes, of which every seventh configuration fails. */
function proposals(name: keyof typeof samplers, values: readonly (readonly number[])[], scale: number): Point[] {
  const space = toSpace({ rate: { logUniform: [1e-4, 1e-1] }, part: { uniform: [-1, 2] }, size: { int: [1, 100] } });
  const suggester = samplers[name].open(space, 5);
  return values.map((own, number) => {
    const ask = { number, attempt: 0, fixed: freePoint(space), running: [], allows: () => true };
    const point = suggester.suggest({ ...ask, numbers: randomNumbers(5, number, 0) });
    const told = own.map((each) => (number % 7 === 6 ? NaN : each * scale));
    suggester.learn({ number, point, values: told, share: number % 3 === 0 ? 0.5 : 1 });
    return point;
  });
}

describe('values of any finite magnitude', () => {
  it.each(searching)('lead %s to the proposals of the scaled values', (name) => {
    const objectives = name === 'nsga-ii' ? 2 : 1;
    const tuple = fc.array(value, { minLength: objectives, maxLength: objectives });
    const count = name === 'gaussian-process' ? 20 : 60;
    const sampled = fc.array(tuple, { minLength: count, maxLength: count });
    fc.assert(
      fc.property(sampled, fc.constantFrom(-1074, ...exponents), (values, power) => {
        const points = proposals(name, values, 2 ** power);
        expect(points).toEqual(proposals(name, values, 1));
        expect(points.flatMap((point) => [...point]).every((at) => at >= 0 && at < 1)).toBe(true);
      }),
      { numRuns: name === 'gaussian-process' ? 4 : 12 },
    );
  });

  it.each(Object.keys(stoppingRules))('lead %s to the verdicts of the scaled values', (name) => {
    const stopping = wholeStopping({ rule: name } as Parameters<typeof wholeStopping>[0]);
    const curves = fc.array(fc.array(value, { minLength: 6, maxLength: 6 }), { minLength: 2, maxLength: 3 });
    const entries = fc.array(value, { minLength: 12, maxLength: 12 });
    fc.assert(
      fc.property(curves, entries, exponent, fc.constantFrom('minimize' as const, 'maximize' as const), (...given) => {
        const [seeds, others, power, goal] = given;
        const decide = (scale: number) => {
          const updates = seeds[0]!.map((_, index) => index + 1);
          const scaled = seeds.map((values) => ({ updates, values: values.map((each) => each * scale) }));
          const curve = meanCurve(scaled, updates.at(-1)!)!;
          const before = others.map((each, configuration) => ({ configuration, score: each * scale }));
          return decideAt(stopping, goal, { configuration: 20, rung: 0, curve }, before);
        };
        const [own, scaled] = [decide(1), decide(2 ** power)];
        expect(scaled.decision).toBe(own.decision);
        expect(scaled.score / 2 ** power).toBeCloseTo(own.score, 9);
      }),
      runs,
    );
  });

  it.each([1, 5])('lead paired tests over %d folds to the p-values of the scaled values', (folds) => {
    const seeds = fc.array(value, { minLength: 6, maxLength: 6 });
    fc.assert(
      fc.property(seeds, seeds, exponent, (values, others, power) => {
        const compare = (scale: number) =>
          comparePairs(
            0.3,
            'minimize',
            {
              values: values.map((each) => each * scale),
              against: { configuration: 1, values: others.map((each) => each * scale) },
            },
            folds,
          );
        const [own, scaled] = [compare(1), compare(2 ** power)];
        expect(scaled.p).toBeCloseTo(own.p, 9);
        expect(scaled.decision).toBe(own.decision);
      }),
      runs,
    );
  });

  it('lead freeze-thaw to the choices of the scaled values', () => {
    const curves = fc.array(fc.array(value, { minLength: 4, maxLength: 4 }), { minLength: 24, maxLength: 24 });
    fc.assert(
      fc.property(curves, exponent, fc.nat(100), (values, power, seed) => {
        const choose = (scale: number): (number | boolean)[] => {
          const arrivals = values.flatMap((own, configuration): Arrival[] =>
            own.slice(0, 1 + (configuration % 4)).map((_, rung) => ({
              ...{ configuration, rung, update: 2 ** rung },
              score: Math.min(...own.slice(0, rung + 1)) * scale,
            })),
          );
          const stopped = values.flatMap((_, configuration) => (configuration % 4 < 3 ? [configuration] : []));
          const choices = chooseNext({ arrivals, stopped, configurations: 40, seed }, 3);
          return choices.flatMap(({ configuration, why }) => [configuration, /NaN|Infinity/.test(why)]);
        };
        expect(choose(2 ** power)).toEqual(choose(1));
      }),
      runs,
    );
  });

  it('have the importance of the scaled values', () => {
    const spec = validate(sweepSpec, {
      ...{ dataset: 'a', task: 'language-model' },
      training: { learningRate: { logUniform: [1e-4, 1e-1] }, batchSize: { int: [1, 100] } },
    });
    fc.assert(
      fc.property(fc.array(value, { minLength: 40, maxLength: 40 }), exponent, (values, power) => {
        const compute = (scale: number) =>
          computeImportance(
            spec,
            values.map((each, number) => {
              const numbers = randomNumbers(3, number, 0);
              const space = toSpace(searched(spec));
              const { parameters } = drawAt(space, () => numbers.next());
              return { parameters, value: each * scale };
            }),
          );
        expect(compute(2 ** power)).toEqual(compute(1));
        expect(compute(1).items.some(({ importance }) => importance > 0)).toBe(true);
      }),
      { numRuns: 8 },
    );
  });
});
