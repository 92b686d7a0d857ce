import { goalSign, type SweepSpec } from '@unroll/contracts';
import {
  finishedConfigurations,
  loggedProposals,
  openConfigurations,
  type LoggedProposal,
  type UnproposedSweep,
} from '@unroll/database';
import { meanScore } from '../objectives/mean-score';
import { chooseSampler, countSeeds, firstSeeds, shortHash, SweepSearch, type Configuration } from '@unroll/search';
import type { EntityManager } from 'typeorm';

/** Trials in flight if there is no limit and no worker is known yet. */
const fewestInFlight = 8;
/** Fewest rounds of proposals of a learning search without a limit on its trials in flight: with fewer it has nothing to learn from. */
const rounds = 5;
/** Structures that a sweep tries before several of its configurations have the same, to train as lanes of one array. */
const fewestStructures = 32;
/** Structures that a batch for one trainer is split over. */
const structuresInBatch = 4;
/** Searches kept in memory; the others are replayed from their logs when they continue. */
const kept = 100;

interface Known {
  search: SweepSearch;
  spec: string;
  inFlight: Set<number>;
}

export interface Fleet {
  /** Lanes of all workers together, and of one trainer of an engine on which lanes pay off. */
  all: number;
  one: number;
}

/** The most trials of a sweep in flight, and how many configurations of a batch have the same structure. */
export function batching(
  spec: SweepSpec,
  { total, concurrentTrials }: Pick<UnproposedSweep, 'total' | 'concurrentTrials'>,
  { all, one }: Fleet,
): { window: number; alike: number } {
  const atOnce = firstSeeds(spec);
  const window = Math.max(
    atOnce,
    concurrentTrials ?? Math.max(fewestInFlight, Math.min(all, Math.ceil(total / rounds))),
  );
  const lanes = Math.min(one, window) / atOnce;
  const alike = Math.min(Math.ceil(lanes / structuresInBatch), Math.floor(total / countSeeds(spec) / fewestStructures));
  return { window, alike: Math.max(1, alike) };
}

/**
 * The learning searches of the sweeps that this process leads. The state of each follows from its log, so it is the same after a restart or
 * under another leader.
 */
export class Searches {
  private readonly known = new Map<string, Known>();

  /** A sweep's next proposals and their log entry; undefined while enough of its trials are pending or running. */
  async next(
    manager: EntityManager,
    sweep: UnproposedSweep,
    fleet: Fleet,
  ): Promise<{ configurations: Configuration[]; log: LoggedProposal } | undefined> {
    const [seeds, atOnce] = [countSeeds(sweep.spec), firstSeeds(sweep.spec)];
    const { window, alike } = batching(sweep.spec, sweep, fleet);
    const room = window - (await openConfigurations(manager, sweep.id));
    // Proposing once half of the window is free fills whole batches of lanes; smaller batches only if nothing is pending.
    if (room < atOnce || (sweep.pending > 0 && room < window / 2)) return undefined;
    const known = await this.open(manager, sweep);
    const learned = await this.learn(manager, sweep, known, seeds);
    const first = sweep.proposed / seeds;
    const count = Math.min(Math.floor(room / atOnce), sweep.total / seeds - first);
    const configurations = known.search.propose(first, count, alike);
    for (const { number } of configurations) known.inFlight.add(number);
    const parameters = configurations.map((each) => each.parameters);
    return { configurations, log: { first, lanes: alike, learned, parameters } };
  }

  /** The search of a sweep whose proposals follow from its seed alone. */
  drawn({ id, spec }: UnproposedSweep): SweepSearch {
    const name = shortHash(spec);
    const known = this.find(id, name) ?? { search: new SweepSearch(spec), inFlight: new Set(), spec: name };
    return this.keep(id, known).search;
  }

  /** Drops a search whose proposals were not inserted; it is replayed from its log. */
  forget(sweepId: string): void {
    this.known.delete(sweepId);
  }

  private async open(manager: EntityManager, { id, spec, earlier }: UnproposedSweep): Promise<Known> {
    const name = shortHash(spec);
    const found = this.find(id, name);
    return found ?? this.keep(id, { ...replay(spec, earlier, await loggedProposals(manager, id)), spec: name });
  }

  /** The search of a sweep, unless its specification has changed since. */
  private find(id: string, name: string): Known | undefined {
    const known = this.known.get(id);
    return known?.spec === name ? known : undefined;
  }

  private keep(id: string, known: Known): Known {
    if (this.known.get(id) === known) return known;
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
    const sign = goalSign(objective);
    return finished.map(({ configuration: number, value, share, metrics }): LoggedProposal['learned'][number] => {
      const others = several?.map((each) => (value === null ? null : meanScore(each, metrics ?? [])));
      const outcome = { number, value: value === null ? null : value * sign, share, others };
      search.learn(outcome);
      inFlight.delete(number);
      return others ? [number, outcome.value, share, others] : [number, outcome.value, share];
    });
  }
}

/** Replays a search from its log. */
function replay(
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

/** Whether a sweep's proposals depend on the results of its trials. */
export const learns = (spec: SweepSpec): boolean => chooseSampler(spec).sampler.learns;
