import { isExploiting, isResuming, type Objective, type Replay, type SweepSpec } from '@unroll/contracts';
import {
  arrivalsOf,
  loggedProposals,
  proposedTrials,
  sweepPairedTests,
  sweepTurns,
  sweepVerdicts,
  type EarlierConfiguration,
} from '@unroll/database';
import { chooseSampler } from '@unroll/search';
import type { DataSource } from 'typeorm';
import { stretches } from '../scheduler/stretches';
import type { SearchThreads } from '../search/search-threads';

type Part = Replay['proposals'];

interface Sweep {
  id: string;
  spec: SweepSpec;
  objective: Objective;
  earlier: readonly EarlierConfiguration[];
  edits: number;
  configurations: number;
}

/**
 * Recomputes a sweep's proposals and verdicts from its log, in a thread, and counts where they differ from what was logged.
 * The reasons in words are not compared, since a later version may phrase them differently. Writes nothing.
 */
export async function replaySweep(dataSource: DataSource, threads: SearchThreads, sweep: Sweep): Promise<Replay> {
  return {
    proposals: await replayProposals(dataSource, threads, sweep),
    verdicts: await replayDecisions(dataSource, threads, sweep),
  };
}

/** Replays what was decided at rungs. */
async function replayDecisions(dataSource: DataSource, threads: SearchThreads, sweep: Sweep): Promise<Part> {
  const { id, spec, objective, configurations } = sweep;
  const rule = spec.stopping?.rule ?? 'none';
  if (isExploiting(rule)) return threads.background('replayTurns', { spec, rungs: await sweepTurns(dataSource, id) });
  if (isResuming(rule))
    return threads.background('replayResumed', { spec, configurations, arrivals: await arrivalsOf(dataSource, id) });
  return threads.background('replayVerdicts', {
    ...{ spec, objective, verdicts: await sweepVerdicts(dataSource, id) },
    pairedTests: await sweepPairedTests(dataSource, id),
  });
}

/** Replays one search for each stretch between two edits. */
async function replayProposals(dataSource: DataSource, threads: SearchThreads, sweep: Sweep): Promise<Part> {
  const { id, earlier } = sweep;
  const sum: Part = { count: 0, different: 0, first: null };
  for (const stretch of await stretches(dataSource, sweep)) {
    const { first, end } = stretch;
    const part = chooseSampler(stretch.spec).sampler.learns
      ? await threads.background('replayLearning', {
          ...{ stretch, earlier, log: await loggedProposals(dataSource, id, first, end) },
        })
      : await threads.background('replayDraws', {
          ...{ stretch, earlier, drawn: await proposedTrials(dataSource, id, first, end) },
        });
    sum.count += part.count;
    sum.different += part.different;
    sum.first ??= part.first;
  }
  return sum;
}
