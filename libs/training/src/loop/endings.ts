import type { Snapshots } from '@unroll/contracts';
import type { LaneResult } from './lane-request';
import { elapsedTimes, placesWhere, prefixed, type Progress } from './progress';
import type { Lane } from './lane';
import type { End, TrainingRun } from './training-run';

const nothingLearned =
  'all updates were skipped, since no gradient was finite in float16: set training.precision to float32';

/** What is said of a completed lane some of whose updates were skipped. */
const skippedNote = (skipped: number, updates: number): string =>
  `${skipped} of ${updates} updates were skipped, since their gradients were not finite in float16`;

/** What a completed lane leaves. */
interface Remains {
  /** Its trained weights. */
  flat: Float32Array;
  snapshots?: Snapshots | undefined;
}

/** How each lane ends now, by its losses, its reports and its signal; undefined for one that continues. */
export const findEnds = ({ running, group }: TrainingRun): End[] =>
  running.map((progress, place) => findEnd(progress, group.lanes[place]!));

function findEnd({ diverged, reported, stale, request }: Progress, { totalUpdates }: Lane): End {
  if (diverged) return 'diverged';
  if (reported === totalUpdates) return 'completed';
  const patience = request.spec.training.earlyStopping?.patience;
  if (patience !== undefined && stale.reports >= patience) return 'completed';
  return request.signal?.aborted ? 'cancelled' : undefined;
}

/**
 * Ends the lanes that have an end, one after another: their results are complete and handed out. A lane whose weights are not finite has
 * diverged, which `ends` then says.
 */
export async function endLanes(run: TrainingRun, ends: End[]): Promise<void> {
  const remains = await collectRemains(
    run,
    placesWhere(run.running, (_, place) => ends[place] === 'completed'),
  );
  for (const [place] of ends.entries()) if (run.running[place]!.diverged) ends[place] &&= 'diverged';
  for (const [place, end] of ends.entries()) if (end) await finish(run, place, end, remains.get(place));
}

/** The weights and snapshots that completed lanes leave: of all that complete at once, in one pass. Nothing of a lane that diverged. */
async function collectRemains(
  { running, group }: TrainingRun,
  places: readonly number[],
): Promise<Map<number, Remains>> {
  const all = new Map<number, Remains>();
  for (const place of places) {
    const { best, reported, skipped } = running[place]!;
    if (skipped.all === group.lanes[place]!.updates) {
      running[place]!.diverged = { update: reported, message: `update ${reported}: ${nothingLearned}` };
      continue;
    }
    const flat = best.flat ?? (await group.readFlat(place));
    const update = best.flat ? best.update : reported;
    if (flat.every(Number.isFinite)) all.set(place, { flat });
    else running[place]!.diverged = { update, message: `update ${update}: the weights are not finite` };
  }
  const shown = [...all.keys()].filter((place) => running[place]!.request.spec.training.diagnostics);
  const flats = shown.map((place) => all.get(place)!.flat);
  const arePresent = shown.every((place) => running[place]!.best.flat === undefined);
  const snapshots = shown.length > 0 ? await group.snapshots(shown, flats, arePresent) : undefined;
  for (const [index, place] of shown.entries()) all.get(place)!.snapshots = snapshots?.[index];
  return all;
}

async function finish(run: TrainingRun, place: number, state: LaneResult['state'], remains?: Remains): Promise<void> {
  const { progress, lane } = run.at(place);
  const { elapsed, reporting } = elapsedTimes(progress, run.reportingTime);
  progress.result = {
    id: progress.request.id,
    state,
    updates: progress.diverged?.update ?? lane.updates,
    seconds: elapsed / 1000,
    validationSeconds: reporting / 1000,
    stepsPerSecond: (1000 * lane.updates) / (elapsed - reporting),
    ...(remains
      ? await completeResult(run, place, remains)
      : { message: progress.diverged?.message, weights: undefined }),
    ...(state === 'interrupted' && run.options.keepInterrupted ? await weightsSoFar(run, place) : {}),
  };
  await run.options.onEnd?.(progress.result);
}

/**
 * The best weights of a lane that is interrupted: those of its best report, or its last ones where that kept none, which have metrics only
 * if they were reported. None where they are not finite.
 */
async function weightsSoFar(run: TrainingRun, place: number): Promise<Partial<LaneResult>> {
  const { progress, lane } = run.at(place);
  const { best, metrics, reported } = progress;
  const flat = best.flat ?? (await run.group.readFlat(place));
  if (!flat.every(Number.isFinite)) return { message: `update ${lane.updates}: the weights are not finite` };
  const kept = best.flat ? best : { update: lane.updates, metrics: reported === lane.updates ? metrics : {} };
  return {
    weights: await run.group.weights(place, flat),
    weightsUpdate: kept.update,
    metrics: kept.metrics,
  };
}

/** What a completed lane has in addition: its weights, and their metrics. */
async function completeResult(
  run: TrainingRun,
  place: number,
  { flat, snapshots }: Remains,
): Promise<Partial<LaneResult>> {
  const { progress, lane } = run.at(place);
  const { best, metrics, reported, skipped } = progress;
  const notes = [
    ...(reported < lane.totalUpdates ? ['ended early: the validation loss stopped improving'] : []),
    ...(skipped.all > 0 ? [skippedNote(skipped.all, lane.updates)] : []),
  ];
  const [test] = run.hasTest ? await run.group.evaluate([place], run.tick, 'test', [flat]) : [];
  const kept = best.flat ? best : { update: reported, metrics };
  return {
    message: notes.join('; ') || undefined,
    weights: await run.group.weights(place, flat),
    weightsUpdate: kept.update,
    metrics: kept.metrics,
    snapshots,
    test: test && prefixed('test', test),
  };
}
