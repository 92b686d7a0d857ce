import type { DatasetKind, RegisteredKind } from './datasets';
import { at } from './issue-text';
import type { TrialSpec } from './trial-spec';

/** An option of a trial that names a registered file beside its data. */
interface FileOption {
  /** Its path, as messages have it. A string there, or at `name`, is the file's name. */
  option: string;
  /** The kind of data as which the file is registered. */
  kind: Exclude<RegisteredKind, DatasetKind>;
  /** The path of the name in a trial. */
  name: string;
  /** The path of the fingerprint, which a sweep writes into its trials. */
  fingerprint: string;
}

/**
 * Every such option. Whatever knows of these files follows this list: the command line, which uploads them; the API, which checks and
 * identifies them; the worker, which fetches them.
 */
export const fileOptions = [
  {
    option: 'training.initFrom.embedding',
    kind: 'vectors',
    name: 'training.initFrom.embedding',
    fingerprint: 'training.initFrom.fingerprint',
  },
  {
    option: 'task.tokenizer',
    kind: 'tokenizer',
    name: 'task.tokenizer.name',
    fingerprint: 'task.tokenizer.fingerprint',
  },
] as const satisfies readonly FileOption[];

export type FileOptionPath = (typeof fileOptions)[number]['option'];

/** A file that a trial names beside its data. */
export interface NamedFile {
  option: FileOptionPath;
  kind: FileOption['kind'];
  name: string;
  /** That of its content, if the trial gives it. */
  fingerprint: string | undefined;
}

type Naming = Pick<TrialSpec, 'task' | 'training'>;

/** The files that a trial names beside its data. */
export const namedFiles = (spec: Naming): NamedFile[] =>
  fileOptions.flatMap(({ option, kind, ...paths }): NamedFile[] => {
    const [name, fingerprint] = [paths.name, paths.fingerprint].map((path) => at(spec, path.split('.')));
    if (typeof name !== 'string') return [];
    return [{ option, kind, name, fingerprint: typeof fingerprint === 'string' ? fingerprint : undefined }];
  });

/** The file that an option of a trial names; undefined where it names none. */
export const namedFile = (spec: Naming, option: FileOptionPath): NamedFile | undefined =>
  namedFiles(spec).find((file) => file.option === option);

/**
 * A trial with the fingerprints of the files that it names, so that it names their content. `fingerprints`: by name; a trial without such
 * files stays as it is. Whatever writes the specification of a trial calls this first: a worker refuses a trial that names a file without
 * its fingerprint.
 */
export const withFingerprints = <Spec extends Naming>(
  spec: Spec,
  fingerprints: Readonly<Record<string, string>>,
): Spec =>
  fileOptions.reduce((known, { name: path, fingerprint }) => {
    const name = at(known, path.split('.'));
    if (typeof name !== 'string' || !Object.hasOwn(fingerprints, name)) return known;
    return withValue(known, fingerprint.split('.'), fingerprints[name]);
  }, spec);

/** `tree` with a value at a path whose parents are objects. */
function withValue<Tree extends object>(tree: Tree, [key, ...rest]: readonly string[], value: unknown): Tree {
  const child = (tree as Record<string, unknown>)[key!];
  return { ...tree, [key!]: rest.length === 0 ? value : withValue(child as object, rest, value) };
}

/**
 * `tree`, a sweep, with each string at one of `paths` replaced, also within distributions: their options, and the elements of a list, are
 * at the path of their key.
 */
export function mapStrings<Tree>(tree: Tree, paths: readonly string[], replace: (value: string) => string): Tree {
  const visit = (node: unknown, path: string): unknown => {
    if (typeof node === 'string') return paths.includes(path) ? replace(node) : node;
    if (Array.isArray(node)) return node.map((each) => visit(each, path));
    if (typeof node !== 'object' || node === null) return node;
    const prefix = path === '' ? '' : `${path}.`;
    if (!paths.some((each) => each === path || each.startsWith(prefix))) return node;
    return Object.fromEntries(
      Object.entries(node).map(([key, child]) => [
        key,
        visit(child, key === 'choice' || key === 'grid' ? path : `${prefix}${key}`),
      ]),
    );
  };
  return visit(tree, '') as Tree;
}

/** The strings in a sweep that `mapStrings` replaces, without duplicates. */
export function stringsAt(tree: unknown, paths: readonly string[]): string[] {
  const found = new Set<string>();
  mapStrings(tree, paths, (value) => {
    found.add(value);
    return value;
  });
  return [...found];
}

/** The names of the files that a sweep's trials may name by an option, without duplicates. */
export const namesOf = (spec: unknown, { option, name }: Pick<FileOption, 'option' | 'name'>): string[] =>
  stringsAt(spec, [option, name]);
