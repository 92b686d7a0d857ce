import type { GivenUp, LostAttempts } from '@unroll/database';
import { cancelSeconds, type WorkerSettings } from './settings';
import { Slot, type SlotListener } from './slot';
import type { TrainerProcess } from './trainer-process';

/** The slots of this worker, as a set. */
export class Slots {
  readonly all: readonly Slot[];

  constructor(
    private readonly settings: WorkerSettings,
    trainers: readonly TrainerProcess[],
    listener: SlotListener,
  ) {
    this.all = trainers.map((trainer) => new Slot(trainer, listener));
  }

  /** Starts the trainers that are not running, and waits for all. @throws EngineUnavailable */
  async start(): Promise<void> {
    await Promise.all(this.all.map(({ trainer }) => trainer.start()));
  }

  get free(): Slot | undefined {
    return this.all.find(({ free }) => free);
  }

  get areIdle(): boolean {
    return this.all.every(({ run }) => !run);
  }

  /** Stops attempts that are no longer held. A trainer that is left without any and does not end its group in time is killed. */
  stop({ pruned, cancelled, refused }: LostAttempts): void {
    for (const slot of this.all) {
      const { run, trainer } = slot;
      if (!run) continue;
      const own = run.claim.trials.map(({ attemptId }) => attemptId);
      const ended = own.filter((id) => pruned.includes(id));
      const others = own.filter((id) => cancelled.includes(id) || refused.includes(id));
      if (ended.length > 0) trainer.prune(ended);
      if (others.length > 0) trainer.cancel(others);
      if (ended.length + others.length === 0) continue;
      setTimeout(() => {
        if (slot.run !== run || run.withoutResult.length > 0) return;
        slot.kill({ state: 'released', message: 'the trainer did not release its pruned or cancelled lanes' });
      }, cancelSeconds * 1000).unref();
    }
  }

  /** Kills trainers that make no progress; their exit is handled like any other. */
  killStalled(): void {
    const { stallSeconds } = this.settings;
    const message = `the trainer made no progress for ${stallSeconds} s and was killed`;
    for (const slot of this.all) if (slot.stalled(stallSeconds)) slot.kill({ state: 'failed', message });
  }

  /** Kills the trainers that train a group. */
  killTraining(end: GivenUp): void {
    for (const slot of this.all) if (slot.run) slot.kill(end);
  }

  /** Asks every group to write checkpoints and end. */
  drain(): void {
    for (const { run, trainer } of this.all) if (run) trainer.drain();
  }

  /** Ends the trainers. */
  kill(): void {
    for (const { trainer } of this.all) trainer.kill();
  }
}
