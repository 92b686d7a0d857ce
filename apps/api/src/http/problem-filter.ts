import { Catch, HttpException, Logger, type ArgumentsHost, type ExceptionFilter } from '@nestjs/common';
import { ArtifactMissing } from '@unroll/artifacts';
import { limits, problemDetails, ValidationError, type Problem } from '@unroll/contracts';
import { UnknownId } from '@unroll/database';
import type { Request, Response } from 'express';
import { ThreadLost } from '../threads/thread';

/** Error codes of pg and of sockets for an unavailable server (PostgreSQL classes 08 and 57P). */
const unavailable = /^(ECONN|ENOTFOUND|EHOSTUNREACH|ETIMEDOUT|EPIPE|08|57P|53300)/;

/** Error codes of PostgreSQL for a text with U+0000 or half of a surrogate pair, which no row can have. */
const unstorable = /^(22021|22P05)$/;

/** Seconds after which a client that met a busy machine is to try again. */
const busyFor = 30;

/** Converts any error to problem details: one line, never a stack trace. */
@Catch()
export class ProblemFilter implements ExceptionFilter {
  private readonly logger = new Logger(ProblemFilter.name);

  catch(error: unknown, host: ArgumentsHost): void {
    const response = host.switchToHttp().getResponse<Response>();
    const { aborted, method, path } = host.switchToHttp().getRequest<Request>();
    if (aborted) return this.logger.debug(`${method} ${path}: the client has gone`);
    if (response.headersSent) return void response.destroy();
    const problem = this.problem(error);
    if (problem.status >= 500) this.logger.error(error);
    if (isBusy(error)) response.set('Retry-After', String(busyFor));
    response.status(problem.status).type('application/problem+json').send(JSON.stringify(problem));
  }

  private problem(error: unknown): Problem {
    if (error instanceof ValidationError) {
      const malformed = error.errors.length === 1 && error.errors[0]?.path === '';
      return problemDetails(malformed ? 400 : 422, error.message, error.errors);
    }
    if (error instanceof ArtifactMissing) return problemDetails(404, error.message);
    if (error instanceof UnknownId) return problemDetails(error.ambiguous ? 409 : 404, error.message);
    if (isBusy(error))
      return problemDetails(503, `the API is busy: other work took the machine's time; try again in ${busyFor} s`);
    if (error instanceof ThreadLost)
      return problemDetails(503, `the search ended early: ${error.message}; try again later`);
    if (error instanceof HttpException) {
      const body = error.getResponse();
      if (typeof body === 'object' && 'type' in body) return body as Problem;
      return problemDetails(error.getStatus(), error.message);
    }
    const { status, type, code, message } = Object(error) as {
      status?: number;
      type?: string;
      code?: string;
      message?: string;
    };
    if (type === 'entity.too.large') return problemDetails(413, `the body is larger than ${limits.bodyBytes} bytes`);
    if (status !== undefined && status >= 400 && status < 500) return problemDetails(status, message ?? 'bad request');
    if (unstorable.test(code ?? ''))
      return problemDetails(400, 'a text has a character that cannot be stored, such as U+0000: leave it out');
    if (
      unavailable.test(code ?? '') ||
      /connect(ion)? (terminated|timeout)|timeout exceeded when trying to connect/i.test(message ?? '')
    )
      return problemDetails(503, 'the database is unavailable; try again in a moment');
    return problemDetails(500, 'internal error; the log of the API has the details');
  }
}

const isBusy = (error: unknown): boolean => error instanceof ThreadLost && error.reason === 'busy';
