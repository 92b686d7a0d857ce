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
  if (!isDistribution(tree))
    return Object.entries(tree).reduce((size, [key, child]) => size * gridSize(child, join(path, key)), 1);
  if ('grid' in tree) return tree.grid.reduce<number>((sum, option) => sum + gridSize(option, path), 0);
  if ('choice' in tree && tree.choice.some((option) => gridSize(option, path) > 1))
    throw refuse(path, 'a grid cannot lie inside a choice: make the choice a grid too');
  return 1;
}

/** Paths of the distributions of `tree` that are no grids. */
export function distributionPaths(tree: unknown, path = ''): string[] {
  if (!isTree(tree)) return [];
  if (!isDistribution(tree))
    return Object.entries(tree).flatMap(([key, child]) => distributionPaths(child, join(path, key)));
  if ('grid' in tree) return tree.grid.flatMap((option) => distributionPaths(option, path));
  return [path];
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
    const value = visit(option, path, optionIndex);
    note(parameters, path, option, value);
    return value;
  };
  return { tree: visit(tree, '', point), parameters };
}

/** An option that is an object is named by its kind or, where it has none, by its plain leaves. */
function note(parameters: Parameters, path: string, option: unknown, value: unknown): void {
  if (!isTree(option)) parameters[path] = value;
  else if (typeof option.kind === 'string') parameters[path] = option.kind;
  else for (const [key, child] of Object.entries(option)) if (!isTree(child)) parameters[join(path, key)] = child;
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
  if ('uniform' in distribution) return between(distribution.uniform, u);
  if ('logUniform' in distribution) {
    const [from, to] = distribution.logUniform;
    return Math.min(to, Math.max(from, Math.exp(between([Math.log(from), Math.log(to)], u))));
  }
  if ('normal' in distribution) {
    const [mean, deviation] = distribution.normal;
    // Box and Muller (1958); 1 − u is never 0.
    return mean + deviation * Math.sqrt(-2 * Math.log(1 - u)) * Math.cos(2 * Math.PI * uniform(path, 1));
  }
  const [from, to] = distribution.int;
  if (distribution.log) return Math.min(to, Math.floor(Math.exp(between([Math.log(from), Math.log(to + 1)], u))));
  const step = distribution.step ?? 1;
  return from + step * Math.floor(u * (Math.floor((to - from) / step) + 1));
}

const between = ([from, to]: readonly [number, number], u: number): number => from + (to - from) * u;

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
