import type { SweepSpec } from '@unroll/contracts';
import type { Numbers } from '../space/numbers';
import type { Observation } from '../objectives/observation';
import type { Point, Space } from '../space/point';

/** What a proposal is asked for. */
export interface Ask {
  /** Number of the configuration, from 0: each number is asked for once, but for its attempts. */
  number: number;
  /** Counts up where an earlier draw was not allowed. */
  attempt: number;
  /** Positions that are given: those of grids, of a start, of a batch that trains together. NaN where it is free. */
  fixed: Point;
  /** Configurations that were proposed and have no outcome yet. */
  running: readonly Point[];
  /** Random numbers of this number and attempt. */
  numbers: Numbers;
  /** Whether the sweep's constraints hold. A sampler that weighs candidates leaves the others out. */
  allows: (point: Point) => boolean;
}

/**
 * What to try next, after what was learned. It belongs to one caller, is never asked from two places at once, and does
 * nothing but compute: the same lessons in the same order and the same question give the same answer.
 */
export interface Suggester {
  learn(observation: Observation): void;
  suggest(ask: Ask): Point;
}

/** A way to search. Adding one touches one new file and the list in index.ts. */
export interface Sampler {
  readonly algorithm: Exclude<SweepSpec['search']['algorithm'], 'auto'>;
  /** Whether outcomes change what it proposes: then few trials are proposed ahead of the fleet. */
  readonly learns: boolean;
  /**
   * How many configurations the sweep has.
   * @throws ValidationError where what was asked for and what the space has do not fit
   */
  configurations(spec: SweepSpec): number;
  /** A search that has learned nothing. `seed` is that of the search. */
  open(space: Space, seed: number): Suggester;
}
