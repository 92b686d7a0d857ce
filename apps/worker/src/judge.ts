import {
  curvesOf,
  insertVerdict,
  judgedTrials,
  lockRung,
  pruneTrials,
  verdictsAt,
  type AttemptWork,
  type Judge,
  type JudgedTrial,
} from '@unroll/database';
import { decideAt, meanCurve, rungAt, wholeStopping } from '@unroll/search';
import type { EntityManager } from 'typeorm';

/** A report that stands at a rung. */
interface Hit {
  trial: JudgedTrial;
  rung: number;
  update: number;
}

/**
 * Asks the stopping rules of the sweeps about what was just written, in the same transaction. Adds to `stopped` the attempts that
 * were ended; they are pruned, and what their lanes still do is refused.
 */
export function judge(stopped: string[]): Judge {
  return async (manager, accepted) => {
    if (accepted.length === 0) return;
    const trials = await judgedTrials(
      manager,
      accepted.map(({ trialId }) => trialId),
    );
    if (trials.length === 0) return;
    const byTrial = new Map(accepted.map((work) => [work.trialId, work]));
    const reasons = new Map<string, string>();
    for (const trial of trials)
      if (trial.stopped) reasons.set(nameOf(trial), 'stopped with another seed of its configuration');
    const hits = trials.flatMap((trial) => hitsOf(trial, byTrial.get(trial.trialId)!));
    // In one order everywhere: two batches that meet at two rungs must not wait for each other.
    hits.sort((a, b) => compareText(a.trial.sweepId, b.trial.sweepId) || a.rung - b.rung);
    for (const hit of hits) {
      if (reasons.has(nameOf(hit.trial))) continue;
      const reason = await judgeAt(manager, hit);
      if (reason !== undefined) reasons.set(nameOf(hit.trial), reason);
    }
    for (const trial of trials) {
      const { attemptId, end } = byTrial.get(trial.trialId)!;
      const reason = reasons.get(nameOf(trial));
      // What has ended by itself keeps its result.
      if (reason === undefined || end) continue;
      await pruneTrials(manager, [attemptId], reason);
      stopped.push(attemptId);
    }
  };
}

const nameOf = ({ sweepId, configuration }: JudgedTrial): string => `${sweepId} ${configuration}`;
const compareText = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0);

function hitsOf(trial: JudgedTrial, { curves }: AttemptWork): Hit[] {
  const stopping = wholeStopping(trial.stopping);
  const { updates = [] } = curves.find(({ name }) => name === trial.objective.metric) ?? {};
  return updates.flatMap((update) => {
    const at = { update, every: trial.reportEvery, last: trial.updates ?? Infinity };
    const rung = rungAt(stopping, trial.configuration, at);
    return rung === undefined ? [] : [{ trial, rung, update }];
  });
}

/** The reason to stop, where there is one. Undefined too while a seed of the configuration has not come to the rung. */
async function judgeAt(manager: EntityManager, { trial, rung, update }: Hit): Promise<string | undefined> {
  const { sweepId, configuration, objective } = trial;
  const stopping = wholeStopping(trial.stopping);
  await lockRung(manager, sweepId, rung);
  const before = await verdictsAt(manager, sweepId, rung);
  const earlier = before.find((each) => each.configuration === configuration);
  const curve = meanCurve(await curvesOf(manager, trial), update);
  if (!earlier && !curve) return undefined;
  const decided = earlier ?? decideAt(stopping, objective.goal, { configuration, rung, curve: curve! }, before);
  if (!earlier) {
    const [updates, values] = [curve!.map((point) => point.update), curve!.map(({ value }) => value)];
    await insertVerdict(manager, sweepId, rung, { ...decided, configuration, update, updates, values });
  }
  return decided.decision === 'stop' ? `${stopping.rule} at update ${update}: ${decided.why}` : undefined;
}
