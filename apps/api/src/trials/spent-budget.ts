import { HttpStatus } from '@nestjs/common';
import { ProblemException } from '../http/problem';

/** Refuses to reopen a sweep that would end again at once. */
export const spentBudget = (reason: string): ProblemException =>
  new ProblemException(
    HttpStatus.CONFLICT,
    `the sweep would end again at once, because ${reason}: submit a new sweep with a larger budget, and this one in search.from`,
  );
