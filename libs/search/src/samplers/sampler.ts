import type { SweepSpec } from '@unroll/contracts';
import type { Drawn } from '../space';

/**
 * What to try next. Samplers are pure: a configuration depends on the sweep and its number alone, so that asking again
 * gives the same one.
 */
export interface Sampler {
  readonly algorithm: SweepSpec['search']['algorithm'];
  /**
   * How many configurations the sweep has.
   * @throws ValidationError where what was asked for and what the space has do not fit
   */
  configurations(spec: SweepSpec): number;
  /** Configuration `number`, from 0. `attempt` counts up where an earlier draw was not allowed. */
  suggest(spec: SweepSpec, number: number, attempt: number): Drawn;
}
