import { isDistribution, limits, ValidationError, type Distribution } from '@unroll/contracts';

/** What was drawn, by the path of its distribution: `{'model.cell': 'gru', 'training.learningRate': 0.003}`. */
export type Parameters = Record<string, unknown>;

export interface Drawn {
  /** The tree with every distribution replaced by what was drawn. */
  tree: unknown;
  parameters: Parameters;
}

/** How a leaf is drawn: a number in [0, 1) for (path, attempt), the same whenever it is asked for. */
export type Uniform = (path: string, part: number) => number;

const refuse = (path: string, message: string): ValidationError => new ValidationError([{ path, message }]);

const isTree = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/**
 * How many points the grids of `tree` span: the product over its keys, the sum over a grid's options.
 * Computed, never enumerated, so that a grid of 10^12 points costs nothing to refuse.
 * @throws ValidationError for a grid inside a choice, which could not be drawn evenly
 */
export function gridSize(tree: unknown, path = ''): number {
  if (!isTree(tree)) return 1;
  const size = sizes.get(tree) ?? countPoints(tree, path);
  sizes.set(tree, size);
  return size;
}

/** Sizes that were computed before: a tree is large, is asked for every draw, and is never changed. */
const sizes = new WeakMap<object, number>();

function countPoints(tree: Record<string, unknown>, path: string): number {
  if (!isDistribution(tree))
    return Object.entries(tree).reduce((size, [key, child]) => size * gridSize(child, join(path, key)), 1);
  if ('grid' in tree) return tree.grid.reduce<number>((sum, option) => sum + gridSize(option, path), 0);
  if ('choice' in tree && tree.choice.some((option) => gridSize(option, path) > 1))
    throw refuse(path, 'a grid cannot lie inside a choice: make the choice a grid too');
  return 1;
}

/** The distributions of `tree` with their paths, those in the options of others among them. */
export function distributions(tree: unknown, path = ''): [path: string, distribution: Distribution][] {
  if (!isTree(tree)) return [];
  if (!isDistribution(tree))
    return Object.entries(tree).flatMap(([key, child]) => distributions(child, join(path, key)));
  const options = 'choice' in tree ? tree.choice : 'grid' in tree ? tree.grid : [];
  return [[path, tree], ...options.flatMap((option) => distributions(option, path))];
}

const join = (path: string, key: string): string => (path ? `${path}.${key}` : key);

/**
 * One configuration: grids take their point number `point` (0 ≤ point < gridSize), all else is drawn by `uniform`.
 * Pure: equal arguments give an equal configuration.
 */
export function draw(tree: unknown, point: number, uniform: Uniform): Drawn {
  const parameters: Parameters = {};
  const visit = (node: unknown, path: string, index: number): unknown => {
    if (!isTree(node)) return node;
    if (!isDistribution(node)) {
      let rest = index;
      return Object.fromEntries(
        Object.entries(node).map(([key, child]) => {
          const size = gridSize(child);
          const value = visit(child, join(path, key), rest % size);
          rest = Math.floor(rest / size);
          return [key, value];
        }),
      );
    }
    const [option, optionIndex] = 'grid' in node ? gridOption(node.grid, index) : [drawLeaf(node, path, uniform), 0];
    note(parameters, path, option);
    return visit(option, path, optionIndex);
  };
  return { tree: visit(tree, '', point), parameters };
}

/** An option that is an object is named by its kind, where it has one, and by its other plain leaves. */
function note(parameters: Parameters, path: string, option: unknown): void {
  if (!isTree(option)) parameters[path] = option;
  else if (!isDistribution(option))
    for (const [key, child] of Object.entries(option)) note(parameters, key === 'kind' ? path : join(path, key), child);
}

function gridOption(options: readonly unknown[], index: number): [unknown, number] {
  let rest = index;
  for (const option of options) {
    const size = gridSize(option);
    if (rest < size) return [option, rest];
    rest -= size;
  }
  throw new RangeError(`the grid has no point ${index}`);
}

function drawLeaf(distribution: Exclude<Distribution, { grid: unknown[] }>, path: string, uniform: Uniform): unknown {
  const u = uniform(path, 0);
  if ('choice' in distribution) return distribution.choice[Math.floor(u * distribution.choice.length)];
  if ('uniform' in distribution) return clamp(distribution.uniform, between(distribution.uniform, u));
  if ('logUniform' in distribution) {
    const [from, to] = distribution.logUniform;
    return clamp([from, to], Math.exp(between([Math.log(from), Math.log(to)], u)));
  }
  if ('normal' in distribution) {
    const [mean, deviation] = distribution.normal;
    // Box and Muller (1958); 1 − u is never 0.
    return mean + deviation * Math.sqrt(-2 * Math.log(1 - u)) * Math.cos(2 * Math.PI * uniform(path, 1));
  }
  const [from, to] = distribution.int;
  if (distribution.log) return clamp([from, to], Math.floor(Math.exp(between([Math.log(from), Math.log(to + 1)], u))));
  const step = distribution.step ?? 1;
  return from + step * Math.floor(u * (Math.floor((to - from) / step) + 1));
}

const between = ([from, to]: readonly [number, number], u: number): number => from + (to - from) * u;
/** Rounding may carry a draw just past an end. */
const clamp = ([from, to]: readonly [number, number], value: number): number => Math.min(to, Math.max(from, value));

/** @throws ValidationError where the grids of `tree` span more points than a sweep may have configurations */
export function boundedGridSize(tree: unknown): number {
  const size = gridSize(tree);
  if (size > limits.configurations)
    throw refuse(
      '',
      `the grids span ${size.toLocaleString('en')} points, more than the ${limits.configurations.toLocaleString('en')} a sweep may have: make one a choice`,
    );
  return size;
}
