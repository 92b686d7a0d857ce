/** An error of a sweep file: where it is, and what to write. */
export interface FieldError {
  path: string;
  message: string;
}

/** The API refused a request. The message is the line that the command prints. */
export class Refused extends Error {
  override readonly name = 'Refused';
  constructor(
    /** Of HTTP. */
    readonly status: number,
    detail: string,
    /** One for each error of a sweep file. */
    readonly errors: readonly FieldError[] = [],
  ) {
    super(detail);
  }
}

/** No API answers at the address, or none is known. */
export class Unreachable extends Error {
  override readonly name = 'Unreachable';
}

/** Something did not come about in the time that was given for it. */
export class TimedOut extends Error {
  override readonly name = 'TimedOut';
}
