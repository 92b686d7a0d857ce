import type { z } from 'zod';
import { distributionKeys } from './distribution';
import { ownPath } from './familiar-names';
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

/** The message for an unknown key, with the path of ours where that is elsewhere or has another name. */
function unknownKey(message: string, key: string, parent: string): string {
  if (message.includes('did you mean')) return message;
  const own = ownPath(key, parent);
  return own === undefined || own === `${parent}.${key}` ? message : `${message}; here it is ${own}`;
}

/** Keys of distributions in the files of W&B and Katib. */
const foreignKeys = ['values', 'value', 'min', 'max', 'low', 'high', 'distribution', 'probabilities'];

const howToSearch =
  'is not a distribution: write {choice: [...]} for a list; {uniform: [low, high]}, {logUniform: [low, high]} or {int: [low, high]} for a range';

/** Whether a value that may be a distribution is one as other tools write it. */
function isForeignDistribution(branches: readonly Issue[][], value: unknown): boolean {
  // A text has a key for each of its letters.
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return false;
  const keys = Object.keys(value);
  const maySearch = branches.flat().some(({ path }) => path.length === 1 && path[0] === 'choice');
  return maySearch && keys.length > 0 && keys.every((key) => foreignKeys.includes(key));
}

/** Whether an error says that a key is missing which another suggests for an unknown key beside it. */
function isSaidElsewhere({ path, message }: FieldError, errors: readonly FieldError[]): boolean {
  if (message !== 'is missing') return false;
  const parent = path.split('.').slice(0, -1);
  const key = path.split('.').at(-1)!;
  return errors.some(
    (other) =>
      other.message.endsWith(`did you mean ${key}?`) &&
      other.path.split('.').slice(0, -1).join('.') === parent.join('.'),
  );
}

function* flatten(issues: readonly Issue[], input: unknown, base: readonly PropertyKey[]): Generator<FieldError> {
  for (const issue of issues) {
    const path = [...base, ...issue.path];
    const value = at(input, issue.path);
    if (issue.code === 'unrecognized_keys') {
      const messages = issue.message.split('\n');
      for (const [index, key] of issue.keys.entries())
        yield {
          path: joined([...path, key]),
          message: unknownKey(messages[index] ?? 'unknown key', key, joined(path)),
        };
    } else if (issue.code !== 'invalid_union' || issue.errors.length === 0)
      yield { path: joined(path), message: describe(issue, input) };
    else if (isForeignDistribution(issue.errors, value)) yield { path: joined(path), message: howToSearch };
    else yield* flatten(meant(issue.errors, value), value, path);
  }
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
  for (const error of flatten(result.error.issues, input, [])) {
    if (!errors.has(error.path)) errors.set(error.path, error);
    if (errors.size === keptErrors) break;
  }
  const found = [...errors.values()];
  throw new ValidationError(found.filter((error) => !isSaidElsewhere(error, found)));
}
