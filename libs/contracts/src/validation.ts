import type { z } from 'zod';
import { distributionKeys } from './distribution';
import { at, describe } from './issue-text';

/** One error of an input: where it is, and what to do about it. */
export interface FieldError {
  /** Keys from the root, joined by dots: `training.learningRate`. Empty for the whole input. */
  path: string;
  message: string;
}

/** Maximum number of errors in a message. */
const shownErrors = 20;
/** Maximum number of errors kept for one input. */
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

/** How badly the input fits a branch of a union; 0 is best. */
function misfit(issues: readonly Issue[], input: unknown): number {
  const root = issues.filter((issue) => issue.path.length === 0);
  const wrongType = root.filter((issue) => ['invalid_type', 'invalid_value'].includes(issue.code));
  const unions = root.flatMap((issue) =>
    issue.code === 'invalid_union' ? Math.min(8, ...issue.errors.map((branch) => misfit(branch, input))) : [],
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

/** The issues of the branch of a union that the author most likely meant. */
function meant(branches: readonly Issue[][], input: unknown): readonly Issue[] {
  const ranked = branches.map((issues) => ({ issues, misfit: misfit(issues, input) }));
  return ranked.reduce((a, b) => (b.misfit < a.misfit ? b : a)).issues;
}

/** A key as shown in a path: on one line, with at most 80 characters. */
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
 * Validates `input` and fills in its defaults.
 * @throws ValidationError with a line for each error
 */
export function validate<Schema extends z.ZodType>(schema: Schema, input: unknown): z.infer<Schema> {
  const result = schema.safeParse(input);
  if (result.success) return result.data;
  // Only the first error at a path: later ones follow from it.
  const errors = new Map<string, FieldError>();
  for (const error of flatten(result.error.issues, input, []))
    if (!errors.has(error.path)) errors.set(error.path, error);
  throw new ValidationError([...errors.values()].slice(0, keptErrors));
}
