import { nearest, parseConstraint, ValidationError, type Constraint, type SweepSpec } from '@unroll/contracts';
import { randomNumbers } from './space/numbers';
import {
  drawAt,
  gridPoint,
  flatten,
  numberAt,
  optionPoint,
  pointAt,
  toSpace,
  type Point,
  type Space,
} from './space/point';
import { remembered } from './space/remembered';
import { searched } from './space/searched';
import type { Parameters } from './space/space';
import { wholeTrial } from './space/whole-trial';

/** Configurations drawn to find out which keys exist, beside one for each option of a list. */
const keySamples = 32;
/** Most combinations of options whose defaults are kept. */
const mostCombinations = 2000;
/** Draws without a valid configuration after which the constraints count as infeasible: of all points of the grids, or of one. */
const feasibilityDraws = { all: 10_000, one: 2_000 };

/** The constraints of a sweep, bound to its keys. */
export interface Constraints {
  /** Whether a configuration satisfies all. `given`: numbers by their paths that it has exactly, where a position would round them. */
  allows: (point: Point, given?: Parameters) => boolean;
  /** The constraints that a configuration violates. */
  violated: (point: Point, given?: Parameters) => string[];
}

/** @throws ValidationError for a name that is unknown or ambiguous */
export const getConstraints = remembered(bind);

function bind(spec: SweepSpec): Constraints {
  const texts = spec.search.constraints ?? [];
  if (texts.length === 0) return { allows: () => true, violated: () => [] };
  const space = toSpace(searched(spec));
  const { keys, constants } = sampleKeys(spec, space);
  const conditions = texts.map((text, index) => ({ ...parseConstraint(text), index }));
  const paths = new Map<string, string>();
  for (const { names, index } of conditions) for (const name of names) paths.set(name, resolveKey(name, keys, index));
  const direct = directDimensions(space);
  const withDefaults = rememberDefaults(spec, space);
  const violated = (point: Point, exact: Parameters = {}): Constraint[] => {
    let tree: unknown;
    let given: Parameters | undefined;
    let whole: Parameters | undefined;
    const valueOf = (path: string): unknown => {
      const dimension = direct.get(path);
      if (dimension !== undefined) return numberAt(space.dimensions[dimension]!, point[dimension]!, exact);
      if (Object.hasOwn(constants, path)) return constants[path];
      tree ??= drawAt(space, (each) => point[each]!, exact).tree;
      given ??= flatten('', tree);
      if (Object.hasOwn(given, path)) return given[path];
      whole ??= withDefaults(point, tree, given) ?? given;
      return whole[path];
    };
    return conditions.filter(({ holds }) => !holds((name) => valueOf(paths.get(name)!)));
  };
  return {
    allows: (point, given) => violated(point, given).length === 0,
    violated: (point, given) => violated(point, given).map(({ text }) => text),
  };
}

/** The keys of all configurations, and the values that all of them have. */
function sampleKeys(spec: SweepSpec, space: Space): { keys: string[]; constants: Parameters } {
  const samples = wholeSamples(spec);
  const keys = [...new Set(samples.flatMap((sample) => Object.keys(sample)))];
  // A value that is equal in all samples, with each option of each list among them, is a default that no draw changes.
  const drawn = new Set(space.dimensions.map(({ path }) => path));
  const constants = Object.fromEntries(
    keys
      .filter((key) => !drawn.has(key) && samples.every((sample) => sample[key] === samples[0]![key]))
      .map((key) => [key, samples[0]![key]]),
  );
  return { keys, constants };
}

/** The numbers that every configuration has, by path: their values follow from a point without its tree, which takes far longer. */
function directDimensions({ dimensions }: Space): Map<string, number> {
  const counts = new Map<string, number>();
  for (const { path } of dimensions) counts.set(path, (counts.get(path) ?? 0) + 1);
  return new Map(
    dimensions.flatMap(({ path, isList, within }, index) =>
      isList || within || counts.get(path)! > 1 ? [] : [[path, index] as const],
    ),
  );
}

/**
 * Completes the flat parameters of a configuration by all defaults, as `allOf` does. Which they are follows from the options that it
 * chooses, so they are computed once for each combination of these.
 */
function rememberDefaults(spec: SweepSpec, { dimensions }: Space) {
  const lists = [...dimensions.keys()].filter((index) => dimensions[index]!.isList);
  const known = new Map<string, Parameters>();
  return (point: Point, tree: unknown, given: Parameters): Parameters | undefined => {
    const options = lists.map((index) => point[index]).join();
    const defaults = known.get(options);
    if (defaults) return { ...defaults, ...given };
    const whole = allOf(spec, tree);
    if (whole && known.size < mostCombinations)
      known.set(options, Object.fromEntries(Object.entries(whole).filter(([path]) => !Object.hasOwn(given, path))));
    return whole;
  };
}

/** The flat parameters of a configuration including all defaults; undefined if it is invalid. */
function allOf(spec: SweepSpec, tree: unknown): Parameters | undefined {
  try {
    return flatten('', spec.parameters ? tree : wholeTrial(spec, tree));
  } catch (error) {
    if (error instanceof ValidationError) return undefined;
    throw error;
  }
}

/** Whole configurations, of which each option of each list is in at least one. */
function wholeSamples(spec: SweepSpec): Parameters[] {
  const space = toSpace(searched(spec));
  const points: Point[] = [];
  const draw = (fixed: Point): void => {
    const numbers = randomNumbers(spec.search.seed, 2 ** 32 - 1 - points.length, 0);
    points.push(pointAt(space, fixed, () => numbers.next()));
  };
  for (let sample = 0; sample < keySamples; sample += 1) draw(gridPoint(space, sample % space.gridSize));
  for (const [index, { isList, levels }] of space.dimensions.entries()) {
    const sampled = new Set(isList ? points.map((point) => point[index]) : []);
    for (let option = 0; isList && option < levels; option += 1) {
      const fixed = optionPoint(space, index, option);
      if (!sampled.has(fixed[index])) draw(fixed);
    }
  }
  return points.map((point) => {
    const { tree } = drawAt(space, (dimension) => point[dimension]!);
    return allOf(spec, tree) ?? flatten('', tree);
  });
}

/** The key that a name denotes: a full path, or the end of exactly one. */
function resolveKey(name: string, keys: readonly string[], index: number): string {
  const refuse = (message: string): ValidationError =>
    new ValidationError([{ path: `search.constraints[${index}]`, message }]);
  if (keys.includes(name)) return name;
  const ending = keys.filter((key) => key.endsWith(`.${name}`));
  if (ending.length === 1) return ending[0]!;
  if (ending.length > 1) throw refuse(`${name} is ambiguous: write the full path, ${ending.join(' or ')}`);
  const near = nearest(
    name,
    keys.map((key) => key.split('.').at(-1)!),
  );
  throw refuse(`unknown parameter ${name}${near === undefined ? '' : `; did you mean ${near}?`}`);
}

/**
 * Refuses constraints that no configuration satisfies at one of the first points of the grids, before the first trial. At a point that is
 * not reached before it is late, the sweep fails when its turn comes.
 * @throws ValidationError
 */
export function checkConstraints(spec: SweepSpec, isLate: () => boolean): void {
  if (!spec.search.constraints?.length) return;
  const { violated } = getConstraints(spec);
  const space = toSpace(searched(spec));
  const { all, one } = feasibilityDraws;
  const most = space.gridSize === 1 ? all : one;
  let left = all;
  for (let grid = 0; grid < space.gridSize; grid += 1) {
    const fixed = gridPoint(space, grid);
    const counts = new Map<string, number>();
    let found = false;
    for (let draw = 0; draw < most && !found; draw += 1) {
      const late = isLate();
      if (late && draw >= one) break;
      if ((left -= 1) < 0 || (late && grid > 0)) return;
      const numbers = randomNumbers(spec.search.seed, draw, 0);
      const failed = violated(pointAt(space, fixed, () => numbers.next()));
      found = failed.length === 0;
      for (const text of failed) counts.set(text, (counts.get(text) ?? 0) + 1);
    }
    if (!found) throw infeasible(spec, fixed, counts);
  }
}

/** `counts`: how many draws violated each constraint at a point of the grids. */
function infeasible(spec: SweepSpec, fixed: Point, counts: ReadonlyMap<string, number>): ValidationError {
  const [worst] = [...counts].sort(([, a], [, b]) => b - a)[0]!;
  const where = toSpace(searched(spec)).gridSize > 1 ? ` at ${JSON.stringify(gridValues(spec, fixed))}` : '';
  const message = `no configuration satisfies them${where}; the one violated most often is ${worst}`;
  return new ValidationError([{ path: 'search.constraints', message }]);
}

/** The values of the grids at one of their points. */
function gridValues(spec: SweepSpec, fixed: Point): Parameters {
  const space = toSpace(searched(spec));
  const { parameters } = drawAt(space, (dimension) => (Number.isNaN(fixed[dimension]!) ? 0 : fixed[dimension]!));
  const grids = space.dimensions.filter(({ isGrid }) => isGrid).map(({ path }) => path);
  return Object.fromEntries(Object.entries(parameters).filter(([path]) => grids.includes(path)));
}
