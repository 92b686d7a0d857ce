/** A hint that a sweep has claimable trials of a signature. Losing, doubling or delaying it changes nothing but time. */
export interface Ticket {
  sweepId: string;
  signature: string;
}
