/** A uniform sample of fixed size, determined by the numbers of the items, not by their order. */
export class Reservoir<Item> {
  readonly items: Item[] = [];
  private readonly priorities: number[] = [];
  /** What is not in the sample, the next to come in first: it takes the place of one that is removed. */
  private readonly spare: { item: Item; priority: number }[] = [];
  private seen = 0;
  private largest = -1;

  constructor(private readonly size: number) {}

  /** The number of items that each sampled one represents. */
  get share(): number {
    return this.items.length === 0 ? 0 : this.seen / this.items.length;
  }

  add(item: Item, number: number): void {
    this.seen += 1;
    const priority = mixed(number);
    if (this.items.length < this.size) {
      this.items.push(item);
      this.priorities.push(priority);
      if (this.items.length === this.size) this.findLargest();
      return;
    }
    if (priority >= this.priorities[this.largest]!) {
      this.lay({ item, priority });
      return;
    }
    this.lay({ item: this.items[this.largest]!, priority: this.priorities[this.largest]! });
    this.put(this.largest, item, priority);
  }

  /** Takes back an item that was added, whether or not it is in the sample. */
  remove(item: Item): void {
    this.seen -= 1;
    const place = this.items.indexOf(item);
    if (place < 0) {
      const among = this.spare.findIndex((each) => each.item === item);
      if (among >= 0) this.spare.splice(among, 1);
      return;
    }
    const next = this.spare.shift();
    if (next) {
      this.put(place, next.item, next.priority);
      return;
    }
    this.items.splice(place, 1);
    this.priorities.splice(place, 1);
  }

  private put(place: number, item: Item, priority: number): void {
    this.items[place] = item;
    this.priorities[place] = priority;
    this.findLargest();
  }

  private lay(one: { item: Item; priority: number }): void {
    let [low, high] = [0, this.spare.length];
    while (low < high) {
      const middle = (low + high) >>> 1;
      if (this.spare[middle]!.priority <= one.priority) low = middle + 1;
      else high = middle;
    }
    this.spare.splice(low, 0, one);
  }

  private findLargest(): void {
    this.largest = this.priorities.reduce((most, each, index, all) => (each > all[most]! ? index : most), 0);
  }
}

/** The pseudo-random priority of a number (the finalizer of MurmurHash3). */
function mixed(number: number): number {
  let x = number ^ (number >>> 16);
  x = Math.imul(x, 0x85ebca6b);
  x ^= x >>> 13;
  x = Math.imul(x, 0xc2b2ae35);
  return (x ^ (x >>> 16)) >>> 0;
}
