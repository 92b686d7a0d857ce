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
