/** Why a combination of options is refused: the path of the key, and a message that says what to do. */
export type Refusal = readonly [path: string, message: string];

/** A rule of a definition: whether it refuses, and the refusal. */
export type Rule = readonly [isRefused: boolean, ...refusal: Refusal];

export const refusals = (rules: readonly Rule[]): Refusal[] =>
  rules.flatMap(([isRefused, path, message]): Refusal[] => (isRefused ? [[path, message]] : []));

type Column<List extends readonly object[], Key extends string> = {
  readonly [Index in keyof List]: List[Index] extends Record<Key, infer Value> ? Value : never;
};

/** One property of each definition, in the order of the list: `column(cells, 'name')`. */
export function column<const List extends readonly object[], Key extends string>(
  list: List,
  key: Key,
): Column<List, Key>;
export function column(list: readonly Record<string, unknown>[], key: string): unknown {
  return list.map((definition) => definition[key]);
}

/** The definitions by name, in the order of the list. Throws Error if two have the same name. */
export function byName<Definition extends object, Key extends keyof Definition>(
  list: readonly Definition[],
  key: Key,
): Readonly<Record<Definition[Key] & string, Definition>>;
export function byName(list: readonly Record<string, unknown>[], key: string): unknown {
  const found: Record<string, unknown> = {};
  for (const definition of list) {
    const name = String(definition[key]);
    if (Object.hasOwn(found, name)) throw new Error(`there are two definitions of ${name}`);
    found[name] = definition;
  }
  return found;
}

/** Names as a list in prose: `a`, `a and b`, `a, b and c`. `and`: the conjunction. */
export function inWords(names: readonly string[], and = 'and'): string {
  if (names.length < 2) return names.join('');
  return `${names.slice(0, -1).join(', ')} ${and} ${names.at(-1)}`;
}
