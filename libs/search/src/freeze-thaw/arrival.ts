/** A configuration that has reached a rung, or the end of its training, which counts as its last rung. */
export interface Arrival {
  configuration: number;
  /** Number of the rung, from 0. */
  rung: number;
  /** Updates at the rung. */
  update: number;
  /** Its best value so far, as the mean over its seeds; lower is better, NaN if there is none. */
  score: number;
}

/** The arrivals at one rung, in order. */
export interface Rung {
  /** Updates until it, on average. */
  update: number;
  scores: number[];
  /** Scores of those that have also reached the next rung, here and there. */
  pairs: [here: number, next: number][];
}

/**
 * The rungs of a sweep, up to the last one that was reached without a gap. A configuration that failed on the way to a rung, and came there
 * once it was retried, has only the later arrival.
 */
export function toRungs(arrivals: readonly Arrival[]): Rung[] {
  const rungs: Rung[] = [];
  const reached = new Map<number, Arrival>();
  const place = ({ configuration, rung }: Arrival): string => `${configuration} ${rung}`;
  const last = new Map(arrivals.map((arrival) => [place(arrival), arrival]));
  for (const arrival of arrivals) {
    if (last.get(place(arrival)) !== arrival) continue;
    const { configuration, rung, update, score } = arrival;
    const at = (rungs[rung] ??= { update: 0, scores: [], pairs: [] });
    at.scores.push(score);
    at.update += (update - at.update) / at.scores.length;
    const before = reached.get(configuration);
    if (before?.rung === rung - 1) rungs[before.rung]!.pairs.push([before.score, score]);
    reached.set(configuration, arrival);
  }
  const gap = Array.from(rungs).findIndex((rung) => rung === undefined);
  return gap < 0 ? rungs : rungs.slice(0, gap);
}
