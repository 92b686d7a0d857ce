import type { z } from 'zod';
import { distributionKeys } from './distribution';
import { at, describe } from './issue-text';

/** One thing that is wrong with an input: where, and what to do about it. */
export interface FieldError {
  /** Keys from the root, joined by dots: `training.learningRate`. Empty for the whole. */
  path: string;
  message: string;
}

/** Errors that a message names. */
const shownErrors = 20;
/** Errors that are kept of one input. */
const keptErrors = 100;

/** An input that a contract refuses. Its message is one line. */
export class ValidationError extends Error {
  constructor(readonly errors: readonly FieldError[]) {
    const lines = errors.slice(0, shownErrors).map(({ path, message }) => (path ? `${path}: ${message}` : message));
    super([...lines, ...(errors.length > shownErrors ? [`and ${errors.length - shownErrors} more`] : [])].join('; '));
    this.name = 'ValidationError';
  }
}

type Issue = z.core.$ZodIssue;

/** How far a branch of a union is from what the author wrote: 0 is near. */
function farness(issues: readonly Issue[], input: unknown): number {
  const root = issues.filter((issue) => issue.path.length === 0);
  const wrongType = root.filter((issue) => ['invalid_type', 'invalid_value'].includes(issue.code));
  const unions = root.flatMap((issue) =>
    issue.code === 'invalid_union' ? Math.min(8, ...issue.errors.map((branch) => farness(branch, input))) : [],
  );
  const unknownKeys = root.flatMap((issue) => {
    if (issue.code !== 'unrecognized_keys') return [];
    if (issue.keys.some((key) => (distributionKeys as readonly string[]).includes(key))) return [7];
    return [issue.message.includes('did you mean') ? 3 : 4];
  });
  const missing = issues.filter((issue) => issue.path.length === 1 && !(String(issue.path[0]) in Object(input)));
  return (
    unions.reduce((a, b) => a + b, 0) +
    wrongType.length * 8 +
    unknownKeys.reduce((a, b) => a + b, 0) +
    missing.length * 2
  );
}

/** Of a union's branches, the issues of the one that the author most likely meant. */
function meant(branches: readonly Issue[][], input: unknown): readonly Issue[] {
  const ranked = branches.map((issues) => ({ issues, far: farness(issues, input) }));
  return ranked.reduce((a, b) => (b.far < a.far ? b : a)).issues;
}

/** A key as a path shows it: on one line, and not longer than a line. */
const shownKey = (key: string): string => (/^[^\p{Cc}\s"]{1,80}$/u.test(key) ? key : JSON.stringify(key.slice(0, 80)));

const joined = (path: readonly PropertyKey[]): string =>
  path.reduce<string>((text, key) => {
    if (typeof key === 'number') return `${text}[${key}]`;
    return text ? `${text}.${shownKey(String(key))}` : shownKey(String(key));
  }, '');

function flatten(issues: readonly Issue[], input: unknown, base: readonly PropertyKey[]): FieldError[] {
  return issues.flatMap((issue): FieldError[] => {
    const path = [...base, ...issue.path];
    if (issue.code === 'unrecognized_keys') {
      const messages = issue.message.split('\n');
      return issue.keys.map((key, index) => ({
        path: joined([...path, key]),
        message: messages[index] ?? 'unknown key',
      }));
    }
    const value = at(input, issue.path);
    if (issue.code === 'invalid_union' && issue.errors.length > 0)
      return flatten(meant(issue.errors, value), value, path);
    return [{ path: joined(path), message: describe(issue, input) }];
  });
}

/**
 * `input` checked and completed by `schema`.
 * @throws ValidationError with a line for each thing that is wrong
 */
export function validate<Schema extends z.ZodType>(schema: Schema, input: unknown): z.infer<Schema> {
  const result = schema.safeParse(input);
  if (result.success) return result.data;
  // The first thing that is wrong at a place: what follows from it says nothing new.
  const errors = new Map<string, FieldError>();
  for (const error of flatten(result.error.issues, input, []))
    if (!errors.has(error.path)) errors.set(error.path, error);
  throw new ValidationError([...errors.values()].slice(0, keptErrors));
}
