/** A uniform sample of fixed size, determined by the numbers of the items, not by their order. */
export class Reservoir<Item> {
  readonly items: Item[] = [];
  private readonly priorities: number[] = [];
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
    if (priority >= this.priorities[this.largest]!) return;
    this.items[this.largest] = item;
    this.priorities[this.largest] = priority;
    this.findLargest();
  }

  /** Takes back an item that was added, whether or not it is in the sample. */
  remove(item: Item): void {
    this.seen -= 1;
    const place = this.items.indexOf(item);
    if (place < 0) return;
    this.items.splice(place, 1);
    this.priorities.splice(place, 1);
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
