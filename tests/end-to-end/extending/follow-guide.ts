// Follows docs/extending.md: a step is a numbered item that begins with a path, and does what the guide tells its reader to do.
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';

export interface GuideStep {
  /** The heading under which it stands. */
  section: string;
  /** From the root of the project. */
  path: string;
  /** Whether the file is new. */
  isNew: boolean;
}

interface Parsed {
  section: string;
  text: string;
  code?: string;
}

const item = /^\d+\. ([^]*?)(?=^\d+\. |^## |(?![^]))/gm;
const fence = /^ {3}```ts\n([^]*?)^ {3}```$/m;

function stepsIn(guide: string): Parsed[] {
  return guide.split(/^## /m).flatMap((part) => {
    const section = part.slice(0, part.indexOf('\n'));
    return [...part.matchAll(item)].map(([, body = '']): Parsed => {
      const [, code] = fence.exec(body) ?? [];
      const text = body
        .replace(fence, '')
        .split(/\n\n(?! )/)[0]!
        .replace(/\s+/g, ' ')
        .trim();
      return code === undefined ? { section, text } : { section, text, code: code.replace(/^ {3}/gm, '') };
    });
  });
}

/** Puts an entry first into a list or an object; `opening` finds what it begins with. */
function insert(content: string, opening: RegExp, entry: string, what: string): string {
  const found = opening.exec(content);
  if (!found) throw new Error(`${what} was not found`);
  const at = found.index + found[0].length;
  return `${content.slice(0, at)} ${entry.replace(/,?\s*$/, ',')} ${content.slice(at)}`;
}

const listNamed = (name: string): RegExp => new RegExp(`(const ${name}\\b.*? = |\\b${name}: )[[{]`);
const returnOf = (name: string): RegExp => new RegExp(`\\b${name}\\(\\) \\{[^]*?return \\{`);

/** Carries out every step of the guide in a copy of the project; returns them. Throws Error for a step that it does not understand. */
export function followGuide(guide: string, root: string): GuideStep[] {
  let written = { file: '', name: '' };
  return stepsIn(guide).map(({ section, text, code }) => {
    const path = /`((?:apps|libs)\/[^`]+\.ts)`/.exec(text)?.[1];
    if (path === undefined) throw new Error(`${section}: "${text}" names no file`);
    const full = join(root, path);
    const [, list] = /to `(\w+)`/i.exec(text) ?? [];
    if (list === undefined) {
      if (code === undefined) throw new Error(`${section}: "${text}" gives no code`);
      mkdirSync(dirname(full), { recursive: true });
      writeFileSync(full, code);
      written = { file: basename(path, '.ts'), name: /export const (\w+)/.exec(code)?.[1] ?? '' };
      return { section, path, isNew: true };
    }
    const entry = code ?? /add `([^`]+)`/.exec(text)?.[1] ?? '';
    const content = readFileSync(full, 'utf8');
    const opening = listNamed(list).test(content) ? listNamed(list) : returnOf(list);
    const changed = insert(content, opening, entry, `${list} in ${path}`);
    const line = text.includes('import it') ? `import { ${written.name} } from './${written.file}';\n` : '';
    writeFileSync(full, line + changed);
    return { section, path, isNew: false };
  });
}
