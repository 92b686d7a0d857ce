import { parse as parseYaml, YAMLParseError } from 'yaml';
import { limits } from './limits';
import { ValidationError } from './validation';

const refuse = (message: string): ValidationError => new ValidationError([{ path: '', message }]);

function tooDeep(text: string): boolean {
  let depth = 0;
  for (const character of text) {
    if (character === '{' || character === '[') depth += 1;
    else if (character === '}' || character === ']') depth -= 1;
    if (depth > limits.depth) return true;
  }
  return text.split('\n').some((line) => (/^[ -]*/.exec(line)?.[0].length ?? 0) > limits.depth * 8);
}

/**
 * A YAML 1.2 or JSON document (JSON is YAML). Size, depth and aliases are bounded before anything is expanded.
 * @throws ValidationError in one line, with the place where the text breaks
 */
export function parseDocument(text: string): unknown {
  if (text.length > limits.bodyBytes) throw refuse(`the document is larger than ${limits.bodyBytes} bytes`);
  if (tooDeep(text)) throw refuse(`the document is nested deeper than ${limits.depth} levels`);
  try {
    return parseYaml(text, { maxAliasCount: limits.yamlAliases, version: '1.2', logLevel: 'error' });
  } catch (error) {
    if (error instanceof YAMLParseError) {
      const [line] = error.message.split('\n');
      throw refuse(`not valid YAML: ${line?.replace(/:$/, '') ?? error.message}`);
    }
    if (error instanceof ReferenceError) throw refuse('too many YAML aliases: write the values out');
    throw refuse(`not valid YAML: ${error instanceof Error ? error.message.split('\n')[0] : String(error)}`);
  }
}
