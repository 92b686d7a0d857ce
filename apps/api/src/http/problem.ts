import { HttpException, HttpStatus } from '@nestjs/common';
import { problemDetails, type FieldError } from '@unroll/contracts';

/** An error of the API as RFC 9457 problem details. */
export class ProblemException extends HttpException {
  constructor(status: HttpStatus, detail: string, errors?: readonly FieldError[]) {
    super(problemDetails(status, detail, errors), status);
  }
}
