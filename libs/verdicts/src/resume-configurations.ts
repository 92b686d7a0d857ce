import { goalSign } from '@unroll/contracts';
import {
  arrivalsOf,
  freezeTrials,
  hasFailed,
  insertArrivals,
  lockRung,
  logResumed,
  otherTrials,
  releaseAtRung,
  resumingTrials,
  seedCurves,
  thawConfigurations,
  type AttemptWork,
  type LoggedArrival,
  type ResumingTrial,
} from '@unroll/database';
import { chooseNext, countSeeds, lastRung, meanCurve, nextRung, wholeStopping, type Choice } from '@unroll/search';
import type { EntityManager } from 'typeorm';

/** A trial that has reached a rung or ended, and what its attempt wrote. */
interface Event {
  trial: ResumingTrial;
  work: AttemptWork;
}

/**
 * Decides which configurations of a sweep resume when some have reached a rung or ended, in the transaction that writes their metrics: as
 * many as have left their lanes, of all that are stopped, those that have just arrived among them. The attempts end, and the next claim
 * continues from what the rows say.
 */
export async function resumeConfigurations(manager: EntityManager, accepted: readonly AttemptWork[]): Promise<void> {
  const ended = new Map(accepted.filter(({ rung, end }) => rung ?? end).map((work) => [work.trialId, work]));
  if (ended.size === 0) return;
  const bySweep = new Map<string, Event[]>();
  for (const trial of await resumingTrials(manager, [...ended.keys()])) {
    const events = bySweep.get(trial.sweepId) ?? [];
    bySweep.set(trial.sweepId, [...events, { trial, work: ended.get(trial.trialId)! }]);
  }
  // The same order everywhere, as for other rungs.
  for (const sweepId of [...bySweep.keys()].sort()) await decideTogether(manager, sweepId, bySweep.get(sweepId)!);
}

async function decideTogether(manager: EntityManager, sweepId: string, events: readonly Event[]): Promise<void> {
  await lockRung(manager, sweepId, 0);
  const before = await arrivalsOf(manager, sweepId);
  const added = await enter(manager, events, before);
  const arrivals = [...before, ...added];
  const choices = added.length === 0 ? [] : await choose(manager, events, arrivals, added.length);
  const chosen = new Map(choices.map((choice) => [choice.configuration, choice.why]));
  for (const arrival of added) {
    arrival.seen = arrivals.length;
    const why = arrival.decision === 'stop' ? chosen.get(arrival.configuration) : undefined;
    if (why !== undefined) Object.assign(arrival, { decision: 'continue', why });
  }
  const own = new Set(added.map(({ configuration }) => configuration));
  await logResumed(
    manager,
    sweepId,
    choices.filter(({ configuration }) => !own.has(configuration)),
    arrivals.length,
  );
  await insertArrivals(manager, sweepId, added);
  await endAttempts(manager, events, arrivals, new Set(chosen.keys()));
  // Of a configuration that has just arrived, the other seeds have stopped before.
  await thawConfigurations(manager, sweepId, choices);
}

/**
 * The log entries of the configurations that have arrived with all of their seeds, each as stopped. The rungs of a configuration never
 * descend: its last arrival is where it stands.
 */
async function enter(
  manager: EntityManager,
  events: readonly Event[],
  before: readonly LoggedArrival[],
): Promise<LoggedArrival[]> {
  const added: LoggedArrival[] = [];
  for (const event of events) {
    const { configuration, spec } = event.trial;
    const own = [...before, ...added].filter((each) => each.configuration === configuration);
    const reached = own.findLast(({ score }) => !Number.isNaN(score));
    const { rung, update, share } = place(event, reached?.update ?? 0);
    // The first arrival with a value counts, there or later: a trial that had to start over just continues.
    if (reached && rung <= reached.rung) continue;
    const score = await scoreAt(manager, event, update);
    if (score === undefined) continue;
    const isRepeated = Number.isNaN(score) && own.at(-1)?.rung === rung;
    if (isRepeated) continue;
    // Also where the other seed failed after it had come as far.
    if (!Number.isNaN(score) && countSeeds(spec) > 1 && (await hasFailed(manager, event.trial))) continue;
    const isOver = event.work.end !== undefined;
    const why = isOver ? event.work.end!.trialState : 'others are expected to gain more';
    const decision = isOver ? 'continue' : 'stop';
    added.push({ configuration, rung, update, score, share, decision, why, seen: 0, laterSeen: null });
  }
  return added;
}

/** A rung that was reached, its update, and the fraction of the training there. */
interface Place {
  rung: number;
  update: number;
  share: number;
}

/** The rung that a trial has reached: the last one if it has completed, the one after update `reached` if it has ended otherwise. */
function place({ trial, work }: Event, reached: number): Place {
  const { spec, reportEvery } = trial;
  const stopping = wholeStopping(spec.stopping);
  const length = trial.updates ?? Math.ceil(trial.epochs! * (work.updatesPerEpoch ?? work.updates));
  if (work.end?.trialState === 'completed')
    return { rung: lastRung(stopping, length, reportEvery), update: length, share: 1 };
  const next = nextRung(stopping, work.rung ? work.rung.update - 1 : reached, reportEvery);
  return { ...next, share: Math.min(1, next.update / length) };
}

/** The best value of a configuration so far, lower is better; NaN if a seed has none, undefined while a seed has not come as far. */
async function scoreAt(
  manager: EntityManager,
  { trial: { sweepId, configuration, objective }, work }: Event,
  update: number,
): Promise<number | undefined> {
  if (work.end && work.end.trialState !== 'completed') return NaN;
  const curves = await seedCurves(manager, { sweepId, configuration, metric: objective.metric });
  const whole = meanCurve(curves, Math.min(update, work.updates));
  if (!whole) return undefined;
  const values = whole.map(({ value }) => value * goalSign(objective)).filter(Number.isFinite);
  return values.length === 0 ? NaN : Math.min(...values);
}

async function choose(
  manager: EntityManager,
  events: readonly Event[],
  arrivals: readonly LoggedArrival[],
  places: number,
): Promise<Choice[]> {
  const [{ trial }] = events as [Event];
  const { sweepId, spec, configurations, unproposed } = trial;
  const last = new Map(arrivals.map((arrival) => [arrival.configuration, arrival]));
  const stopped = [...last.values()]
    .filter(({ decision, laterSeen }) => decision === 'stop' && laterSeen === null)
    .map(({ configuration }) => configuration);
  const ids = events.map((event) => event.trial.trialId);
  const others = unproposed > 0 ? undefined : await otherTrials(manager, sweepId, ids);
  const must = others !== undefined && others.open === 0 && others.completed === 0;
  return chooseNext({ arrivals, stopped, configurations, seed: spec.search.seed }, places, must);
}

/** Ends the attempts at a rung: trials of configurations that continue can be claimed again, the others are stopped. */
async function endAttempts(
  manager: EntityManager,
  events: readonly Event[],
  arrivals: readonly LoggedArrival[],
  chosen: ReadonlySet<number>,
): Promise<void> {
  const last = new Map(arrivals.map((arrival) => [arrival.configuration, arrival]));
  const ends = events.flatMap(({ trial: { trialId, configuration, spec }, work: { attemptId, rung } }) => {
    if (!rung) return [];
    const arrival = last.get(configuration);
    const isWaiting = !arrival || arrival.update < rung.update;
    const why = isWaiting ? `waits for the other ${countSeeds(spec) - 1} seeds of its configuration` : arrival.why;
    const continues = !isWaiting && (chosen.has(configuration) || arrival.decision === 'continue');
    return [{ attemptId, trialId, ...rung, message: `freeze-thaw at update ${rung.update}: ${why}`, continues }];
  });
  const [continuing, frozen] = [ends.filter((end) => end.continues), ends.filter((end) => !end.continues)];
  if (continuing.length > 0) await releaseAtRung(manager, continuing);
  if (frozen.length > 0) await freezeTrials(manager, frozen);
}
