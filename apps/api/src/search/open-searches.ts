import type { EarlierConfiguration, LoggedProposal, NewTrial } from '@unroll/database';
import { chooseSampler, type Parameters, type SweepSearch } from '@unroll/search';
import { newTrials } from './new-trials';
import { openSearch, type Stretch } from './stretch';

/** Searches kept in memory; the others are replayed from their logs when they continue. */
const kept = 100;

/** A search as it stands in the database: `name` identifies its stretch, `proposed` counts the trials of its sweep. */
export interface SearchKey {
  id: string;
  name: string;
  proposed: number;
}

export interface SearchOrigin extends SearchKey {
  teamId: string;
  stretch: Stretch;
  earlier: readonly EarlierConfiguration[];
  datasets: Record<string, string>;
  /** The proposals of the stretch; empty for a search that does not learn. */
  log: readonly LoggedProposal[];
}

interface Open extends Omit<SearchOrigin, 'earlier' | 'log'> {
  search: SweepSearch;
  /** Configurations without an outcome yet. */
  inFlight: Set<number>;
  /** Configurations whose outcome is that they have no value. */
  valueless: Set<number>;
  /** Number of outcomes so far, those that were ignored included. */
  learned: number;
}

/** What a search still waits for: configurations without an outcome, or without a value, and how many outcomes it was given. */
export interface Awaited {
  inFlight: number[];
  /** They have one if they were retried since. */
  valueless: number[];
  learned: number;
}

const awaited = ({ inFlight, valueless, learned }: Open): Awaited => ({
  ...{ inFlight: [...inFlight], valueless: [...valueless], learned },
});

interface Batch {
  id: string;
  /** The outcomes since the batch before. */
  learned: LoggedProposal['learned'];
  /** Number of the first configuration. */
  first: number;
  count: number;
  /** How many of them agree in structure. */
  alike: number;
}

/**
 * The searches of the sweeps that this process leads. The state of each follows from its log, so it is the same after a restart or
 * under another leader.
 */
export class OpenSearches {
  /** The one used last is last. */
  private readonly known = new Map<string, Open>();

  /** What a search waits for; undefined if it is not open in this state. */
  awaited({ id, name, proposed }: SearchKey): Awaited | undefined {
    const known = this.known.get(id);
    return known?.name === name && known.proposed === proposed ? awaited(known) : undefined;
  }

  /** Opens a search by replaying its log; returns what it waits for. */
  open({ earlier, log, ...origin }: SearchOrigin): Awaited {
    const search = openSearch(origin.stretch, earlier);
    const inherited = origin.stretch.inherited.map(({ number }) => number);
    const open: Open = { ...origin, search, inFlight: new Set(inherited), valueless: new Set(), learned: 0 };
    for (const { first, learned, parameters } of log) {
      learn(open, learned);
      for (const [index, each] of parameters.entries()) {
        search.recall({ number: first + index, parameters: each });
        open.inFlight.add(first + index);
      }
    }
    this.keep(open);
    return awaited(open);
  }

  /**
   * The next trials of an open search. An earlier batch may have inserted some seeds of the first configuration: they are left out.
   * @throws ValidationError if nothing can be proposed; the search is closed then
   */
  propose({ id, learned, first, count, alike }: Batch): { trials: NewTrial[]; parameters: Parameters[] } {
    const open = this.known.get(id)!;
    this.forget({ id });
    learn(open, learned);
    const configurations = open.search.propose(first, count, alike);
    const { spec } = open.stretch;
    if (chooseSampler(spec).sampler.learns) for (const { number } of configurations) open.inFlight.add(number);
    const trials = configurations
      .flatMap((each) => newTrials({ teamId: open.teamId, spec, datasets: open.datasets }, each))
      .filter(({ number }) => number >= open.proposed);
    open.proposed += trials.length;
    this.keep(open);
    return { trials, parameters: configurations.map((each) => each.parameters) };
  }

  /** The next trials of a search that is opened first. */
  draw({ origin, batch }: { origin: SearchOrigin; batch: Batch }): { trials: NewTrial[]; parameters: Parameters[] } {
    this.open(origin);
    return this.propose(batch);
  }

  /** Closes a search whose proposals were not inserted. */
  forget({ id }: Pick<SearchKey, 'id'>): void {
    this.known.delete(id);
  }

  private keep(open: Open): void {
    this.known.delete(open.id);
    this.known.set(open.id, open);
    for (const oldest of [...this.known.keys()].slice(0, -kept)) this.known.delete(oldest);
  }
}

function learn(open: Open, outcomes: LoggedProposal['learned']): void {
  const { search, inFlight, valueless } = open;
  open.learned += outcomes.length;
  for (const [number, value, share, others] of outcomes) {
    search.learn({ number, value, share, others });
    inFlight.delete(number);
    if (value === null) valueless.add(number);
    else valueless.delete(number);
  }
}
