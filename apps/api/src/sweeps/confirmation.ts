import type { SweepSpec } from '@unroll/contracts';

/** `parameters` by path as the tree that a sweep file has: `{'model.cell': 'gru'}` is `{model: {cell: 'gru'}}`. */
function toTree(parameters: Record<string, unknown>): Record<string, unknown> {
  const tree: Record<string, unknown> = {};
  for (const [path, value] of Object.entries(parameters)) {
    const keys = path.split('.');
    let node = tree;
    for (const key of keys.slice(0, -1)) node = (node[key] ??= {}) as Record<string, unknown>;
    node[keys.at(-1)!] = value;
  }
  return tree;
}

/** The same values without a promise to try each of them: a grid cannot be reduced to a few of its points. */
function withoutGrids(tree: unknown): unknown {
  if (Array.isArray(tree)) return tree.map(withoutGrids);
  if (typeof tree !== 'object' || tree === null) return tree;
  return Object.fromEntries(
    Object.entries(tree).map(([key, child]) => [key === 'grid' ? 'choice' : key, withoutGrids(child)]),
  );
}

/** Seeds that a sweep has not used, the next ones. */
function freshSeeds({ search, training }: SweepSpec, count: number): number[] {
  const { seed } = training as { seed?: unknown };
  const first = typeof seed === 'number' ? seed : 0;
  const last = search.seeds ? Math.max(...search.seeds) : first + (search.repeats ?? 1) - 1;
  return Array.from({ length: count }, (_, index) => last + 1 + index);
}

/**
 * A sweep that trains configurations of an earlier one again, to the end and with seeds that it has not used: what was chosen for its value
 * owes some of it to luck, and only new seeds say how good it is.
 */
export function confirmationOf(
  spec: SweepSpec,
  name: string,
  configurations: readonly Record<string, unknown>[],
  seeds: number,
): unknown {
  const { dataset, task, model, training, objective, objectives, search, requires } = spec;
  const space = withoutGrids({ dataset, task, model, training }) as Record<string, unknown>;
  const isFixed = Object.keys(configurations[0]!).length === 0;
  return {
    name: `${name}: confirmed`.slice(0, 100),
    ...space,
    ...(objective ? { objective } : {}),
    ...(objectives ? { objectives } : {}),
    ...(requires ? { requires } : {}),
    search: {
      algorithm: 'random',
      trials: configurations.length,
      seeds: freshSeeds(spec, seeds),
      seed: search.seed,
      ...(isFixed ? {} : { enqueue: configurations.map(toTree) }),
    },
  };
}
