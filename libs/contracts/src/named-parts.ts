/** JSON Schema, as zod writes it. */
type Schema = Readonly<Record<string, unknown>>;

const isObject = (value: unknown): value is Schema =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

const prefix = '#/$defs/';

/** The key of the part that a node refers to; undefined for any other node. */
const reference = (node: Schema): string | undefined =>
  typeof node.$ref === 'string' && node.$ref.startsWith(prefix) ? node.$ref.slice(prefix.length) : undefined;

/** A copy of a schema, with `change` applied to each node from the leaves up. */
function mapped(node: unknown, change: (node: Schema) => unknown): unknown {
  if (Array.isArray(node)) return node.map((each) => mapped(each, change));
  if (!isObject(node)) return node;
  return change(Object.fromEntries(Object.entries(node).map(([key, child]) => [key, mapped(child, change)])));
}

/** Without a bound that a stricter one makes void: zod writes both of them. */
function tidied(node: Schema): Schema {
  const { minimum, exclusiveMinimum, maximum, exclusiveMaximum, ...rest } = node;
  const stricter = (bound: unknown, exclusive: unknown, sign: 1 | -1): boolean =>
    typeof bound === 'number' && typeof exclusive === 'number' && sign * exclusive >= sign * bound;
  return {
    ...rest,
    ...(minimum === undefined || stricter(minimum, exclusiveMinimum, 1) ? {} : { minimum }),
    ...(exclusiveMinimum === undefined ? {} : { exclusiveMinimum }),
    ...(maximum === undefined || stricter(maximum, exclusiveMaximum, -1) ? {} : { maximum }),
    ...(exclusiveMaximum === undefined ? {} : { exclusiveMaximum }),
  };
}

/** A part that is shorter than this, as JSON, stands where it is used. */
const shortest = 400;

/**
 * Replaces each reference to a part by the part itself, if that is short or used once, with the keys beside the reference (such as a
 * description). Parts must not be recursive. Equal parts are kept once. Returns the schema without `$defs`, and the parts that are left.
 */
function inlined({ $defs, ...root }: Schema): { root: unknown; parts: Map<string, unknown> } {
  const defs = new Map(Object.entries(isObject($defs) ? $defs : {}));
  const whole = new Map<string, unknown>();
  const uses = new Map<string, number>();
  const resolve = (key: string): unknown => {
    if (!whole.has(key)) whole.set(key, mapped(defs.get(key), inline));
    return whole.get(key);
  };
  // Two parts with equal texts are one.
  const keys = new Map<string, string>();
  const inline = (node: Schema): unknown => {
    const key = reference(node);
    if (key === undefined) return tidied(node);
    const part = resolve(key);
    const { $ref: _, ...beside } = node;
    const text = JSON.stringify(part);
    if (text.length < shortest) return isObject(part) ? tidied({ ...part, ...beside }) : part;
    const first = keys.get(text) ?? key;
    keys.set(text, first);
    uses.set(first, (uses.get(first) ?? 0) + 1);
    return { $ref: prefix + first, ...beside };
  };
  const resolved = mapped(root, inline);
  // What is used once, or only in what is used once, moves to its use.
  const expand = (node: Schema): unknown => {
    const key = reference(node);
    if (key === undefined || uses.get(key)! > 1) return node;
    const { $ref: _, ...beside } = node;
    return tidied({ ...(mapped(whole.get(key), expand) as Schema), ...beside });
  };
  const parts = new Map<string, unknown>();
  for (const key of keys.values()) if (uses.get(key)! > 1) parts.set(key, mapped(whole.get(key), expand));
  return { root: mapped(resolved, expand), parts };
}

const capitalised = (word: string): string =>
  word.charAt(0).toUpperCase() + word.slice(1).replaceAll(/[^A-Za-z0-9]/g, '');

/** What tells an option of several from the others: its kind, or the distribution that it is. */
function optionName(part: unknown): string {
  if (!isObject(part) || !isObject(part.properties)) return '';
  const { kind } = part.properties as { kind?: unknown };
  if (isObject(kind) && typeof kind.const === 'string') return capitalised(kind.const);
  const [only] = Array.isArray(part.required) ? (part.required as unknown[]) : [];
  return Object.keys(part.properties).length <= 3 && typeof only === 'string' ? capitalised(only) : '';
}

/**
 * A schema whose parts have names that say where they stand: `TrainingOptimizer`, not `__schema42`. A part is what is used several times
 * and is too long to repeat; everything else stands where it is used. `first`: the beginning of each name.
 */
export function namedParts(schema: Schema, first: string): Record<string, unknown> {
  const { root, parts } = inlined(schema);
  const names = new Map<string, string>();
  const taken = new Set<string>();
  const visit = (node: unknown, path: readonly string[]): void => {
    if (Array.isArray(node)) for (const each of node) visit(each, path);
    if (!isObject(node)) return;
    const key = reference(node);
    if (key !== undefined && !names.has(key)) {
      const part = parts.get(key);
      const base = [first, ...path.map(capitalised), optionName(part)].join('');
      let name = taken.has(base) ? `${base}Option` : base;
      for (let count = 2; taken.has(name); count++) name = `${base}Option${count}`;
      names.set(key, name);
      taken.add(name);
      visit(part, path);
    }
    for (const [name, child] of Object.entries(node))
      if (name === 'properties' && isObject(child))
        for (const [property, each] of Object.entries(child))
          visit(each, ['choice', 'grid'].includes(property) ? path : [...path, property]);
      else visit(child, path);
  };
  visit(root, []);
  const renamed = (node: unknown): unknown =>
    mapped(node, (each) => {
      const key = reference(each);
      return key === undefined ? each : { ...each, $ref: prefix + names.get(key)! };
    });
  const $defs = Object.fromEntries([...names].map(([key, name]) => [name, renamed(parts.get(key))]));
  return { ...(renamed(root) as Record<string, unknown>), $defs };
}
