import type { FieldError } from '@unroll/contracts';

/** A request that is refused, with its status in HTTP. */
export class Refused extends Error {
  override readonly name = 'Refused';

  constructor(
    readonly status: number,
    message: string,
    readonly errors?: readonly FieldError[],
  ) {
    super(message);
  }
}

/** Refuses fields of a request. */
export const refusedFields = (errors: readonly FieldError[]): Refused =>
  new Refused(422, errors.map(({ path, message }) => `${path}: ${message}`).join('; '), errors);
