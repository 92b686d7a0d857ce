import { isDistribution, parseDocument, renameKeys, validate, ValidationError } from '@unroll/contracts';
import { readFile } from 'node:fs/promises';
import type { z } from 'zod';
import { CommandFailed } from '../errors/command-failed';
import { note } from '../show/text';
import { isObject as isMapping } from './is-object';

/** Reads a text file. @throws CommandFailed if it cannot be read */
export async function readText(path: string): Promise<string> {
  return readFile(path, 'utf8').catch((error: NodeJS.ErrnoException) => {
    const why = error.code === 'ENOENT' ? 'no such file' : error.code === 'EISDIR' ? 'is a folder' : String(error.code);
    throw new CommandFailed(`${path}: ${why}`, 2);
  });
}

const isObject = (value: unknown): value is Record<string, unknown> => typeof value === 'object' && value !== null;

/**
 * Applies one `--set` assignment: sets a path (`training.learningRate`) in a document to a value read as YAML. A distribution
 * (`training.learningRate.logUniform`) replaces the value, or the other distribution, that stands there.
 */
export function assign(document: unknown, assignment: string): void {
  const [, path, text] = /^([^=]+)=(.*)$/s.exec(assignment) ?? [];
  if (path === undefined || text === undefined)
    throw new CommandFailed(`--set ${assignment}: write it as path=value, as in training.learningRate=1e-3`, 2);
  const refuse = (why: string): CommandFailed => new CommandFailed(`--set ${assignment}: ${why}`, 2);
  const keys = path.split('.');
  let node: unknown = document;
  let parent: unknown;
  for (const [index, key] of keys.entries()) {
    const isLast = index === keys.length - 1;
    if (isLast && isDistribution({ [key]: null }) && isObject(parent) && !(isObject(node) && Object.hasOwn(node, key)))
      return put(parent, keys[index - 1]!, { [key]: parseDocument(text) });
    if (typeof node !== 'object' || node === null)
      throw refuse(index === 0 ? 'the file has no keys' : `${keys[index - 1]} is a plain value in the file`);
    if (Array.isArray(node) && !Object.keys(node).includes(key)) throw refuse(`the list has no element ${key}`);
    if (isLast) put(node, key, parseDocument(text));
    else if (!Object.hasOwn(node, key)) put(node, key, {});
    parent = node;
    node = (node as Record<string, unknown>)[key];
  }
}

/** Defines the key rather than assigning it: assigning `__proto__` would set the prototype. */
function put(node: object, key: string, value: unknown): void {
  Object.defineProperty(node, key, { value, enumerable: true, configurable: true, writable: true });
}

/** @throws CommandFailed, with the file, for a text that is neither YAML nor JSON */
function parsed(path: string, text: string): unknown {
  try {
    return parseDocument(text);
  } catch (error) {
    if (error instanceof ValidationError) throw new CommandFailed(`${path}: ${error.message}`, 2);
    throw error;
  }
}

/** A YAML or JSON file, unchecked, with `--set` assignments applied. @throws CommandFailed, ValidationError */
export async function readDocument(path: string, assignments: readonly string[] = []): Promise<unknown> {
  const document = parsed(path, await readText(path));
  if (document === null) throw new CommandFailed(`${path}: is an empty file`, 2);
  for (const assignment of assignments) assign(document, assignment);
  if (!isMapping(document)) {
    const found = Array.isArray(document) ? 'a list' : JSON.stringify(document);
    throw new CommandFailed(`${path}: must be an object, with keys such as dataset and task, not ${found}`, 2);
  }
  const renamed = renameKeys(document);
  for (const notice of renamed.notices) note(`${path}: ${notice.path} ${notice.message}`);
  return renamed.document;
}

/** Like `readDocument`, validated against a schema. */
export async function readChecked<Schema extends z.ZodType>(
  schema: Schema,
  path: string,
  assignments: readonly string[] = [],
): Promise<z.infer<Schema>> {
  return validate(schema, await readDocument(path, assignments));
}
