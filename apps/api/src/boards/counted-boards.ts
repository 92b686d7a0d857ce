import { countedBoards, type CountedBoard } from '@unroll/database';
import type { DataSource } from 'typeorm';

/** Configurations that are counted at each request: it takes a few milliseconds. */
const few = 20_000;
/** How many times as long as it took to count, the counts of more are good: one request in so many meets a count under way. */
const patience = 200;

/**
 * The team's boards with their sizes. A million configurations take a while to count: then what was counted last is given, and counted anew
 * beside the request.
 */
export class CountedBoards {
  private known: CountedBoard[] | undefined;
  private took = 0;
  private at = -Infinity;
  private counting: Promise<CountedBoard[]> | undefined;

  constructor(private readonly dataSource: DataSource) {}

  async read(): Promise<CountedBoard[]> {
    const stale = performance.now() - this.at > this.took * patience;
    if (!this.known || this.size < few) return this.readAgain();
    if (stale) void this.readAgain().catch(() => undefined);
    return this.known;
  }

  private get size(): number {
    return this.known!.reduce((sum, { configurations }) => sum + configurations, 0);
  }

  /** Counted after this call, or by a count that is under way. */
  readAgain(): Promise<CountedBoard[]> {
    this.counting ??= this.count().finally(() => (this.counting = undefined));
    return this.counting;
  }

  private async count(): Promise<CountedBoard[]> {
    const began = performance.now();
    this.known = await countedBoards(this.dataSource);
    this.at = performance.now();
    this.took = this.at - began;
    return this.known;
  }
}
