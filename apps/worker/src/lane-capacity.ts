/** Signatures that are remembered at most; the oldest go first. */
const remembered = 1000;

/**
 * How many lanes this worker trains side by side, by signature: what its trainers estimate from the memory that they have, and never again more than half of
 * what ran out of it. Known for the worker's life.
 */
export class LaneCapacity {
  private readonly known = new Map<string, { estimate: number; most: number }>();

  /** `first`: lanes where nothing is known of a signature. `most`: lanes that are never passed, whatever fits; undefined for none. */
  constructor(
    private readonly first: number,
    private readonly most: number | undefined,
  ) {}

  /** Lanes to claim where nothing is known of a signature. */
  get standard(): number {
    return Math.min(this.first, this.most ?? Infinity);
  }

  of(signature: string): number {
    const known = this.known.get(signature);
    return known ? Math.max(1, Math.min(known.estimate, known.most, this.most ?? Infinity)) : this.standard;
  }

  /** By signature, for those of which anything is known. */
  get all(): Record<string, number> {
    return Object.fromEntries([...this.known.keys()].map((signature) => [signature, this.of(signature)]));
  }

  /** The most lanes of any signature. */
  get highest(): number {
    return Math.max(this.standard, ...Object.values(this.all));
  }

  /** So many lanes fit into the memory, as a trainer says. */
  estimated(signature: string, lanes: number): void {
    this.remember(signature, { estimate: lanes, most: this.known.get(signature)?.most ?? Infinity });
  }

  /** Memory ran out: so many lanes are tried from now on at most. */
  ranOut(signature: string, most: number): void {
    const known = this.known.get(signature);
    this.remember(signature, { estimate: known?.estimate ?? most, most: Math.min(most, known?.most ?? Infinity) });
  }

  private remember(signature: string, what: { estimate: number; most: number }): void {
    this.known.delete(signature);
    this.known.set(signature, what);
    if (this.known.size > remembered) this.known.delete(this.known.keys().next().value!);
  }
}
