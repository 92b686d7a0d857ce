import { isExploiting, type Objective, type Replay, type SweepSpec } from '@unroll/contracts';
import {
  loggedProposals,
  proposedTrials,
  sweepPairedTests,
  sweepTurns,
  sweepVerdicts,
  type EarlierConfiguration,
} from '@unroll/database';
import {
  canonical,
  chooseSampler,
  comparePairs,
  decideAt,
  reconsider,
  toMember,
  SweepSearch,
  turnAt,
  wholeStopping,
  type CurvePoint,
} from '@unroll/search';
import type { DataSource } from 'typeorm';

interface Sweep {
  id: string;
  spec: SweepSpec;
  objective: Objective;
  earlier: readonly EarlierConfiguration[];
}

type Part = Replay['proposals'];

/**
 * Recomputes a sweep's proposals and verdicts from its log, and counts where they differ from what was logged.
 * The reasons in words are not compared, since a later version may phrase them differently. Writes nothing.
 */
export async function replaySweep(dataSource: DataSource, sweep: Sweep): Promise<Replay> {
  const proposals = chooseSampler(sweep.spec).sampler.learns
    ? await replayLearning(dataSource, sweep)
    : await replayDraws(dataSource, sweep);
  const { stopping } = sweep.spec;
  const replay = stopping && isExploiting(stopping.rule) ? replayTurns : replayVerdicts;
  return { proposals, verdicts: await replay(dataSource, sweep) };
}

class Differences implements Part {
  count = 0;
  different = 0;
  first: string | null = null;

  compare(what: string, logged: unknown, again: unknown): void {
    this.count += 1;
    if (canonical(logged) === canonical(again)) return;
    this.different += 1;
    this.first ??= `${what}: logged ${canonical(logged)}, replayed ${canonical(again)}`;
  }
}

/** Replays a learning search with the results that it was given. */
async function replayLearning(dataSource: DataSource, { id, spec, earlier }: Sweep): Promise<Part> {
  const search = new SweepSearch(spec);
  search.learnFrom(earlier);
  const result = new Differences();
  for (const { first, lanes, learned, parameters } of await loggedProposals(dataSource, id)) {
    for (const [number, value, share, others] of learned) search.learn({ number, value, share, others });
    for (const [index, again] of search.propose(first, parameters.length, lanes).entries())
      result.compare(`configuration ${first + index}`, parameters[index], again.parameters);
    // Later proposals depend on what was logged, not on what was replayed.
    for (const [index, each] of parameters.entries()) search.recall({ number: first + index, parameters: each });
  }
  return { count: result.count, different: result.different, first: result.first };
}

async function replayDraws(dataSource: DataSource, { id, spec }: Sweep): Promise<Part> {
  const search = new SweepSearch(spec);
  const result = new Differences();
  for (const { configuration, parameters } of await proposedTrials(dataSource, id))
    result.compare(`configuration ${configuration}`, parameters, search.propose(configuration, 1)[0]!.parameters);
  return { count: result.count, different: result.different, first: result.first };
}

async function replayVerdicts(dataSource: DataSource, { id, spec, objective }: Sweep): Promise<Part> {
  const stopping = wholeStopping(spec.stopping ?? { rule: 'none' });
  const result = new Differences();
  const before = new Map<number, { configuration: number; score: number }[]>();
  const curves = new Map<number, CurvePoint[]>();
  const verdicts = await sweepVerdicts(dataSource, id);
  for (const { rung, configuration, updates, values, score, decision } of verdicts) {
    const earlier = before.get(rung) ?? [];
    before.set(rung, earlier);
    const added = updates.map((update, index) => ({ update, value: values[index]! }));
    const curve = [...(curves.get(configuration) ?? []), ...added];
    curves.set(configuration, curve);
    const again = decideAt(stopping, objective.goal, { configuration, rung, curve }, earlier);
    const now = { score: again.score, decision: again.decision };
    result.compare(`configuration ${configuration} at rung ${rung}`, { score, decision }, now);
    earlier.push({ configuration, score });
  }
  for (const { rung, configuration, laterSeen } of verdicts) {
    if (laterSeen === null) continue;
    const again = reconsider(stopping, configuration, before.get(rung)!.slice(0, laterSeen));
    result.compare(
      `configuration ${configuration} after rung ${rung}`,
      'stop',
      again === undefined ? 'continue' : 'stop',
    );
  }
  for (const { configuration, seeds, values, against, againstValues, p, decision } of await sweepPairedTests(
    dataSource,
    id,
  )) {
    const pairs = { values, against: { configuration: against, values: againstValues } };
    const again = comparePairs(stopping.pThreshold, objective.goal, pairs);
    const now = { p: again.p, decision: again.decision };
    result.compare(`configuration ${configuration} after ${seeds} seeds`, { p, decision }, now);
  }
  return { count: result.count, different: result.different, first: result.first };
}

/** Replays the turns of a population, each from the members that had reached the rung by then. */
async function replayTurns(dataSource: DataSource, { id, spec }: Sweep): Promise<Part> {
  const stopping = wholeStopping(spec.stopping);
  const result = new Differences();
  for (const [rung, turns] of await sweepTurns(dataSource, id))
    for (const { configuration, seen, decision, source, changed } of turns) {
      const again = turnAt(spec, stopping, rung, configuration, turns.slice(0, seen).map(toMember));
      const logged = { decision, source, changed };
      const now = { decision: again.decision, source: again.source, changed: again.changed?.parameters ?? null };
      result.compare(`configuration ${configuration} at rung ${rung}`, logged, now);
    }
  return { count: result.count, different: result.different, first: result.first };
}
