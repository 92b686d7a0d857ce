import type { z } from 'zod';
import { suggestion } from './strict';

type Issue = z.core.$ZodIssue;

/** What stands in `input` at `path`. */
export function at(input: unknown, path: readonly PropertyKey[]): unknown {
  return path.reduce<unknown>((value, key) => (Object(value) as Record<PropertyKey, unknown>)[key], input);
}

/** What is wrong, in words that say what to do. */
export function describe(issue: Issue, input: unknown): string {
  const value = at(input, issue.path);
  if (issue.code === 'invalid_type' && value === undefined) return 'is missing';
  if (issue.code === 'invalid_type') return `must be ${article(issue.expected)}, not ${shown(value)}`;
  if (issue.code === 'too_small' && issue.origin === 'number')
    return `must be ${issue.inclusive ? 'at least' : 'above'} ${issue.minimum}, not ${shown(value)}`;
  if (issue.code === 'too_big' && ['number', 'int'].includes(issue.origin))
    return `must be ${issue.inclusive ? 'at most' : 'below'} ${issue.maximum}, not ${shown(value)}`;
  if (issue.code === 'too_small') return `needs at least ${issue.minimum}`;
  if (issue.code === 'too_big') return `holds too much: at most ${issue.maximum}`;
  if (issue.code === 'invalid_union' && 'options' in issue) {
    const kinds = issue.options as string[];
    return `${shown(value)} is not one of ${kinds.join(', ')}${suggestion(String(value), kinds)}`;
  }
  return issue.message;
}

const article = (expected: string): string =>
  ({
    int: 'a whole number',
    number: 'a number',
    string: 'a text',
    boolean: 'true or false',
    object: 'an object',
    record: 'an object',
    array: 'a list',
    tuple: 'a list',
  })[expected] ?? expected;

function shown(value: unknown): string {
  const text = JSON.stringify(value) ?? String(value);
  return text.length > 60 ? `${text.slice(0, 57)}...` : text;
}
