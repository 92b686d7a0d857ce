import { isDistribution, limits, ValidationError } from '@unroll/contracts';

/** Sampled values by path: `{'model.cell': 'gru', 'training.learningRate': 0.003}`. */
export type Parameters = Record<string, unknown>;

export interface Drawn {
  /** The tree with every distribution replaced by a sampled value. */
  tree: unknown;
  parameters: Parameters;
}

const refuse = (path: string, message: string): ValidationError => new ValidationError([{ path, message }]);

export const isTree = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/**
 * The number of points spanned by the grids of `tree`: the product over its keys, the sum over a grid's options.
 * Computed without enumeration, so that a grid of 10^12 points is refused at once.
 * @throws ValidationError for a grid inside a choice, which could not get an equal number of draws
 */
export function gridSize(tree: unknown, path = ''): number {
  if (!isTree(tree)) return 1;
  const size = sizes.get(tree) ?? countPoints(tree, path);
  sizes.set(tree, size);
  return size;
}

/** Cached sizes: a tree is large, immutable, and needed for every draw. */
const sizes = new WeakMap<object, number>();

function countPoints(tree: Record<string, unknown>, path: string): number {
  if (!isDistribution(tree))
    return Object.entries(tree).reduce((size, [key, child]) => size * gridSize(child, join(path, key)), 1);
  if ('grid' in tree) return tree.grid.reduce<number>((sum, option) => sum + gridSize(option, path), 0);
  if ('choice' in tree && tree.choice.some((option) => gridSize(option, path) > 1))
    throw refuse(path, 'a grid cannot be inside a choice: make the choice a grid too');
  return 1;
}

export const join = (path: string, key: string): string => (path ? `${path}.${key}` : key);

/** @throws ValidationError if the grids of `tree` span more points than the maximum number of configurations */
export function boundedGridSize(tree: unknown): number {
  const size = gridSize(tree);
  if (size > limits.configurations)
    throw refuse(
      '',
      `the grids span ${size.toLocaleString('en')} points, more than the maximum of ` +
        `${limits.configurations.toLocaleString('en')}: make one a choice`,
    );
  return size;
}
