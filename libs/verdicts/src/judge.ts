import {
  insertLaterVerdict,
  insertVerdict,
  judgedCurve,
  judgedTrials,
  lockRung,
  pruneTrials,
  seedCurves,
  verdictsAt,
  type AttemptWork,
  type Judge,
  type JudgedTrial,
} from '@unroll/database';
import {
  arrivalsNeeded,
  decideAt,
  meanCurve,
  reconsider,
  rungAt,
  wholeStopping,
  type CurvePoint,
  type Stopping,
  type Verdict,
} from '@unroll/search';
import type { EntityManager } from 'typeorm';
import { resumeConfigurations } from './resume-configurations';
import { turnPopulations } from './turn-populations';

/** A report at a rung, or after the last one that its configuration passed. */
interface Hit {
  trial: JudgedTrial;
  rung: number;
  update: number;
  /** The fraction of the training; null if its length is not known. */
  share: number | null;
  isLater: boolean;
}

/**
 * Asks the stopping rules of the sweeps about what was just written, in the same transaction. Returns the attempts that were pruned; later
 * results of their lanes are refused. Attempts that end at a rung are ended there.
 */
export const judge: Judge = async (manager, accepted) => {
  if (accepted.length === 0) return [];
  await turnPopulations(manager, accepted);
  await resumeConfigurations(manager, accepted);
  const trials = await judgedTrials(
    manager,
    accepted.map(({ trialId }) => trialId),
  );
  if (trials.length === 0) return [];
  const byTrial = new Map(accepted.map((work) => [work.trialId, work]));
  const reasons = await reasonsToPrune(manager, trials, byTrial);
  const pruned: string[] = [];
  for (const trial of trials) {
    const { attemptId, end } = byTrial.get(trial.trialId)!;
    const reason = reasons.get(configurationKey(trial));
    // A trial that has finished keeps its result.
    if (reason === undefined || end) continue;
    await pruneTrials(manager, [attemptId], reason);
    pruned.push(attemptId);
  }
  return pruned;
};

/** Why configurations are to be pruned, by their names. */
async function reasonsToPrune(
  manager: EntityManager,
  trials: readonly JudgedTrial[],
  byTrial: ReadonlyMap<string, AttemptWork>,
): Promise<Map<string, string>> {
  const reasons = new Map<string, string>();
  for (const trial of trials)
    if (trial.stopped) reasons.set(configurationKey(trial), 'stopped with another seed of its configuration');
  const hits = trials.flatMap((trial) => findHits(trial, byTrial.get(trial.trialId)!));
  // The same order everywhere: two batches that meet at two rungs must not wait for each other.
  hits.sort((a, b) => compareText(a.trial.sweepId, b.trial.sweepId) || a.rung - b.rung);
  for (const hit of hits) {
    if (reasons.has(configurationKey(hit.trial))) continue;
    const reason = hit.isLater ? await judgeLater(manager, hit) : await judgeAt(manager, hit);
    if (reason !== undefined) reasons.set(configurationKey(hit.trial), reason);
  }
  return reasons;
}

const configurationKey = ({ sweepId, configuration }: JudgedTrial): string => `${sweepId} ${configuration}`;
const compareText = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0);

function findHits(trial: JudgedTrial, { curves, updatesPerEpoch }: AttemptWork): Hit[] {
  const stopping = wholeStopping(trial.stopping);
  const { updates = [] } = curves.find(({ name }) => name === trial.objective.metric) ?? {};
  const { reportEvery: every, updates: last = Infinity, epochs = NaN } = trial.training;
  const length = Number.isFinite(last) ? last : epochs * (updatesPerEpoch ?? NaN);
  const shareAt = (update: number): number | null => (length > 0 ? Math.min(1, update / length) : null);
  const hits = updates.flatMap((update) => {
    const perUnit = updatesPerUnit(stopping.unit, trial, updatesPerEpoch);
    const at = { update, every, last, perUnit };
    const rung = rungAt(stopping, trial.configuration, at);
    return rung === undefined ? [] : [{ trial, rung, update, share: shareAt(update), isLater: false }];
  });
  const update = updates.at(-1);
  if (hits.length > 0 || !trial.passed || update === undefined || arrivalsNeeded(stopping) === 0) return hits;
  return [{ trial, rung: trial.passed.rung, update, share: shareAt(update), isLater: true }];
}

/** Updates that one unit of a rule takes. */
function updatesPerUnit(
  unit: Stopping['unit'],
  { training: { batchSize, bptt } }: JudgedTrial,
  updatesPerEpoch = NaN,
): number {
  if (unit === 'updates') return 1;
  if (unit === 'epochs') return updatesPerEpoch;
  // Every stream advances by k1 tokens an update.
  return 1 / (batchSize * (typeof bptt === 'object' ? bptt.k1 : Number(bptt)));
}

/** The reason to stop, if there is one. Also undefined while a seed of the configuration has not reached the rung. */
async function judgeAt(manager: EntityManager, hit: Hit): Promise<string | undefined> {
  const { trial, rung, update } = hit;
  await lockRung(manager, trial.sweepId, rung);
  const before = await verdictsAt(manager, trial.sweepId, rung);
  const earlier = before.find(({ configuration }) => configuration === trial.configuration);
  const decided = earlier ?? (await decide(manager, hit, before));
  return decided?.decision === 'stop' ? `${trial.stopping.rule} at update ${update}: ${decided.why}` : undefined;
}

/** The reason to stop after a rung that the configuration passed as one of the first, if there is one. Logs it. */
async function judgeLater(manager: EntityManager, { trial, rung, update }: Hit): Promise<string | undefined> {
  const { sweepId, configuration } = trial;
  const stopping = wholeStopping(trial.stopping);
  await lockRung(manager, sweepId, rung);
  const arrivals = await verdictsAt(manager, sweepId, rung, arrivalsNeeded(stopping));
  const why = reconsider(stopping, configuration, arrivals);
  if (why === undefined) return undefined;
  await insertLaterVerdict(manager, { sweepId, configuration, rung }, { seen: arrivals.length, update, why });
  return `${trial.stopping.rule} at update ${update}, judged again on update ${trial.passed!.update}: ${why}`;
}

/** Decides and logs the verdict if all seeds have reached the rung. It keeps the curve of earlier verdicts, and adds the points since. */
async function decide(
  manager: EntityManager,
  { trial, rung, update, share }: Hit,
  before: Awaited<ReturnType<typeof verdictsAt>>,
): Promise<Verdict | undefined> {
  const { sweepId, configuration, objective } = trial;
  const whole = meanCurve(await seedCurves(manager, { sweepId, configuration, metric: objective.metric }), update);
  if (!whole) return undefined;
  const known = await judgedCurve(manager, trial);
  const seen = known.updates.map((each, index): CurvePoint => ({ update: each, value: known.values[index]! }));
  const added = whole.filter((point) => point.update > (known.updates.at(-1) ?? 0));
  const report = { configuration, rung, curve: [...seen, ...added] };
  const verdict = decideAt(wholeStopping(trial.stopping), objective.goal, report, before);
  const [updates, values] = [added.map((point) => point.update), added.map(({ value }) => value)];
  await insertVerdict(manager, sweepId, rung, { ...verdict, configuration, update, updates, values, share });
  return verdict;
}
