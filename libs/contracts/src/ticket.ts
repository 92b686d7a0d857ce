/** A hint that a sweep has claimable trials of a signature. A lost, duplicated or late ticket costs only time. */
export interface Ticket {
  sweepId: string;
  signature: string;
}
