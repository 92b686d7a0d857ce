/** Signatures kept; beyond that the least recently updated is dropped. */
const keptSignatures = 1000;

/**
 * How many lanes this worker trains side by side, by signature: what its trainers estimate from their free memory, and never more than half
 * of a number that ran out of memory. Kept in memory for the worker's lifetime.
 */
export class LaneCapacity {
  private readonly known = new Map<string, { estimate: number; most: number }>();

  /** `first`: lanes for an unknown signature. `most`: the user's limit, whatever fits; undefined for none. */
  constructor(
    private readonly first: number,
    private readonly most: number | undefined,
  ) {}

  /** Lanes to claim for an unknown signature. */
  get standard(): number {
    return Math.min(this.first, this.most ?? Infinity);
  }

  of(signature: string): number {
    const known = this.known.get(signature);
    return known ? Math.max(1, Math.min(known.estimate, known.most, this.most ?? Infinity)) : this.standard;
  }

  /** By signature, for the known ones. */
  get all(): Record<string, number> {
    return Object.fromEntries([...this.known.keys()].map((signature) => [signature, this.of(signature)]));
  }

  /** The largest number of lanes of any signature. */
  get highest(): number {
    return Math.max(this.standard, ...Object.values(this.all));
  }

  /** A trainer reports that so many lanes fit in memory. */
  estimated(signature: string, lanes: number): void {
    this.update(signature, { estimate: lanes, most: this.known.get(signature)?.most ?? Infinity });
  }

  /** Memory ran out: at most this many lanes are tried from now on. */
  ranOut(signature: string, most: number): void {
    const known = this.known.get(signature);
    this.update(signature, { estimate: known?.estimate ?? most, most: Math.min(most, known?.most ?? Infinity) });
  }

  private update(signature: string, limits: { estimate: number; most: number }): void {
    this.known.delete(signature);
    this.known.set(signature, limits);
    if (this.known.size > keptSignatures) this.known.delete(this.known.keys().next().value!);
  }
}
