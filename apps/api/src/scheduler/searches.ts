import { signOf, type SweepSpec } from '@unroll/contracts';
import {
  finishedConfigurations,
  loggedProposals,
  openConfigurations,
  type LoggedProposal,
  type UnproposedSweep,
} from '@unroll/database';
import { meanScore } from '../objectives/mean-score';
import { chooseSampler, shortHash, SweepSearch, sweepSize, type Configuration } from '@unroll/search';
import type { EntityManager } from 'typeorm';

/** Trials in flight where nothing limits them and no worker is known yet. */
const fewest = 8;
/** Turns that a search that learns gets at least, where nothing limits its trials in flight: with fewer it has nothing to learn from. */
const turns = 5;
/** Searches that are kept in memory; the others are read from their logs again when they go on. */
const kept = 100;

interface Known {
  search: SweepSearch;
  spec: string;
  inFlight: Set<number>;
}

export interface Fleet {
  /** Lanes of all workers, and of one trainer. */
  all: number;
  one: number;
}

/**
 * The searches that learn, of the sweeps that this process leads. Each is what its log makes it: the same after a restart, or under
 * another leader.
 */
export class Searches {
  private readonly known = new Map<string, Known>();

  /** What a sweep proposes next, and what it is logged with; undefined while enough of its trials wait or run. */
  async next(
    manager: EntityManager,
    sweep: UnproposedSweep,
    fleet: Fleet,
  ): Promise<{ configurations: Configuration[]; log: LoggedProposal } | undefined> {
    const { seeds } = sweepSize(sweep.spec);
    const window = Math.max(seeds, sweep.concurrentTrials ?? unlimitedWindow(sweep.total, fleet));
    const room = window - (await openConfigurations(manager, sweep.id));
    // With half of the fleet waiting for work, a batch fills its lanes; less is proposed only where nothing waits.
    if (room < seeds || (sweep.pending > 0 && room < window / 2)) return undefined;
    const known = await this.open(manager, sweep);
    const learned = await this.learn(manager, sweep, known, seeds);
    const first = sweep.proposed / seeds;
    const count = Math.min(Math.floor(room / seeds), sweep.total / seeds - first);
    const lanes = Math.max(1, Math.floor(Math.min(fleet.one, window) / seeds));
    const configurations = known.search.propose(first, count, lanes);
    for (const { number } of configurations) known.inFlight.add(number);
    const parameters = configurations.map((each) => each.parameters);
    return { configurations, log: { first, lanes, learned, parameters } };
  }

  /** Forgets a search: what it proposed was not written. */
  forget(sweepId: string): void {
    this.known.delete(sweepId);
  }

  private async open(manager: EntityManager, { id, spec, earlier }: UnproposedSweep): Promise<Known> {
    const name = shortHash(spec);
    const found = this.known.get(id);
    if (found?.spec === name) return found;
    const known = { ...reopen(spec, earlier, await loggedProposals(manager, id)), spec: name };
    this.known.delete([...this.known.keys()][kept] ?? '');
    this.known.set(id, known);
    return known;
  }

  private async learn(
    manager: EntityManager,
    { id, objective, spec }: UnproposedSweep,
    { search, inFlight }: Known,
    seeds: number,
  ): Promise<LoggedProposal['learned']> {
    const numbers = [...inFlight].flatMap((each) => Array.from({ length: seeds }, (_, seed) => each * seeds + seed));
    const several = spec.objectives?.slice(1);
    const finished = await finishedConfigurations(manager, id, numbers, several !== undefined);
    const sign = signOf(objective);
    return finished.map(({ configuration: number, value, share, metrics }): LoggedProposal['learned'][number] => {
      const others = several?.map((each) => (value === null ? null : meanScore(each, metrics ?? [])));
      const outcome = { number, value: value === null ? null : value * sign, share, others };
      search.learn(outcome);
      inFlight.delete(number);
      return others ? [number, outcome.value, share, others] : [number, outcome.value, share];
    });
  }
}

const unlimitedWindow = (total: number, { all }: Fleet): number =>
  Math.max(fewest, Math.min(all, Math.ceil(total / turns)));

/** A search as its log leaves it. */
function reopen(
  spec: SweepSpec,
  earlier: UnproposedSweep['earlier'],
  log: readonly LoggedProposal[],
): Omit<Known, 'spec'> {
  const search = new SweepSearch(spec);
  search.learnFrom(earlier);
  const inFlight = new Set<number>();
  for (const { first, learned, parameters } of log) {
    for (const [number, value, share, others] of learned) {
      search.learn({ number, value, share, others });
      inFlight.delete(number);
    }
    for (const [index, each] of parameters.entries()) {
      search.recall({ number: first + index, parameters: each });
      inFlight.add(first + index);
    }
  }
  return { search, inFlight };
}

/** Whether what a sweep proposes depends on what its trials reached. */
export const learns = (spec: SweepSpec): boolean => chooseSampler(spec).sampler.learns;
