/** A hint that a sweep has claimable trials of a signature. Losing, doubling or delaying it changes nothing but time. */
export interface Ticket {
  sweepId: string;
  signature: string;
}

/** What the live channel carries: it wakes, and says nothing that a row does not say. */
export interface Wake {
  sweepId: string;
}
