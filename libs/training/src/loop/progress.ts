import { loopState, type LoopState } from './loop-state';
import type { LaneRequest, LaneResult } from './lane-request';

/** A lane of a run. Its place in `running` is its place in the group. */
export interface Progress extends LoopState {
  request: LaneRequest;
  /** When it entered, and the milliseconds that reports of the run had taken by then. */
  entered: { at: number; reporting: number };
  diverged?: { update: number; message: string };
  result?: LaneResult;
}

/** A lane that enters, from its checkpoint where it has one. `reporting`: milliseconds that reports of the run took so far. */
export const startProgress = (request: LaneRequest, reporting: number): Progress => ({
  request,
  entered: { at: performance.now(), reporting },
  ...loopState(request.checkpoint),
});

/** Milliseconds that a lane has trained, in earlier processes too, and those of them that reports took. */
export function elapsedTimes({ entered, earlier }: Progress, reporting: number): LoopState['earlier'] {
  return {
    elapsed: earlier.elapsed + performance.now() - entered.at,
    reporting: earlier.reporting + reporting - entered.reporting,
  };
}

export const placesWhere = (
  lanes: readonly Progress[],
  matches: (lane: Progress, place: number) => boolean,
): number[] => lanes.flatMap((lane, place) => (matches(lane, place) ? [place] : []));

export const prefixed = (prefix: string, metrics: Record<string, number>): Record<string, number> =>
  Object.fromEntries(Object.entries(metrics).map(([name, value]) => [`${prefix}.${name}`, value]));
