import { isDistribution, limits, ValidationError, type Distribution } from '@unroll/contracts';

/** What was drawn, by the path of its distribution: `{'model.cell': 'gru', 'training.learningRate': 0.003}`. */
export type Parameters = Record<string, unknown>;

export interface Drawn {
  /** The tree with every distribution replaced by what was drawn. */
  tree: unknown;
  parameters: Parameters;
}

const refuse = (path: string, message: string): ValidationError => new ValidationError([{ path, message }]);

export const isTree = (value: unknown): value is Record<string, unknown> =>
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

export const join = (path: string, key: string): string => (path ? `${path}.${key}` : key);

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
