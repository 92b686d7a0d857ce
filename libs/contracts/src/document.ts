import { Lexer, parse as parseYaml, Parser, YAMLParseError } from 'yaml';
import { limits } from './limits';
import { ValidationError } from './validation';

const refuse = (message: string): ValidationError => new ValidationError([{ path: '', message }]);
const tooDeep = (): ValidationError => refuse(`the document is nested deeper than ${limits.depth} levels`);

/** Entries of the parser's stack that are not levels: the document and the scalar being read. */
const aroundLevels = 2;

/**
 * Refuses a text that is too expensive to parse: building values from tokens recurses into levels, and compares each key of a mapping
 * with the earlier ones. Splitting the text into tokens takes linear time.
 */
function requireBounded(text: string): void {
  const parser = new Parser();
  for (const lexeme of new Lexer().lex(text)) {
    for (const token of parser.next(lexeme)) void token;
    const { stack } = parser;
    if (stack.length > limits.depth + aroundLevels) throw tooDeep();
    const top = stack.at(-1);
    if (!top || !('items' in top)) continue;
    const isMapping = top.type === 'block-map' || (top.type === 'flow-collection' && top.start.source === '{');
    if (isMapping && top.items.length > limits.keys)
      throw refuse(`the document has a mapping with more than ${limits.keys} keys`);
    if (top.items.length > limits.entries)
      throw refuse(`the document has a list with more than ${limits.entries} entries`);
  }
}

/** Refuses values nested deeper than the limit: aliases can make them, and cycles, out of a shallow text. */
function requireShallow(value: unknown, depth = 0, seen = new Map<object, number>()): void {
  if (typeof value !== 'object' || value === null || (seen.get(value) ?? -1) >= depth) return;
  if (depth >= limits.depth) throw tooDeep();
  seen.set(value, depth);
  for (const child of Object.values(value)) requireShallow(child, depth + 1, seen);
}

function locate(text: string, position: number): string {
  const lines = text.slice(0, position).split('\n');
  return `line ${lines.length}, column ${lines.at(-1)!.length + 1}`;
}

/**
 * Parses a YAML 1.2 or JSON document (JSON is YAML). Size, depth and aliases are bounded before anything is expanded.
 * @throws ValidationError with a one-line message, for a syntax error with its position
 */
export function parseDocument(text: string): unknown {
  if (text.length > limits.bodyBytes) throw refuse(`the document is larger than ${limits.bodyBytes} bytes`);
  try {
    requireBounded(text);
    // The schema applies despite any %YAML directive. Pretty errors would copy the line for each error.
    const value: unknown = parseYaml(text, {
      ...{ maxAliasCount: limits.yamlAliases, version: '1.2', schema: 'core', logLevel: 'error', prettyErrors: false },
    });
    requireShallow(value);
    return value;
  } catch (error) {
    if (error instanceof ValidationError) throw error;
    const [why = ''] = (error instanceof Error ? error.message : String(error)).split('\n');
    if (error instanceof YAMLParseError) throw refuse(`not valid YAML: ${why} at ${locate(text, error.pos[0])}`);
    if (/alias count/.test(why)) throw refuse('too many YAML aliases: write the values out');
    throw refuse(`not valid YAML: ${why}`);
  }
}
