import { labelsText, type Labels, type SweepSpec, type WaitingView } from '@unroll/contracts';
import { hasWorkerWith, type FleetUse, type QuotaUse, type WaitingSweep } from '@unroll/database';
import type { DataSource } from 'typeorm';

type Why = Pick<WaitingView, 'reason' | 'text'>;

const trials = (count: number): string => (count === 1 ? '1 trial' : `${count} trials`);
const trainers = (count: number): string => (count === 1 ? '1 trainer' : `${count} trainers`);
const gigabytes = (bytes: number): string => `${(bytes / 1e9).toPrecision(3)} GB`;
const largestText = (largest: number | null): string =>
  largest === null ? 'and none has told its own' : `and the largest has ${gigabytes(largest)}`;
const inHours = (seconds: number): string => `${(seconds / 3600).toFixed(1)} h`;

const withoutWorker = (requires: Labels): string =>
  `no worker has ${labelsText(requires)}, which the sweep requires: start one with unroll worker --label ${labelsText(requires)}`;

/** Why the trials of a sweep would wait that is about to be submitted, or just was: the fleet has no worker as it requires. */
export async function labelsWarning(
  dataSource: DataSource,
  { requires }: Pick<SweepSpec, 'requires'>,
): Promise<string | undefined> {
  if (!requires || (await hasWorkerWith(dataSource, requires))) return undefined;
  return withoutWorker(requires);
}

/** Why no trial of a sweep starts at the moment: the first limit that is reached, else who is served before. */
export function whyWaiting(sweep: WaitingSweep, teamId: string, fleet: FleetUse): Why {
  return whyLimited(sweep, teamId) ?? whyBehind(sweep, fleet);
}

function whyLimited({ running, concurrentTrials, team, member, owner }: WaitingSweep, teamId: string): Why | undefined {
  if (concurrentTrials !== null && running >= concurrentTrials)
    return {
      reason: 'concurrentTrials',
      text: `budget.concurrentTrials: ${running} of ${concurrentTrials} trials run`,
    };
  return (
    limitOf(team, `the team ${teamId}`, 'teamLanes', 'teamHours') ??
    limitOf(member, owner, 'memberLanes', 'memberHours')
  );
}

function limitOf(
  { lanes, runningLanes, gpuHours, spent }: QuotaUse,
  who: string,
  atOnce: 'teamLanes' | 'memberLanes',
  aMonth: 'teamHours' | 'memberHours',
): Why | undefined {
  if (gpuHours !== null && spent >= gpuHours * 3600)
    return {
      reason: aMonth,
      text: `${who} has used the ${gpuHours} GPU hours of this month (${inHours(spent)}): an admin can raise them`,
    };
  if (lanes !== null && runningLanes >= lanes)
    return { reason: atOnce, text: `${who} runs ${runningLanes} of at most ${trials(lanes)} at once` };
  return undefined;
}

function whyBehind(
  { id, requires, fitting, trials: waiting, tooLarge }: WaitingSweep,
  { workers, trainers: all, busy, own, next }: FleetUse,
): Why {
  if (workers === 0) return { reason: 'noWorker', text: 'no worker is connected: start one with unroll worker' };
  if (requires && fitting === 0)
    return {
      reason: 'labels',
      text: withoutWorker(requires),
    };
  if (tooLarge.trials === waiting && tooLarge.least !== null)
    return {
      reason: 'memory',
      text: `no connected worker has the memory that they need to train: at least ${gigabytes(tooLarge.least)}, ${largestText(tooLarge.largest)}`,
    };
  if (next !== id)
    return {
      reason: 'othersFirst',
      text: `others are served first, by fair share; ${own} of ${trainers(all)} work for the team`,
    };
  if (busy >= all)
    return { reason: 'busy', text: `it is next: all ${trainers(all)} are at work, ${own} of them for the team` };
  return { reason: 'next', text: 'it is next: a free trainer takes it in a moment' };
}
