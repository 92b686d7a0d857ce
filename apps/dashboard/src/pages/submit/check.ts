import { parseDocument, renameKeys, sweepSpec, validate, ValidationError, type FieldError } from '@unroll/contracts';

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
