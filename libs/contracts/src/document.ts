import { Composer, Lexer, Parser, YAMLParseError, type CST, type ErrorCode } from 'yaml';
import { mayBeJson, repeatedKey } from './json';
import { limits } from './limits';
import { ValidationError } from './validation';

const refuse = (message: string): ValidationError => new ValidationError([{ path: '', message }]);
const tooManyKeys = (): ValidationError => refuse(`the document has a mapping with more than ${limits.keys} keys`);
const tooManyEntries = (): ValidationError =>
  refuse(`the document has a list with more than ${limits.entries} entries`);
const tooDeep = (): ValidationError => refuse(`the document is nested deeper than ${limits.depth} levels`);

/** Entries of the parser's stack that are not levels: the document and the scalar being read. */
const aroundLevels = 2;

function toSyntaxError({ message, source, offset }: CST.ErrorToken): YAMLParseError {
  const what = source ? `${message}: ${JSON.stringify(source.slice(0, 60))}` : message;
  return new YAMLParseError([offset, offset + 1], 'UNEXPECTED_TOKEN', what);
}

function* valid(tokens: Iterable<CST.Token>): Generator<CST.Token> {
  for (const token of tokens) {
    if (token.type === 'error') throw toSyntaxError(token);
    yield token;
  }
}

/**
 * The tokens of a text, which is refused where it is too expensive to go on: building values from tokens recurses into levels, and compares
 * each key of a mapping with the earlier ones. Splitting the text into tokens takes linear time.
 */
function* boundedTokens(text: string): Generator<CST.Token> {
  const parser = new Parser();
  let lexemes = 0;
  for (const lexeme of new Lexer().lex(text)) {
    if ((lexemes += 1) > limits.yamlTokens)
      throw refuse(`a document in YAML has at most ${limits.yamlTokens} lines, words and signs: write it as JSON`);
    yield* valid(parser.next(lexeme));
    const { stack } = parser;
    if (stack.length > limits.depth + aroundLevels) throw tooDeep();
    const top = stack.at(-1);
    if (!top || !('items' in top)) continue;
    const isMapping = top.type === 'block-map' || (top.type === 'flow-collection' && top.start.source === '{');
    if (isMapping && top.items.length > limits.keys) throw tooManyKeys();
    if (top.items.length > limits.entries) throw tooManyEntries();
  }
  yield* valid(parser.end());
}

/** Throws the first syntax error. The composer of the library collects all, which takes longer than to parse the text. */
function firstErrorComposer(options: ConstructorParameters<typeof Composer>[0]): Composer {
  let first: YAMLParseError | undefined;
  // The composer catches what is thrown at a node, and reports it again at each node around it.
  const onError = (
    source: number | readonly number[] | { offset: number },
    code: ErrorCode,
    message: string,
    isWarning?: boolean,
  ): void => {
    if (isWarning) return;
    const start = typeof source === 'number' ? source : 'offset' in source ? source.offset : source[0]!;
    throw (first ??= new YAMLParseError([start, start + 1], code, message));
  };
  return Object.assign(new Composer(options), { onError });
}

/** Refuses values beyond the limits: aliases can make them, and cycles, out of a small text. */
function requireModest(document: unknown): void {
  let values = 0;
  const visit = (value: unknown, depth: number): void => {
    values += 1;
    if (values > limits.values) throw refuse(`the document has more than ${limits.values} values`);
    if (typeof value !== 'object' || value === null) return;
    if (depth >= limits.depth) throw tooDeep();
    // No schema has such a key, and a record of unknown keys would drop it without a word.
    if (Object.hasOwn(value, '__proto__')) throw refuse('the key __proto__ is not allowed');
    const isList = Array.isArray(value);
    const children: unknown[] = isList ? value : Object.values(value);
    if (!isList && children.length > limits.keys) throw tooManyKeys();
    if (isList && children.length > limits.entries) throw tooManyEntries();
    for (const child of children) visit(child, depth + 1);
  };
  visit(document, 0);
}

function locate(text: string, position: number): string {
  const lines = text.slice(0, position).split('\n');
  return `line ${lines.length}, column ${lines.at(-1)!.length + 1}`;
}

/**
 * The value of a JSON text that others wrote. Of a key that an object has twice, JSON.parse would keep the last value without a word.
 * @throws SyntaxError for a text that is no JSON
 * @throws ValidationError if an object has a key twice
 */
export function parseJson(text: string): unknown {
  const value = JSON.parse(text) as unknown;
  const twice = repeatedKey(text);
  if (twice !== undefined) throw refuse(`the key ${JSON.stringify(twice.slice(0, 80))} is given twice`);
  return value;
}

/** The same, or undefined for a text that is no JSON. */
function jsonOf(text: string): unknown {
  try {
    return parseJson(text);
  } catch (error) {
    if (error instanceof SyntaxError) return undefined;
    throw error;
  }
}

/** The value of a text in YAML. @throws ValidationError with the first syntax error */
function parseYaml(text: string): unknown {
  if (text.length > limits.yamlLength)
    throw refuse(`a document in YAML has at most ${limits.yamlLength} characters: write it as JSON`);
  // The schema applies despite any %YAML directive.
  const options = { version: '1.2', schema: 'core', logLevel: 'error', prettyErrors: false } as const;
  const documents = firstErrorComposer(options).compose(boundedTokens(text), true, text.length);
  const [first, second] = [documents.next(), documents.next()];
  if (!second.done) throw refuse('a file has one document: write several sweeps in several files');
  return first.done ? null : first.value.toJS({ maxAliasCount: limits.yamlAliases });
}

/**
 * Parses a YAML 1.2 or JSON document. Size, depth and aliases are bounded before anything is expanded.
 * @throws ValidationError with a one-line message, for a syntax error with its position
 */
export function parseDocument(text: string): unknown {
  if (text.length > limits.bodyBytes) throw refuse(`the document is larger than ${limits.bodyBytes} bytes`);
  try {
    const value = (mayBeJson(text) ? jsonOf(text) : undefined) ?? parseYaml(text);
    requireModest(value);
    return value;
  } catch (error) {
    if (error instanceof ValidationError) throw error;
    const [why = ''] = (error instanceof Error ? error.message : String(error)).split('\n');
    if (error instanceof YAMLParseError) throw refuse(`not valid YAML: ${why} at ${locate(text, error.pos[0])}`);
    if (/alias count/.test(why)) throw refuse('too many YAML aliases: write the values out');
    throw refuse(`not valid YAML: ${why}`);
  }
}
