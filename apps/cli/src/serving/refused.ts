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

/** What ends the work on a request whose client has gone. Nobody reads the answer; its status, which nginx uses too, is for metrics. */
export const clientGone = (): Refused => new Refused(clientGoneStatus, 'the client has gone');
export const clientGoneStatus = 499;

/** Refuses fields of a request. */
export const refusedFields = (errors: readonly FieldError[]): Refused =>
  new Refused(422, errors.map(({ path, message }) => `${path}: ${message}`).join('; '), errors);
