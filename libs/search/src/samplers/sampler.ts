import type { SamplerDefinition, SamplerName, SweepSpec } from '@unroll/contracts';
import type { Numbers } from '../space/numbers';
import type { Observation } from '../objectives/observation';
import type { Point, Space } from '../space/point';

/** The request for a proposal. */
export interface Ask {
  /** Number of the configuration, from 0: requested once per attempt. */
  number: number;
  /** Incremented when an earlier draw was rejected. */
  attempt: number;
  /** Fixed positions: of grids, of an enqueued configuration, of a batch that trains together. NaN where free. */
  fixed: Point;
  /** Proposed configurations without an outcome. */
  running: readonly Point[];
  /** Random numbers of this number and attempt. */
  numbers: Numbers;
  /** Whether the sweep's constraints hold. Samplers that rank candidates skip those that violate them. */
  allows: (point: Point) => boolean;
}

/**
 * Proposes configurations from learned outcomes. Owned by one caller, never called concurrently, and without side effects: the same
 * observations in the same order give the same answer to the same request.
 */
export interface Suggester {
  /**
   * Learns an outcome; one of a configuration that was trained further follows its earlier one, with a larger share. `replaced`: an
   * earlier outcome without a value that no longer holds, since the configuration was tried again.
   */
  learn(observation: Observation, replaced?: Observation): void;
  suggest(ask: Ask): Point;
}

/** A way to search: its definition, and what runs. A new one is one file beside this one and one entry in index.ts. */
export interface Sampler extends SamplerDefinition {
  readonly algorithm: SamplerName;
  /**
   * How many configurations the sweep has.
   * @throws ValidationError where the request does not fit the space
   */
  configurations(spec: SweepSpec): number;
  /** A search without observations. `seed`: the search seed. */
  open(space: Space, seed: number): Suggester;
}
