import type { Query, QueryClient } from '@tanstack/react-query';

/** Milliseconds for which changes are collected: a sweep changes many times per second. */
const gathered = 1_000;
/** The same for expensive queries such as 500 curves, marked by `meta.large`. */
const gatheredLarge = 5_000;

/** Collects stale queries and refetches them at a limited rate. Queries that no page uses are refetched when one does. */
export class Stale {
  private readonly small = new Set<string>();
  private readonly large = new Set<string>();
  private timers = new Map<Set<string>, ReturnType<typeof setTimeout>>();

  constructor(private readonly client: QueryClient) {}

  /** @param keys key prefixes of the stale queries */
  add(...keys: readonly string[][]): void {
    for (const key of keys) {
      this.small.add(JSON.stringify(key));
      this.large.add(JSON.stringify(key));
    }
    this.start(this.small, gathered, ({ meta }) => meta?.large !== true);
    this.start(this.large, gatheredLarge, ({ meta }) => meta?.large === true);
  }

  end(): void {
    for (const timer of this.timers.values()) clearTimeout(timer);
  }

  private start(keys: Set<string>, after: number, predicate: (query: Query) => boolean): void {
    if (this.timers.has(keys)) return;
    const refresh = (): void => {
      this.timers.delete(keys);
      for (const key of keys)
        void this.client.invalidateQueries(
          { queryKey: JSON.parse(key) as string[], predicate },
          { cancelRefetch: false },
        );
      keys.clear();
    };
    this.timers.set(keys, setTimeout(refresh, after));
  }
}
