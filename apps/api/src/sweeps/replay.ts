import { isExploiting, type Objective, type Replay, type SweepSpec } from '@unroll/contracts';
import {
  loggedProposals,
  proposedTrials,
  sweepTurns,
  sweepVerdicts,
  type EarlierConfiguration,
} from '@unroll/database';
import { chooseSampler } from '@unroll/search';
import type { DataSource } from 'typeorm';
import type { SearchThreads } from '../search/search-threads';

interface Sweep {
  id: string;
  spec: SweepSpec;
  objective: Objective;
  earlier: readonly EarlierConfiguration[];
}

/**
 * Recomputes a sweep's proposals and verdicts from its log, in a thread, and counts where they differ from what was logged.
 * The reasons in words are not compared, since a later version may phrase them differently. Writes nothing.
 */
export async function replaySweep(
  dataSource: DataSource,
  threads: SearchThreads,
  { id, spec, objective, earlier }: Sweep,
): Promise<Replay> {
  const proposals = chooseSampler(spec).sampler.learns
    ? await threads.background('replayLearning', { spec, earlier, log: await loggedProposals(dataSource, id) })
    : await threads.background('replayDraws', { spec, drawn: await proposedTrials(dataSource, id) });
  const verdicts =
    spec.stopping && isExploiting(spec.stopping.rule)
      ? await threads.background('replayTurns', { spec, rungs: await sweepTurns(dataSource, id) })
      : await threads.background('replayVerdicts', { spec, objective, verdicts: await sweepVerdicts(dataSource, id) });
  return { proposals, verdicts };
}
