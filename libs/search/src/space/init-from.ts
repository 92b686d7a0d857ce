import { tokenizerOf, type SweepSpec, type TrialSpec } from '@unroll/contracts';

type Key = 'trial' | 'model' | 'embedding';
type Visit = (key: Key, value: string) => string;

const isName = (key: string | undefined): key is Key => key === 'trial' || key === 'model' || key === 'embedding';

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

/** The trials, the word vectors and the files of models that a sweep initializes from, without duplicates. */
export function initFromNames({ training }: Pick<SweepSpec, 'training'>): {
  trials: string[];
  vectors: string[];
  models: string[];
} {
  const found = { trial: new Set<string>(), model: new Set<string>(), embedding: new Set<string>() };
  mapped(training, undefined, false, (key, value) => {
    found[key].add(value);
    return value;
  });
  return { trials: [...found.trial], vectors: [...found.embedding], models: [...found.model] };
}

/** The sweep with the names in training.initFrom replaced. */
export const withInitFrom = (spec: SweepSpec, names: ReadonlyMap<string, string>): SweepSpec => ({
  ...spec,
  training: mapped(spec.training, undefined, false, (key, value) =>
    key === 'trial' ? (names.get(value) ?? value) : value,
  ),
});

/** The tokenizers that a sweep's trials may read their text by, without duplicates. */
export function tokenizerNames({ task }: Pick<SweepSpec, 'task'>): string[] {
  const names = new Set<string>();
  const visit = (node: unknown, key: string): void => {
    if (typeof node === 'string' && (key === 'tokenizer' || key === 'tokenizer.name')) names.add(node);
    if (!isTree(node)) return;
    for (const [name, child] of Object.entries(node)) {
      // Options of a distribution, and elements of a list, belong to its key.
      const isOption = Array.isArray(node) || name === 'choice' || name === 'grid';
      visit(child, isOption ? key : key === 'tokenizer' ? `tokenizer.${name}` : name);
    }
  };
  visit(task, 'task');
  return [...names];
}

/**
 * A trial with the fingerprints of the word vectors that it starts from and of its tokenizer, so that it names their content.
 * `fingerprints`: by name; a trial without such files stays as it is. Whatever writes the specification of a trial calls this first:
 * a worker refuses a trial that names a file without its fingerprint.
 */
export function withFingerprints<Spec extends Pick<TrialSpec, 'task' | 'training'>>(
  spec: Spec,
  fingerprints: Readonly<Record<string, string>>,
): Spec {
  const { initFrom } = spec.training;
  const vectors = initFrom?.embedding === undefined ? undefined : fingerprints[initFrom.embedding];
  const tokenizer = tokenizerOf(spec);
  const print = tokenizer && fingerprints[tokenizer.name];
  return {
    ...spec,
    ...(print === undefined ? {} : { task: { ...spec.task, tokenizer: { ...tokenizer, fingerprint: print } } }),
    ...(vectors === undefined
      ? {}
      : { training: { ...spec.training, initFrom: { ...initFrom, fingerprint: vectors } } }),
  };
}

/** Where `withFingerprints` adds one, as flat parameters. */
export const fingerprintPaths: readonly string[] = ['training.initFrom.fingerprint', 'task.tokenizer.fingerprint'];
