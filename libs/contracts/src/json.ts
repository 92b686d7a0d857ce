/** A string, or what separates values. What lies between them is of no interest. */
const lexeme = /"(?:[^"\\]|\\.)*"|[{}[\]:]/g;

/** The key that a lexeme of JSON denotes. */
const keyOf = (text: string): string => (text.includes('\\') ? (JSON.parse(text) as string) : text.slice(1, -1));

/** Whether a text begins as an object or a list of JSON does, or as a flow collection of YAML. */
export const mayBeJson = (text: string): boolean => /^\s*[{[]/.test(text);

/**
 * The first key that valid JSON gives twice in one object, of which JSON.parse would ignore the first; undefined if there is none. Takes
 * linear time.
 */
export function repeatedKey(json: string): string | undefined {
  const open: (Set<string> | undefined)[] = [];
  let last = '';
  for (const [text] of json.matchAll(lexeme)) {
    if (text === '{') open.push(new Set());
    else if (text === '[') open.push(undefined);
    else if (text === '}' || text === ']') open.pop();
    else if (text !== ':') last = text;
    else {
      const key = keyOf(last);
      const keys = open.at(-1)!;
      if (keys.has(key)) return key;
      keys.add(key);
    }
  }
  return undefined;
}

/** JSON with sorted keys, so that equal values give equal text. */
export function canonical(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(canonical).join(',')}]`;
  if (typeof value !== 'object' || value === null) return JSON.stringify(value) ?? 'null';
  const entries = Object.entries(value).filter(([, child]) => child !== undefined);
  return `{${entries
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([key, child]) => `${JSON.stringify(key)}:${canonical(child)}`)
    .join(',')}}`;
}

/**
 * JSON with what `pattern`, a regular expression, finds outside of its texts replaced. The marks of texts are found one at a time: a
 * pattern of whole texts would take memory for each of their characters.
 */
export function outsideTexts(json: string, pattern: string, replace: (found: string) => string): string {
  let isText = false;
  return json.replaceAll(new RegExp(`"|\\\\.|${pattern}`, 'g'), (found) => {
    if (found === '"') isText = !isText;
    return isText || /^["\\]/.test(found) ? found : replace(found);
  });
}
