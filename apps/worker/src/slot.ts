import type { GroupRun } from './group-run';
import { TrainerProcess } from './trainer-process';
import type { FromTrainer } from './trainer/protocol';

/** The first step may compile and load: it may take this many times longer than others. */
const firstStepFactor = 3;

interface Listener {
  /** The trainer said something about the slot's run. */
  heard(run: GroupRun, message: FromTrainer): void;
  /** The trainer died; `run` is what it was training. */
  died(slot: Slot, run: GroupRun | undefined, reason: string): void;
}

/** A place where one group trains at a time, with its warm trainer. */
export class Slot {
  run: GroupRun | undefined;
  /** A claim for this slot is on its way. */
  claiming = false;
  readonly trainer: TrainerProcess;
  private progressAt = 0;
  private progressed = false;

  constructor(engine: string, artifactsUrl: string, listener: Listener) {
    this.trainer = new TrainerProcess(engine, artifactsUrl);
    this.trainer.on('message', (message) => {
      const { run } = this;
      if (!run || !('groupId' in message) || message.groupId !== run.claim.groupId) return;
      this.progressAt = performance.now();
      this.progressed = true;
      if (message.type === 'done') this.run = undefined;
      listener.heard(run, message);
    });
    this.trainer.on('exit', (reason) => {
      const { run } = this;
      this.run = undefined;
      listener.died(this, run, reason);
    });
  }

  get free(): boolean {
    return !this.run && !this.claiming && this.trainer.pid !== undefined && this.trainer.engine !== '';
  }

  begin(run: GroupRun): void {
    this.run = run;
    this.progressAt = performance.now();
    this.progressed = false;
  }

  /** Whether the trainer has shown no progress for longer than `stallSeconds`. */
  stalled(stallSeconds: number): boolean {
    const patience = stallSeconds * 1000 * (this.progressed ? 1 : firstStepFactor);
    return this.run !== undefined && performance.now() - this.progressAt > patience;
  }
}
