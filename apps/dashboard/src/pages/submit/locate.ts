import { isMap, isScalar, isSeq, parseDocument, type Node, type Pair } from 'yaml';

export interface Place {
  from: number;
  to: number;
}

/** Parses an error path such as `training.optimizer[0]."a b"` into keys. */
export function parsePath(path: string): (string | number)[] {
  const keys: (string | number)[] = [];
  for (const [, index, quoted, word] of path.matchAll(/\[(\d+)\]|"((?:[^"\\]|\\.)*)"|([^.[\]"]+)/g))
    keys.push(
      index !== undefined ? Number(index) : quoted !== undefined ? (JSON.parse(`"${quoted}"`) as string) : word!,
    );
  return keys;
}

/** The position of an error path in a YAML text: its key, or the nearest parent that is present. */
export function locate(text: string, path: string): Place {
  let node: unknown = parseDocument(text, { logLevel: 'silent' }).contents;
  let place: Place = { from: 0, to: firstLine(text) };
  for (const key of parsePath(path)) {
    if (isMap(node)) {
      const pair: Pair | undefined = node.items.find(
        ({ key: own }) => isScalar(own) && String(own.value) === String(key),
      );
      if (!pair) break;
      place = nodePlace(pair.key as Node) ?? place;
      node = pair.value;
    } else if (isSeq(node) && typeof key === 'number') {
      node = node.items[key];
      place = nodePlace(node as Node) ?? place;
    } else break;
  }
  return place;
}

const firstLine = (text: string): number => {
  const end = text.indexOf('\n');
  return end < 0 ? text.length : end;
};

function nodePlace(node: Node | null | undefined): Place | undefined {
  if (!node?.range) return undefined;
  const [from, to] = node.range;
  return { from, to };
}
