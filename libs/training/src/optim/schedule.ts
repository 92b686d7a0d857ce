import type { ScheduleSpec } from '@unroll/contracts';

/** What a schedule remembers between reports; only `plateau` changes it. */
export interface Plateau {
  /** What remains of the rate. */
  factor: number;
  best: number;
  /** Reports since the best one. */
  reports: number;
}

export const freshPlateau = (): Plateau => ({ factor: 1, best: Infinity, reports: 0 });

/**
 * What the learning rate is multiplied by at an update, from 1 to `updates`; torch.optim.lr_scheduler's StepLR,
 * CosineAnnealingLR and OneCycleLR (cosine) with one step an update, after a warm-up that grows linearly from 1 / warmUp.
 */
export function rateFactor(schedule: ScheduleSpec, update: number, updates: number, plateau: Plateau): number {
  const done = update - 1;
  if (schedule.kind === 'one-cycle') return oneCycle(schedule, done, updates);
  const warming = schedule.warmUp > 0 ? Math.min(1, update / schedule.warmUp) : 1;
  switch (schedule.kind) {
    case 'constant':
      return warming;
    case 'step':
      return warming * schedule.factor ** Math.floor(done / schedule.every);
    case 'cosine': {
      const part = Math.min(1, done / (schedule.over ?? updates));
      return warming * between(1, schedule.end, part);
    }
    case 'plateau':
      return warming * plateau.factor;
  }
}

/** From `from` to `to` along half a cosine. */
const between = (from: number, to: number, part: number): number =>
  to + ((from - to) * (1 + Math.cos(Math.PI * part))) / 2;

function oneCycle(
  { peak, startFactor, endFactor }: Extract<ScheduleSpec, { kind: 'one-cycle' }>,
  done: number,
  updates: number,
): number {
  const top = peak * updates - 1;
  // Where the first update is the top, PyTorch divides by 0.
  if (done <= top) return top === 0 ? 1 : between(startFactor, 1, done / top);
  return between(1, endFactor, Math.min(1, (done - top) / (updates - 1 - top)));
}

/**
 * The plateau after a report, as torch.optim.lr_scheduler.ReduceLROnPlateau with a threshold of 0: after more than `patience` reports
 * without a lower loss the rate drops. A loss that is NaN is no lower one.
 */
export function plateauAfter(schedule: ScheduleSpec, before: Plateau, loss: number): Plateau {
  if (schedule.kind !== 'plateau') return before;
  if (loss < before.best) return { ...before, best: loss, reports: 0 };
  const reports = before.reports + 1;
  return reports > schedule.patience
    ? { ...before, factor: before.factor * schedule.factor, reports: 0 }
    : { ...before, reports };
}
