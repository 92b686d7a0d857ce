import { plateauAfter } from '../optim/schedule';
import { prefixed, type Progress } from './progress';
import type { Lane } from './lane';
import type { TrainingRun } from './training-run';
import type { Turn } from './turn';

const defaultSampleLength = 80;

/**
 * Finds a lane that has nothing to learn by its first report: every loss and every gradient was exactly 0, as on a device that computes
 * nothing. Losses of single updates may be 0, and later all of them, of a network that has learned its data perfectly.
 */
function noticeNothing({ running, group }: TrainingRun, due: readonly number[]): void {
  for (const place of due) {
    const lane = running[place]!;
    if (lane.diverged || lane.reported > 0 || lane.losses !== 0 || lane.norms !== 0) continue;
    const { updates } = group.lanes[place]!;
    const message = `update ${updates}: all losses and gradients so far are exactly 0, so nothing is learned`;
    lane.diverged = { update: updates, message };
  }
}

/** Validates and reports the lanes whose report is due, unless they diverged or were cancelled. */
export async function sendReports(run: TrainingRun, { due }: Turn): Promise<void> {
  const { group, options } = run;
  noticeNothing(run, due);
  const places = due.filter((place) => !run.running[place]!.diverged && !run.running[place]!.request.signal?.aborted);
  if (places.length === 0) return;
  const begun = performance.now();
  const sampleLength = options.sampleLength ?? defaultSampleLength;
  const held = await group.evaluate(places, run.tick);
  const lines = sampleLength > 0 ? await group.sample(places, sampleLength, run.tick) : [];
  const inspected = places.filter((place) => run.running[place]!.request.spec.training.diagnostics);
  const isLast = (place: number): boolean => group.lanes[place]!.updates === group.lanes[place]!.totalUpdates;
  const inside =
    inspected.length > 0 ? await run.withoutUnderflow(() => group.diagnose(inspected, inspected.every(isLast))) : [];
  for (const [index, place] of places.entries()) {
    const { progress, lane } = run.at(place);
    const { losses, norms, since, skipped } = progress;
    const metrics = {
      'train.loss': losses / since,
      // Of no update, where all were skipped.
      ...(skipped.since < since ? { 'train.gradientNorm': norms / (since - skipped.since) } : {}),
      ...prefixed('validation', held[index]!),
    };
    await judge(progress, lane, held[index]!.loss!, metrics, () => group.readFlat(place));
    Object.assign(progress, { losses: 0, norms: 0, since: 0, reported: lane.updates, metrics });
    skipped.since = 0;
    const report = {
      id: progress.request.id,
      update: lane.updates,
      of: lane.totalUpdates,
      updatesPerEpoch: run.task.updatesPerEpoch,
      metrics,
      sample: lines[index],
      diagnostics: inside[inspected.indexOf(place)],
    };
    const reporting = run.reportingTime + performance.now() - begun - progress.entered.reporting;
    await options.onReport(report, reporting / 1000);
  }
  run.reportingTime += performance.now() - begun;
}

/** Applies a report's validation loss to the best weights, the schedule and the patience. */
async function judge(
  progress: Progress,
  lane: Lane,
  loss: number,
  metrics: Record<string, number>,
  flat: () => Promise<Float32Array>,
): Promise<void> {
  const { keep, earlyStopping, schedule } = progress.request.spec.training;
  lane.plateau = plateauAfter(schedule, lane.plateau, loss);
  if (loss < progress.best.loss) {
    // The weights of the last update are still there when the lane ends.
    const isKept = keep === 'best' && lane.updates < lane.totalUpdates;
    progress.best = { loss, update: lane.updates, flat: isKept ? await flat() : undefined, metrics };
  }
  if (!earlyStopping) return;
  progress.stale =
    loss < progress.stale.loss - earlyStopping.minimumChange
      ? { reports: 0, loss }
      : { ...progress.stale, reports: progress.stale.reports + 1 };
}
