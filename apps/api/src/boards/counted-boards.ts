import { countedBoards, type CountedBoard } from '@unroll/database';
import type { DataSource } from 'typeorm';

/** Configurations up to which the boards are counted for each request: that takes a few milliseconds. */
const few = 20_000;
/** Counts of more are cached for this many times as long as they took: the server then spends 0.5 % of its time on them. */
const lifetime = 200;

/**
 * The boards of all teams with their sizes. A million configurations take a while to count: the last counts are returned, and refreshed beside
 * the request.
 */
export class CountedBoards {
  private known: CountedBoard[] | undefined;
  private took = 0;
  private at = -Infinity;
  private counting: Promise<CountedBoard[]> | undefined;

  constructor(private readonly dataSource: DataSource) {}

  /** The boards of a team. */
  async read(teamId: string): Promise<CountedBoard[]> {
    return (await this.current()).filter((board) => board.teamId === teamId);
  }

  /** Counts anew, or waits for the count under way. */
  async refresh(teamId: string): Promise<CountedBoard[]> {
    return (await this.counted()).filter((board) => board.teamId === teamId);
  }

  private async current(): Promise<CountedBoard[]> {
    const stale = performance.now() - this.at > this.took * lifetime;
    if (!this.known || this.size < few) return this.counted();
    if (stale) void this.counted().catch(() => undefined);
    return this.known;
  }

  private get size(): number {
    return this.known!.reduce((sum, { configurations }) => sum + configurations, 0);
  }

  private counted(): Promise<CountedBoard[]> {
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
