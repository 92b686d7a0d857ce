/** Adds up the results of one lane on a held-out part, batch by batch. */
export interface Tally<Kept> {
  /** `values`: what was read back of a batch for this lane. `kept`: what the measurement kept of the batch. */
  add(values: Float32Array, kept: Kept): void;
  /** The lane's metrics, without the prefix; `loss` is always among them. */
  metrics(): Record<string, number>;
}

/** A tally for each lane, from what makes one. */
export const perLane = <Kept>(lanes: number, tally: () => Tally<Kept>): Tally<Kept>[] =>
  Array.from({ length: lanes }, tally);
