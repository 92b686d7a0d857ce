import { study, validate, type SweepSpec } from '@unroll/contracts';
import { checkSweep } from '../checks/sweep';
import { samplers } from '../samplers';
import { getBounds, getStep } from '../space/dimension';
import { toPoint, toSpace } from '../space/point';
import { searched } from '../space/searched';
import { sweepSize } from './proposals';
import { SweepSearch, type Configuration, type Outcome } from './search';

const trials = 16;
const rate = { logUniform: [1e-4, 1] };

/** A parameter that exists under three choices, one within another. */
const deep = {
  choice: [
    'none',
    { kind: 'a', b: { choice: ['none', { kind: 'c', d: { choice: [{ kind: 'e', f: rate }, 'g'] } }] } },
    { kind: 'h', b: { int: [1, 3] } },
  ],
};
const many = Object.fromEntries(
  Array.from({ length: 60 }, (_, index) => [`x${index}`, index % 3 ? { uniform: [0, 1] } : { int: [1, 9] }]),
);

const spaces: Record<string, { space: object; search?: object }> = {
  'a single value beside a range': { space: { x: { choice: ['one'] }, fixed: 1, y: rate } },
  'two values': { space: { x: { choice: [1, 2] } } },
  'all whole numbers that are exact': {
    space: { x: { int: [-(2 ** 53), 2 ** 53] }, y: { int: [1, 2 ** 53], log: true } },
  },
  'three hundred decades': { space: { x: { logUniform: [1e-150, 1e150] }, y: { logUniform: [1e-300, 1] } } },
  'the largest and the least doubles': {
    space: { x: { uniform: [-8e307, 8e307] }, y: { logUniform: [Number.MIN_VALUE, Number.MAX_VALUE] } },
  },
  'the ends of one double': { space: { x: { uniform: [1, 1 + 2 ** -52] }, y: rate } },
  'steps that end before the range': { space: { x: { int: [0, 10], step: 3 }, y: rate } },
  'steps through 0': { space: { x: { uniform: [-0.3, 0.3], step: 0.1 }, y: { int: [-6, 6], step: 4 } } },
  'a large step': {
    space: { x: { uniform: [-5e307, 5e307], step: 1e307 }, y: { uniform: [0, 1e-300], step: 1e-301 } },
  },
  'conditions within conditions': { space: { x: deep } },
  'constraints that leave one point': {
    space: { x: { int: [1, 12] }, y: { int: [1, 12] } },
    search: { constraints: ['x + y >= 24'] },
  },
  'sixty parameters': { space: many },
  'enqueued ends': {
    space: { x: { int: [1, 12] }, y: rate },
    search: { enqueue: [{ x: 1, y: 1e-4 }, { x: 12, y: 1 }, { x: 12 }] },
  },
};

const outcomes: Record<string, (number: number) => Pick<Outcome, 'value' | 'share'>> = {
  'all values are equal': () => ({ value: 1, share: 1 }),
  'all fail': () => ({ value: null, share: 1 }),
  'all are pruned at their first rung': (number) => ({ value: (number * 7) % 5, share: 0.1 }),
  'values are enormous, and some missing': (number) => ({
    value: [1e308, null, -1e308, NaN, 1e-320, 0][number % 6]!,
    share: number % 4 === 0 ? 0.25 : 1,
  }),
  'values are infinite': (number) => ({ value: number % 2 ? Infinity : -Infinity, share: 1 }),
};

/** A study of an odd space. Several objectives, which studies do not have, are those of `nsga-ii`. */
function specOf(algorithm: string, { space, search }: { space: object; search?: object }): SweepSpec {
  const isSeveral = algorithm === 'nsga-ii';
  const asked = { algorithm: isSeveral ? 'random' : algorithm, trials, seed: 3, ...search };
  const spec = validate(study.studySpec, { name: 'odd', space, search: asked });
  checkSweep(spec);
  const goal = 'minimize';
  const objectives: SweepSpec['objectives'] = [
    { metric: 'train.loss', goal },
    { metric: 'validation.loss', goal },
  ];
  return isSeveral ? { ...spec, objectives, search: { ...spec.search, algorithm } } : spec;
}

/** Runs a sweep, of which two configurations run at once. `again`: numbers before which the search is restored from its log. */
function run(spec: SweepSpec, outcome: (typeof outcomes)[string], again: readonly number[] = []): Configuration[] {
  const all: Configuration[] = [];
  const log: ((search: SweepSearch) => void)[] = [];
  let search = new SweepSearch(spec);
  for (let number = 0; number < sweepSize(spec).configurations; number += 1) {
    if (again.includes(number)) {
      search = new SweepSearch(spec);
      for (const each of log) each(search);
    }
    const [configuration] = search.propose(number, 1);
    all.push(configuration!);
    const logged = JSON.parse(JSON.stringify({ number, parameters: configuration!.parameters })) as Configuration;
    log.push((to) => to.recall(logged));
    if (number < 1) continue;
    const told = outcome(number - 1);
    const learned = { number: number - 1, ...told, ...(spec.objectives && { others: [told.value] }) };
    search.learn(learned);
    log.push((to) => to.learn(learned));
  }
  return all;
}

/** What is wrong with parameters of a space. */
function faults(spec: SweepSpec, { parameters }: Configuration): string[] {
  const space = toSpace(searched(spec));
  const { point, unknown } = toPoint(space, parameters);
  const wrong = space.dimensions.filter(({ distribution, isList, path }, index) => {
    if (isList || Number.isNaN(point[index]!)) return false;
    const [value, [from, to], step] = [parameters[path] as number, getBounds(distribution), getStep(distribution)];
    const steps = step === undefined ? 0 : value / step - from / step;
    return !(value >= from && value <= to) || Math.abs(steps - Math.round(steps)) > 1e-9;
  });
  return [...unknown, ...wrong.map(({ path }) => path)];
}

const searching = Object.keys(samplers).filter((name) => name !== 'grid');
const cases = Object.keys(spaces).flatMap((name) => searching.map((algorithm) => [algorithm, name] as const));

describe('a search of an odd space', () => {
  it.each(cases)(
    'by %s: of %s, it is in range, repeats nothing, and goes on when it was interrupted',
    (algorithm, name) => {
      const isList = algorithm === 'cma-es' && JSON.stringify(spaces[name]).includes('choice');
      const spec = specOf(isList ? 'random' : algorithm, spaces[name]!);
      for (const outcome of Object.values(outcomes)) {
        const all = run(spec, outcome);
        expect(all.flatMap((each) => faults(spec, each))).toEqual([]);
        expect(new Set(all.map(({ parameters }) => JSON.stringify(parameters))).size).toBe(all.length);
        expect(run(spec, outcome, [2, 5, 11, 14])).toEqual(all);
      }
    },
  );

  it('begins with what is enqueued, at the ends of its ranges', () => {
    for (const algorithm of searching) {
      const all = run(specOf(algorithm, spaces['enqueued ends']!), outcomes['all fail']!);
      expect(all.slice(0, 3).map(({ parameters }) => parameters)).toEqual([
        { x: 1, y: 1e-4 },
        { x: 12, y: 1 },
        { x: 12, y: expect.any(Number) },
      ]);
    }
  });

  it.each(['random', 'sobol', 'grid'])('of one point has one configuration by %s', (algorithm) => {
    const x = { [algorithm === 'grid' ? 'grid' : 'choice']: ['one'] };
    expect(
      run(validate(study.studySpec, { name: 'odd', space: { x }, search: algorithm }), outcomes['all fail']!),
    ).toHaveLength(1);
  });

  it.each([
    ['a whole number', { int: [3, 3] }],
    ['a number', { uniform: [1, 1] }],
    ['a number on a log scale', { logUniform: [1, 1] }],
    ['a width beyond all doubles', { uniform: [-1e308, 1e308] }],
  ])('of a range of %s is refused', (_, x) => {
    expect(() => specOf('tpe', { space: { x } })).toThrow(/must be below/);
  });
});
