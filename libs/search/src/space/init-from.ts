import type { SweepSpec } from '@unroll/contracts';

type File = 'model' | 'embedding';
type Visit = (key: 'trial' | File, value: string) => string;

const isName = (key: string | undefined): key is 'trial' | File =>
  key === 'trial' || key === 'model' || key === 'embedding';

const isTree = (value: unknown): value is object => typeof value === 'object' && value !== null;

/** `node` with the names in `training.initFrom` replaced, also within distributions. */
function mapped(node: unknown, key: string | undefined, isInside: boolean, visit: Visit): unknown {
  if (typeof node === 'string') return isInside && isName(key) ? visit(key, node) : node;
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

/** The trials that a sweep initializes from, and the options that name files, without duplicates. */
export function initFromNames({ training }: SweepSpec): { trials: string[]; files: File[] } {
  const found = { trial: new Set<string>(), model: new Set<string>(), embedding: new Set<string>() };
  mapped(training, undefined, false, (key, value) => {
    found[key].add(value);
    return value;
  });
  const files = (['model', 'embedding'] as const).filter((key) => found[key].size > 0);
  return { trials: [...found.trial], files };
}

/** The sweep with the names in training.initFrom replaced. */
export const withInitFrom = (spec: SweepSpec, names: ReadonlyMap<string, string>): SweepSpec => ({
  ...spec,
  training: mapped(spec.training, undefined, false, (key, value) =>
    key === 'trial' ? (names.get(value) ?? value) : value,
  ),
});
