/** What begins a text, and what separates values. */
const sign = /["{}[\]:]/g;

/** The place of the mark that ends the text which begins at `start`: the first that an even number of backslashes precedes. */
function endOfText(json: string, start: number): number {
  for (let end = json.indexOf('"', start + 1); ; end = json.indexOf('"', end + 1)) {
    let slashes = 0;
    while (json[end - 1 - slashes] === '\\') slashes += 1;
    if (slashes % 2 === 0) return end;
  }
}

/** The key that a text of JSON denotes. */
const keyOf = (text: string): string => (text.includes('\\') ? (JSON.parse(text) as string) : text.slice(1, -1));

/** Whether a text begins as an object or a list of JSON does, or as a flow collection of YAML. */
export const mayBeJson = (text: string): boolean => /^\s*[{[]/.test(text);

/**
 * The first key that valid JSON gives twice in one object, of which JSON.parse would ignore the first; undefined if there is none. Takes
 * linear time, and no stack: a pattern of whole texts would take some for each of their characters.
 */
export function repeatedKey(json: string): string | undefined {
  const open: (Set<string> | undefined)[] = [];
  let [start, end] = [0, 0];
  sign.lastIndex = 0;
  for (let found = sign.exec(json); found; found = sign.exec(json)) {
    const [text] = found;
    if (text === '"') {
      [start, end] = [found.index, endOfText(json, found.index)];
      sign.lastIndex = end + 1;
    } else if (text === '{') open.push(new Set());
    else if (text === '[') open.push(undefined);
    else if (text !== ':') open.pop();
    else {
      const key = keyOf(json.slice(start, end + 1));
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
