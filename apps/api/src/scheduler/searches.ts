import { goalSign, isResuming, ValidationError, type SweepSpec } from '@unroll/contracts';
import {
  arrivalsOf,
  finishedConfigurations,
  loggedProposals,
  openConfigurations,
  retriedConfigurations,
  type LoggedProposal,
  type NewTrial,
  type UnproposedSweep,
  type Turns,
} from '@unroll/database';
import { chooseSampler, countSeeds, firstSeeds, shortHash } from '@unroll/search';
import type { EntityManager } from 'typeorm';
import { meanScore } from '../objectives/mean-score';
import type { Awaited, SearchKey, SearchOrigin } from '../search/open-searches';
import type { SearchMethods } from '../search/search-thread';
import type { SearchThreads } from '../search/search-threads';
import { ThreadLost } from '../threads/thread';
import { lastStretch } from './stretches';

/** Trials in flight if there is no limit and no worker is known yet. */
const fewestInFlight = 8;
/** Fewest rounds of proposals of a learning search without a limit on its trials in flight: with fewer it has nothing to learn from. */
const rounds = 5;
/** Structures that a sweep tries before several of its configurations have the same, to train as lanes of one array. */
const fewestStructures = 32;
/** Structures that a batch for one trainer is split over. */
const structuresInBatch = 4;
/** Threads that a sweep may lose in a row before it fails. */
const mostLost = 2;

export interface Fleet {
  /** Lanes of all workers together, and of one trainer of an engine on which lanes pay off. */
  all: number;
  one: number;
}

/**
 * The most trials of a sweep in flight, how many seeds of a configuration begin at once, and how many configurations of a batch have the
 * same structure.
 */
export function batching(
  spec: SweepSpec,
  {
    total,
    concurrentTrials,
    asked = null,
  }: Pick<UnproposedSweep, 'total' | 'concurrentTrials'> & { asked?: number | null },
  { all, one }: Fleet,
): { window: number; atOnce: number; alike: number } {
  const atOnce = firstSeeds(spec);
  // Whoever asks next gets what was proposed last: with no more ahead, it knows all that was told.
  if (asked !== null) return { window: Math.max(atOnce, asked), atOnce, alike: 1 };
  const window = Math.max(
    atOnce,
    concurrentTrials ?? Math.max(fewestInFlight, Math.min(all, Math.ceil(total / rounds))),
  );
  const lanes = Math.min(one, window) / atOnce;
  const alike = Math.min(Math.ceil(lanes / structuresInBatch), Math.floor(total / countSeeds(spec) / fewestStructures));
  return { window, atOnce, alike: Math.max(1, alike) };
}

/** A search that cannot propose, which says nothing about the searches of other sweeps. */
class Unproposable extends Error {}

/** Whether PostgreSQL has refused the data themselves (class 22), which it will whenever they are inserted. */
const isUnstorable = (error: unknown): boolean => /^22/.test(String((error as { code?: unknown }).code));

/**
 * The searches of the sweeps that this process leads. A thread keeps them and computes; this gives it what the database knows. Each query
 * is a turn of its own: the connection is free while the thread computes.
 */
export class Searches {
  /** How many threads a sweep has lost in a row. */
  private readonly lost = new Map<string, number>();

  constructor(private readonly threads: SearchThreads) {}

  /** The next trials of a sweep that learns, and their log entry; undefined while enough of its trials are pending or running. */
  async learned(
    manager: EntityManager,
    turns: Turns,
    sweep: UnproposedSweep,
    fleet: Fleet,
  ): Promise<{ trials: NewTrial[]; log: LoggedProposal } | undefined> {
    const { window, atOnce, alike } = batching(sweep.spec, sweep, fleet);
    const room = window - (await turns.take(() => openConfigurations(manager, sweep.id)));
    // Proposing once half of the window is free fills whole batches of lanes; smaller batches only if nothing is pending.
    if (room < atOnce || (sweep.asked === null && sweep.pending > 0 && room < window / 2)) return undefined;
    const awaited = await this.open(manager, turns, sweep);
    const learned = await turns.take(() => outcomes(manager, sweep, awaited));
    const seeds = countSeeds(sweep.spec);
    const first = sweep.proposed / seeds;
    const count = Math.min(Math.floor(room / atOnce), sweep.total / seeds - first);
    const batch = { id: sweep.id, learned, first, count, alike };
    const { trials, parameters } = await this.compute('propose', batch, count);
    this.lost.delete(sweep.id);
    return { trials, log: { first, lanes: alike, learned, parameters } };
  }

  /** The next trials of a sweep whose proposals follow from its seed alone: of `count` configurations from number `first` on. */
  async drawn(
    manager: EntityManager,
    turns: Turns,
    sweep: UnproposedSweep,
    first: number,
    count: number,
  ): Promise<NewTrial[]> {
    const batch = { id: sweep.id, learned: [], first, count, alike: 1 };
    const origin = await this.originIfUnknown(manager, turns, sweep);
    const { trials } = await (origin
      ? this.compute('draw', { origin, batch }, count)
      : this.compute('propose', batch, count));
    this.lost.delete(sweep.id);
    return trials;
  }

  /** Drops a search whose proposals were not inserted; it is replayed from its log. */
  async forget(id: string): Promise<void> {
    await this.threads.propose('forget', { id });
  }

  /**
   * Drops a search that could not propose. Returns why its sweep fails; undefined if it is tried again.
   * @throws the error if it is not the sweep's own
   */
  async abandon(id: string, error: unknown): Promise<string | undefined> {
    if (error instanceof ThreadLost && error.reason !== 'closed') {
      const lost = (this.lost.get(id) ?? 0) + 1;
      this.lost.set(id, lost);
      if (lost < mostLost) return undefined;
      this.lost.delete(id);
      return `search: no trials could be proposed, in ${lost} attempts: ${error.message}`;
    }
    await this.forget(id);
    if (error instanceof ValidationError) return error.message;
    if (error instanceof Unproposable || isUnstorable(error))
      return `search: no trials could be proposed: ${(error as Error).message}`;
    throw error;
  }

  /** Calls a method of the thread. @throws Unproposable where it throws what it should not: it would again */
  private async compute<Method extends keyof SearchMethods>(
    method: Method,
    input: Parameters<SearchMethods[Method]>[0],
    configurations = 0,
  ): Promise<ReturnType<SearchMethods[Method]>> {
    try {
      return await this.threads.propose(method, input, configurations);
    } catch (error) {
      if (error instanceof ThreadLost || error instanceof ValidationError) throw error;
      throw new Unproposable((error as Error).message, { cause: error });
    }
  }

  /** Returns what the search waits for. */
  private async open(manager: EntityManager, turns: Turns, sweep: UnproposedSweep): Promise<Awaited> {
    const awaited = await this.compute('awaited', keyOf(sweep));
    return awaited ?? this.compute('open', await origin(manager, turns, sweep));
  }

  /** What opens a search that the thread does not know: one that has proposed nothing, or that it has forgotten. */
  private async originIfUnknown(
    manager: EntityManager,
    turns: Turns,
    sweep: UnproposedSweep,
  ): Promise<SearchOrigin | undefined> {
    const isKnown = sweep.proposed > 0 && (await this.compute('awaited', keyOf(sweep))) !== undefined;
    return isKnown ? undefined : origin(manager, turns, sweep);
  }
}

const keyOf = ({ id, spec, proposed, edits }: UnproposedSweep): SearchKey => ({
  ...{ id, proposed },
  name: `${edits} ${shortHash(spec)}`,
});

async function origin(manager: EntityManager, turns: Turns, sweep: UnproposedSweep): Promise<SearchOrigin> {
  const { id, teamId, spec, earlier, datasets } = sweep;
  const stretch = await turns.take(() => lastStretch(manager, sweep));
  const log = learns(spec) ? await turns.take(() => loggedProposals(manager, id, stretch.first)) : [];
  return { ...keyOf(sweep), teamId, stretch, earlier, datasets, log };
}

/**
 * The outcomes that a search has not learned yet, as they are logged: of those of the configurations in flight that have ended, and of
 * those that had no value and were retried, once they have one; or, if stopped configurations may resume, of all that have reached a rung
 * since.
 */
async function outcomes(
  manager: EntityManager,
  { id, objective, spec }: UnproposedSweep,
  { inFlight, valueless, learned }: Awaited,
): Promise<LoggedProposal['learned']> {
  if (spec.stopping && isResuming(spec.stopping.rule)) return arrived(manager, id, learned);
  const seeds = countSeeds(spec);
  const retried = valueless.length > 0 ? await retriedConfigurations(manager, id, valueless) : [];
  const numbers = [...inFlight, ...retried].flatMap((each) =>
    Array.from({ length: seeds }, (_, seed) => each * seeds + seed),
  );
  const several = spec.objectives?.slice(1);
  const ended = await finishedConfigurations(manager, id, numbers, several !== undefined);
  const again = new Set(retried);
  const finished = ended.filter(({ configuration, value }) => value !== null || !again.has(configuration));
  const sign = goalSign(objective);
  return finished.map(({ configuration: number, value, share, metrics }) => {
    const signed = value === null ? null : value * sign;
    const others = several?.map((each) => (value === null ? null : meanScore(each, metrics ?? [])));
    return others ? [number, signed, share, others] : [number, signed, share];
  });
}

/** The outcomes of a sweep's arrivals at rungs, in order, from number `first` on. */
async function arrived(manager: EntityManager, id: string, first: number): Promise<LoggedProposal['learned']> {
  const arrivals = await arrivalsOf(manager, id, first);
  return arrivals.map(({ configuration, score, share }) => [
    configuration,
    Number.isFinite(score) ? score : null,
    share,
  ]);
}

/** Whether a sweep's proposals depend on the results of its trials. */
export const learns = (spec: SweepSpec): boolean => chooseSampler(spec).sampler.learns;
