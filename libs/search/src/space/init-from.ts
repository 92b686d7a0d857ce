import type { SweepSpec } from '@unroll/contracts';

type Visit = (key: 'trial' | 'model', value: string) => string;

const isTree = (value: unknown): value is object => typeof value === 'object' && value !== null;

/** `node` with the names in `training.initFrom` replaced, also within distributions. */
function mapped(node: unknown, key: string | undefined, isInside: boolean, visit: Visit): unknown {
  if (typeof node === 'string') return isInside && (key === 'trial' || key === 'model') ? visit(key, node) : node;
  if (!isTree(node)) return node;
  // Options of a distribution belong to its key.
  if (Array.isArray(node)) return node.map((child) => mapped(child, key, isInside, visit));
  return Object.fromEntries(
    Object.entries(node).map(([name, child]) => {
      const isOption = name === 'choice' || name === 'grid';
      return [name, mapped(child, isOption ? key : name, isInside || name === 'initFrom', visit)];
    }),
  );
}

/** The trials and model files that a sweep initializes from, without duplicates. */
export function initFromNames({ training }: SweepSpec): { trials: string[]; models: string[] } {
  const found = { trial: new Set<string>(), model: new Set<string>() };
  mapped(training, undefined, false, (key, value) => {
    found[key].add(value);
    return value;
  });
  return { trials: [...found.trial], models: [...found.model] };
}

/** The sweep with the names in training.initFrom replaced. */
export const withInitFrom = (spec: SweepSpec, names: ReadonlyMap<string, string>): SweepSpec => ({
  ...spec,
  training: mapped(spec.training, undefined, false, (_, value) => names.get(value) ?? value),
});
