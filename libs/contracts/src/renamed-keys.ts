import { ValidationError, type FieldError } from './validation';

/** Keys that version 0.2.0 renamed, by section. The old names are accepted until 0.3.0. */
const renamed: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  training: { start: 'initFrom' },
  search: { start: 'enqueue' },
};

type Tree = Record<string, unknown>;
const isTree = (value: unknown): value is Tree => typeof value === 'object' && value !== null && !Array.isArray(value);

/** A document with current key names, and a notice for each key that was written under its old name. */
export interface RenamedKeys {
  document: unknown;
  notices: FieldError[];
}

/**
 * Gives the keys of a sweep, a trial or a training file their current names. Keys keep their order, because trials are sampled in it.
 * A section may be a distribution: its options are renamed too. Anything that is not a mapping is returned unchanged.
 * @throws ValidationError if a key is given under both names
 */
export function renameKeys(document: unknown): RenamedKeys {
  const notices: FieldError[] = [];
  if (!isTree(document)) return { document, notices };
  const entries = Object.entries(document).map(([section, value]): [string, unknown] => {
    const names = Object.hasOwn(renamed, section) ? renamed[section] : undefined;
    return [section, names ? renameSection(value, section, names, notices) : value];
  });
  // `document` itself if nothing changed: keys such as __proto__ are refused later, as written.
  return { document: notices.length === 0 ? document : Object.fromEntries(entries), notices };
}

function renameSection(
  value: unknown,
  path: string,
  names: Readonly<Record<string, string>>,
  notices: FieldError[],
): unknown {
  if (!isTree(value)) return value;
  return Object.fromEntries(
    Object.entries(value).map(([key, child]): [string, unknown] => {
      if ((key === 'choice' || key === 'grid') && Array.isArray(child))
        return [key, child.map((each, index) => renameSection(each, `${path}.${key}[${index}]`, names, notices))];
      const current = Object.hasOwn(names, key) ? names[key] : undefined;
      if (current === undefined) return [key, child];
      if (Object.hasOwn(value, current))
        throw new ValidationError([
          { path: `${path}.${key}`, message: `is the old name of ${current}, which is given too` },
        ]);
      notices.push({
        path: `${path}.${key}`,
        message: `is now called ${current}; the old name will be refused from 0.3.0 on`,
      });
      return [current, child];
    }),
  );
}
