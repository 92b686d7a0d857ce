import type { z } from 'zod';
import { suggestion } from './strict';

type Issue = z.core.$ZodIssue;

/** The value in `input` at `path`. */
export function at(input: unknown, path: readonly PropertyKey[]): unknown {
  return path.reduce<unknown>((value, key) => (Object(value) as Record<PropertyKey, unknown>)[key], input);
}

/** How zod's default messages begin. A schema with a more specific message sets its own. */
const generic = /^(Invalid|Too small|Too big)/;

/** The message of an issue, which says what to do. */
export function describe(issue: Issue, input: unknown): string {
  const value = at(input, issue.path);
  if (value === undefined && ['invalid_type', 'invalid_value', 'invalid_union'].includes(issue.code))
    return `is missing${otherKey(issue, input)}`;
  if (!generic.test(issue.message)) return issue.message;
  if (issue.code === 'invalid_type') {
    const hint =
      Array.isArray(value) && plainTypes.includes(issue.expected) ? '; to try each, write {choice: [...]}' : '';
    return `must be ${article(issue.expected)}, not ${shown(value)}${hint}`;
  }
  if (issue.code === 'too_small' && issue.origin === 'number')
    return `must be ${issue.inclusive ? 'at least' : 'above'} ${issue.minimum}, not ${shown(value)}`;
  if (issue.code === 'too_big' && ['number', 'int'].includes(issue.origin))
    return `must be ${issue.inclusive ? 'at most' : 'below'} ${issue.maximum}, not ${shown(value)}`;
  if (issue.code === 'too_small') return `needs at least ${counted(issue.minimum, issue.origin)}`;
  if (issue.code === 'too_big') return `is too long: at most ${counted(issue.maximum, issue.origin)}`;
  if (issue.code === 'invalid_value')
    return `${shown(value)} is not one of ${issue.values.join(', ')}${suggestion(String(value), issue.values.map(String))}`;
  if (issue.code === 'invalid_union' && 'options' in issue) {
    const kinds = issue.options as string[];
    return `${shown(value)} is not one of ${kinds.join(', ')}${suggestion(String(value), kinds)}`;
  }
  return issue.message;
}

/** Types of plain values, which a sweep may search. */
const plainTypes = ['int', 'number', 'boolean'];

/** Keys by which other tools name the kind of an object. */
const kindElsewhere = ['name', 'type', 'class', 'class_name'];

/** A hint at a key that stands in place of the missing one. */
function otherKey({ path }: Issue, input: unknown): string {
  if (path.at(-1) !== 'kind') return '';
  const parent = Object(at(input, path.slice(0, -1))) as object;
  const other = kindElsewhere.find((key) => Object.hasOwn(parent, key));
  return other === undefined ? '' : `; did you mean kind by ${other}?`;
}

const article = (expected: string): string =>
  ({
    int: 'a whole number',
    number: 'a number',
    string: 'text',
    boolean: 'true or false',
    object: 'an object',
    record: 'an object',
    array: 'a list',
    tuple: 'a list',
  })[expected] ?? expected;

function counted(count: number | bigint, origin: string): string {
  const what = origin === 'string' ? 'character' : 'value';
  return `${count} ${what}${Number(count) === 1 ? '' : 's'}`;
}

function shown(value: unknown): string {
  if (typeof value === 'number') return String(value);
  const text = JSON.stringify(value) ?? String(value);
  return text.length > 60 ? `${text.slice(0, 57)}...` : text;
}
