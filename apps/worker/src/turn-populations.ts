import { signOf } from '@unroll/contracts';
import {
  insertTurns,
  lockRung,
  measuredAt,
  populationTrials,
  releaseAtRung,
  turnsAt,
  type AttemptWork,
  type LoggedTurn,
  type PopulationTrial,
  type Released,
} from '@unroll/database';
import { fusionSignature, rungAfter, memberOf, turnAt, wholeStopping, type Turn } from '@unroll/search';
import type { EntityManager } from 'typeorm';

/** A trial that has reached a rung, and its attempt. */
interface Arrival {
  trial: PopulationTrial;
  attemptId: string;
  checkpoint: string;
  update: number;
}

/**
 * Decides how trials that have reached a rung of their population continue: from their own checkpoint, or from a copy of another's with
 * changed parameters (exploit and explore). Runs in the transaction that writes their metrics at the rung. Their attempts end; the next
 * claim continues from the rows. Trials of one batch see each other, as lanes of one trainer reach a rung together.
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
  // In the same order everywhere, so that batches do not deadlock.
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
  // The first turn counts: a trial that started over and reaches the rung again just continues.
  const fresh = arrivals.filter(({ trial }) => !known.has(trial.configuration));
  const added = await toEntries(manager, fresh);
  const all = [...before, ...added];
  const turns = new Map<number, Turn>();
  for (const entry of added) {
    const turn = turnAt(first.spec, wholeStopping(first.spec.stopping), rung, entry.configuration, all.map(memberOf));
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

/** Log entries of trials that reach the rung, without their turns. */
async function toEntries(manager: EntityManager, arrivals: readonly Arrival[]): Promise<LoggedTurn[]> {
  const ids = arrivals.map(({ trial }) => trial.trialId);
  const measured = arrivals.length > 0 ? await measuredAt(manager, ids, arrivals[0]!.update) : new Map();
  return arrivals.map(({ trial, checkpoint, update }): LoggedTurn => {
    const { configuration, objective, parameters, trialId } = trial;
    const metrics = measured.get(trialId) as Record<string, number>;
    const reached = metrics[objective.metric] ?? NaN;
    const value = Number.isFinite(reached) ? reached : NaN;
    const score = value * signOf(objective);
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
  const { spec, parameters } = turn.changed;
  const signature = fusionSignature(spec, trial.fingerprint);
  const changed = { spec, parameters, signature, adopted: { update, metrics: source.metrics } };
  return { ...own, checkpoint: source.checkpoint!, message, changed };
}
