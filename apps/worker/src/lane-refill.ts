import { Logger } from '@nestjs/common';
import { toLane, type Claims } from './claims';
import type { Committer } from './committer';
import type { GroupRun } from './group-run';
import { gatherMilliseconds, refillMilliseconds, turnSeconds } from './settings';
import type { Slot } from './slot';

/**
 * Refills the free lanes of groups in training from their sweeps. The group trains on meanwhile; a trial's numbers do not depend on when
 * its neighbours join.
 */
export class LaneRefill {
  private readonly logger = new Logger(LaneRefill.name);
  private stopped = false;
  /** Claims none for now. */
  isPaused = false;

  constructor(
    private readonly claims: Claims,
    private readonly committer: Committer,
  ) {}

  /** Refills a moment from now, so that lanes that end together are refilled by one claim; not later than was scheduled before. */
  schedule(slot: Slot, run: GroupRun, milliseconds = gatherMilliseconds): void {
    const now = performance.now();
    if (!run.mayGrow || run.growing || now < run.restsUntil || now + milliseconds >= run.refillsAt) return;
    clearTimeout(run.timer);
    run.refillsAt = now + milliseconds;
    run.timer = setTimeout(() => {
      run.refillsAt = Infinity;
      const growing = this.refill(slot, run)
        .catch((error: unknown) => this.logger.warn({ error: String(error) }, 'could not fill free lanes'))
        .finally(() => (run.growing = undefined));
      run.growing = this.claims.track(growing);
    }, milliseconds);
  }

  /** Claims no more. */
  stop(): void {
    this.stopped = true;
  }

  private async refill(slot: Slot, run: GroupRun): Promise<void> {
    const { signature, groupId, mostLanes } = run.claim;
    const lanes = Math.min(this.claims.capacity.of(signature), mostLanes ?? Infinity);
    const training = run.withoutResult;
    const free = lanes - training.length;
    if (free < 1 || this.stopped || this.isPaused || slot.run !== run) return;
    const yields = performance.now() - run.began > turnSeconds * 1000;
    const trials = await this.claims.join(slot.trainer, run.claim, { free, training, yields });
    if (trials.length === 0) {
      run.restsUntil = performance.now() + refillMilliseconds;
      return;
    }
    run.join(trials);
    // If everything else it held was committed meanwhile, the committer has forgotten the run.
    this.committer.add(run);
    if (slot.run === run)
      slot.trainer.join({ type: 'join', groupId, lanes: trials.map((trial) => toLane(trial, run.claim)) });
    else if (!run.isDone) await this.releaseLate(run);
  }

  /** Releases trials that were claimed for a group that had already ended: they are pending again. */
  async releaseLate(run: GroupRun): Promise<void> {
    const { tooLate } = run;
    if (tooLate.length > 0)
      await this.claims.release(run, { state: 'released', message: 'its group ended before it started' }, tooLate);
  }
}
