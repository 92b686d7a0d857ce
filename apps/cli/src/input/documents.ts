import { parseDocument, renameKeys, validate } from '@unroll/contracts';
import { readFile } from 'node:fs/promises';
import type { z } from 'zod';
import { CommandFailed } from '../errors/command-failed';
import { note } from '../show/text';

/** The text of a file. @throws CommandFailed where it cannot be read */
export async function readText(path: string): Promise<string> {
  return readFile(path, 'utf8').catch((error: NodeJS.ErrnoException) => {
    const why =
      error.code === 'ENOENT'
        ? 'there is no such file'
        : error.code === 'EISDIR'
          ? 'it is a folder'
          : String(error.code);
    throw new CommandFailed(`${path}: ${why}`, 2);
  });
}

/** Sets `path` (`training.learningRate`) in a document to `text`, read as YAML. */
function set(document: unknown, assignment: string): void {
  const [, path, text] = /^([^=]+)=(.*)$/s.exec(assignment) ?? [];
  if (path === undefined || text === undefined)
    throw new CommandFailed(`--set ${assignment}: write it as path=value, as in training.learningRate=1e-3`, 2);
  const refuse = (why: string): CommandFailed => new CommandFailed(`--set ${assignment}: ${why}`, 2);
  const keys = path.split('.');
  let node: unknown = document;
  for (const [index, key] of keys.entries()) {
    if (typeof node !== 'object' || node === null)
      throw refuse(index === 0 ? 'the file holds no keys' : `${keys[index - 1]} is a plain value in the file`);
    if (Array.isArray(node) && !Object.keys(node).includes(key)) throw refuse(`the list has no entry ${key}`);
    if (index === keys.length - 1) put(node, key, parseDocument(text));
    else if (!Object.hasOwn(node, key)) put(node, key, {});
    node = (node as Record<string, unknown>)[key];
  }
}

/** Not an assignment, which would not make a key of `__proto__`. */
function put(node: object, key: string, value: unknown): void {
  Object.defineProperty(node, key, { value, enumerable: true, configurable: true, writable: true });
}

/** A YAML or JSON file as it stands, with `--set` assignments made. @throws CommandFailed, ValidationError */
export async function readDocument(path: string, assignments: readonly string[] = []): Promise<unknown> {
  const document = parseDocument(await readText(path));
  for (const assignment of assignments) set(document, assignment);
  const renamed = renameKeys(document);
  for (const notice of renamed.notices) note(`${path}: ${notice.path} ${notice.message}`);
  return renamed.document;
}

/** The same, checked against its contract. */
export async function readChecked<Schema extends z.ZodType>(
  schema: Schema,
  path: string,
  assignments: readonly string[] = [],
): Promise<z.infer<Schema>> {
  return validate(schema, await readDocument(path, assignments));
}
