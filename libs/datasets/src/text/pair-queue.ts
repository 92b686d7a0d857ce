interface Entry {
  pair: number;
  count: number;
}

/** Whether an entry is merged before another: it is more frequent, or has the smaller IDs. */
const isBefore = (a: Entry, b: Entry): boolean => a.count > b.count || (a.count === b.count && a.pair < b.pair);

/** Pairs by how often they occur: a binary heap, whose entries are brought up to date when they come to its top. */
export class PairQueue {
  private readonly heap: Entry[] = [];

  constructor(private readonly counts: ReadonlyMap<number, number>) {
    for (const pair of counts.keys()) this.add(pair);
  }

  /** Adds a pair, whose count may have risen. */
  add(pair: number): void {
    const count = this.counts.get(pair) ?? 0;
    if (count > 0) this.push({ pair, count });
  }

  /** Takes out the most frequent pair; undefined where none occurs `least` times. */
  next(least: number): number | undefined {
    for (let top = this.pop(); top; top = this.pop()) {
      const count = this.counts.get(top.pair) ?? 0;
      if (count === top.count) return count >= least ? top.pair : undefined;
      // It has been merged, or its neighbours were; where it became more frequent, there is an entry of that.
      if (count >= least && count < top.count) this.push({ pair: top.pair, count });
    }
    return undefined;
  }

  private push(entry: Entry): void {
    let at = this.heap.push(entry) - 1;
    for (let up = (at - 1) >> 1; at > 0 && isBefore(entry, this.heap[up]!); up = (at - 1) >> 1) {
      this.heap[at] = this.heap[up]!;
      at = up;
    }
    this.heap[at] = entry;
  }

  private pop(): Entry | undefined {
    const top = this.heap[0];
    const last = this.heap.pop();
    if (!last || this.heap.length === 0) return top;
    let at = 0;
    for (let down = 1; down < this.heap.length; down = 2 * at + 1) {
      if (down + 1 < this.heap.length && isBefore(this.heap[down + 1]!, this.heap[down]!)) down++;
      if (!isBefore(this.heap[down]!, last)) break;
      this.heap[at] = this.heap[down]!;
      at = down;
    }
    this.heap[at] = last;
    return top;
  }
}
