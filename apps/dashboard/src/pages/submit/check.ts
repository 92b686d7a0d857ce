import {
  parseDocument,
  renameKeys,
  sweepSpec,
  validate,
  ValidationError,
  type FieldError,
  type SweepSpec,
} from '@unroll/contracts';

/** What a text specifies, with defaults; undefined if it is no valid sweep. */
export function specOf(text: string): SweepSpec | undefined {
  try {
    return validate(sweepSpec, renameKeys(parseDocument(text)).document);
  } catch (error) {
    if (error instanceof ValidationError) return undefined;
    throw error;
  }
}

/** The contract's errors for a text; empty if it is a valid sweep. */
export function check(text: string): readonly FieldError[] {
  try {
    validate(sweepSpec, renameKeys(parseDocument(text)).document);
    return [];
  } catch (error) {
    if (error instanceof ValidationError) return error.errors;
    throw error;
  }
}
