import { HttpStatus } from '@nestjs/common';
import type { SweepState } from '@unroll/contracts';
import { ProblemException } from '../http/problem';

/** @throws ProblemException (409) if the sweep was in none of these states */
export function requireState(
  state: SweepState | undefined,
  allowed: readonly SweepState[],
  refusal: string,
): asserts state is SweepState {
  if (state === undefined || !allowed.includes(state))
    throw new ProblemException(HttpStatus.CONFLICT, `the sweep is ${state ?? 'deleted'} and ${refusal}`);
}
