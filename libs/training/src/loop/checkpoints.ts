import type { Block } from './checkpoint';
import { loopNumbers } from './loop-state';
import { elapsedTimes, placesWhere, type Progress } from './progress';
import type { End, TrainingRun } from './training-run';
import type { Turn } from './turn';

/**
 * Hands out checkpoints of the lanes that continue, where they are wanted, and of those that leave before their end, which it marks
 * as interrupted in `ends`.
 */
export async function saveCheckpoints(run: TrainingRun, { drained, saving }: Turn, ends: End[]): Promise<void> {
  const isLeaving = (lane: Progress): boolean => drained || lane.reported === lane.request.until;
  const places = placesWhere(run.running, (lane, place) => ends[place] === undefined && (saving || isLeaving(lane)));
  if (places.length === 0) return;
  const blocks = await run.group.read();
  for (const place of places) handOut(run, place, blocks[place]!);
  for (const place of places) if (isLeaving(run.running[place]!)) ends[place] = 'interrupted';
}

function handOut(run: TrainingRun, place: number, blocks: Readonly<Record<string, Block>>): void {
  const { progress, lane } = run.at(place);
  const { flat } = progress.best;
  run.options.onCheckpoint?.(progress.request.id, {
    update: lane.updates,
    numbers: loopNumbers(progress, lane, elapsedTimes(progress, run.reportingTime)),
    metrics: { last: progress.metrics, best: progress.best.metrics },
    layout: run.group.layoutName,
    blocks: { ...blocks, ...(flat ? { best: { shape: [flat.length], values: flat } } : {}) },
  });
}
