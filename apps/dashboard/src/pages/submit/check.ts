import { parseDocument, renameKeys, sweepSpec, validate, ValidationError, type FieldError } from '@unroll/contracts';

/** What the contract says of a text, as it is typed: nothing where it is a sweep. */
export function check(text: string): readonly FieldError[] {
  try {
    validate(sweepSpec, renameKeys(parseDocument(text)).document);
    return [];
  } catch (error) {
    if (error instanceof ValidationError) return error.errors;
    throw error;
  }
}
