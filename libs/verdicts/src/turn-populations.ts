import { goalSign, withFingerprints } from '@unroll/contracts';
import {
  insertTurns,
  lockRung,
  metricsAt,
  populationTrials,
  releaseAtRung,
  turnsAt,
  type AttemptWork,
  type LoggedTurn,
  type PopulationTrial,
  type Released,
} from '@unroll/database';
import { fusionSignature, rungAfter, toMember, turnAt, wholeStopping, type Turn } from '@unroll/search';
import type { EntityManager } from 'typeorm';

/** A trial that reached a rung, and the attempt that brought it there. */
interface Arrival {
  trial: PopulationTrial;
  attemptId: string;
  checkpoint: string;
  update: number;
}

/**
 * Decides how trials that reached a rung of their population continue, in the transaction that writes their metrics there: from their
 * own state, or from another trial's with changed parameters (exploit and explore). Their attempts end, and the next claim continues
 * from what the rows say. Trials of one batch see each other: lanes of one trainer arrive together.
 */
export async function turnPopulations(manager: EntityManager, accepted: readonly AttemptWork[]): Promise<void> {
  const came = accepted.filter(({ rung }) => rung);
  if (came.length === 0) return;
  const trials = await populationTrials(
    manager,
    came.map(({ trialId }) => trialId),
  );
  const byRung = new Map<string, Arrival[]>();
  for (const trial of trials) {
    const { attemptId, rung } = came.find(({ trialId }) => trialId === trial.trialId)!;
    const key = `${trial.sweepId} ${String(rungNumber(trial, rung!.update)).padStart(9, '0')}`;
    byRung.set(key, [...(byRung.get(key) ?? []), { trial, attemptId, ...rung! }]);
  }
  // The same order everywhere, as for other rungs.
  for (const key of [...byRung.keys()].sort()) await turnTogether(manager, byRung.get(key)!);
}

const rungNumber = ({ spec, reportEvery }: PopulationTrial, update: number): number =>
  rungAfter(wholeStopping(spec.stopping), update, reportEvery).rung - 1;

async function turnTogether(manager: EntityManager, arrivals: readonly Arrival[]): Promise<void> {
  const [{ trial: first, update }] = arrivals as [Arrival];
  const { sweepId } = first;
  const rung = rungNumber(first, update);
  await lockRung(manager, sweepId, rung);
  const before = await turnsAt(manager, sweepId, rung);
  const known = new Set(before.map(({ configuration }) => configuration));
  // The first turn counts: a trial that had to start over just continues.
  const fresh = arrivals.filter(({ trial }) => !known.has(trial.configuration));
  const added = await enter(manager, fresh);
  const all = [...before, ...added];
  const turns = new Map<number, Turn>();
  for (const entry of added) {
    const turn = turnAt(first.spec, wholeStopping(first.spec.stopping), rung, entry.configuration, all.map(toMember));
    turns.set(entry.configuration, turn);
    const changed = turn.changed?.parameters ?? null;
    Object.assign(entry, { ...turn, changed, seen: all.length });
  }
  await insertTurns(manager, sweepId, rung, added);
  await releaseAtRung(
    manager,
    arrivals.map((arrival) => releasedBy(arrival, turns.get(arrival.trial.configuration), all)),
  );
}

/** The log entries of arrivals, without their turns. */
async function enter(manager: EntityManager, arrivals: readonly Arrival[]): Promise<LoggedTurn[]> {
  const ids = arrivals.map(({ trial }) => trial.trialId);
  const measured = arrivals.length > 0 ? await metricsAt(manager, ids, arrivals[0]!.update) : new Map();
  return arrivals.map(({ trial, checkpoint, update }): LoggedTurn => {
    const { configuration, objective, parameters, trialId } = trial;
    const metrics = measured.get(trialId) as Record<string, number>;
    const reached = metrics[objective.metric] ?? NaN;
    const value = Number.isFinite(reached) ? reached : NaN;
    const score = value * goalSign(objective);
    const open = { decision: 'continue', why: '', seen: 0, source: null, changed: null } as const;
    return { configuration, update, value, score, checkpoint, metrics: finite(metrics), parameters, ...open };
  });
}

const finite = (metrics: Record<string, number>): Record<string, number> =>
  Object.fromEntries(Object.entries(metrics).filter(([, value]) => Number.isFinite(value)));

function releasedBy(arrival: Arrival, turn: Turn | undefined, all: readonly LoggedTurn[]): Released {
  const { attemptId, checkpoint, update, trial } = arrival;
  const own = { attemptId, trialId: trial.trialId, checkpoint, update };
  const at = `population at update ${update}:`;
  if (!turn) return { ...own, message: `${at} it had reached this rung before` };
  const message = `${at} ${turn.why}`;
  if (turn.decision === 'continue') return { ...own, message };
  const source = all.find(({ configuration }) => configuration === turn.source)!;
  const { parameters } = turn.changed;
  const spec = withFingerprints(turn.changed.spec, trial.datasets);
  const signature = fusionSignature(spec, trial.fingerprint);
  const changed = { spec, parameters, signature, adopted: { update, metrics: source.metrics } };
  return { ...own, checkpoint: source.checkpoint!, message, changed };
}
