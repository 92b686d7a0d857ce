import type { GivenUp } from '@unroll/database';
import type { GroupRun } from './group-run';
import { Pace } from './pace';
import { TrainerProcess } from './trainer-process';
import { memoryRanOut, type FromTrainer } from './trainer/protocol';

/** The first step may compile and load: it may take this many times longer than others. */
const firstStepFactor = 3;

interface Listener {
  /** The trainer said something about the slot's run. */
  heard(slot: Slot, run: GroupRun, message: FromTrainer): void;
  /** The trainer died; `run` is what it was training, and `end` what becomes of it. */
  died(slot: Slot, run: GroupRun | undefined, end: GivenUp): void;
}

/** A place where one group trains at a time, with its warm trainer. */
export class Slot {
  run: GroupRun | undefined;
  /** A claim for this slot is on its way. */
  claiming = false;
  readonly trainer: TrainerProcess;
  readonly pace = new Pace();
  /** Bytes that its trainer held when it last said so. */
  memory: number | undefined;
  private progressAt = 0;
  private progressed = false;
  /** Why this worker killed the trainer. */
  private killedFor: GivenUp | undefined;

  constructor(engine: string, artifactsUrl: string, listener: Listener) {
    this.trainer = new TrainerProcess(engine, artifactsUrl);
    this.trainer.on('message', (message) => {
      const { run } = this;
      if (!run || !('groupId' in message) || message.groupId !== run.claim.groupId) return;
      this.progressAt = performance.now();
      this.progressed = true;
      if (message.type === 'progress') this.measure(message, run);
      if (message.type === 'done') this.letGo();
      listener.heard(this, run, message);
    });
    this.trainer.on('exit', (reason, log) => {
      const { run, killedFor } = this;
      this.letGo();
      this.memory = undefined;
      this.killedFor = undefined;
      listener.died(this, run, killedFor ? { log, ...killedFor } : crash(reason, log, run?.withoutResult.length ?? 1));
    });
  }

  get free(): boolean {
    return !this.run && !this.claiming && this.trainer.pid !== undefined && this.trainer.engine !== '';
  }

  private measure({ updates, memory }: { updates: number; memory: number }, run: GroupRun): void {
    this.pace.heard(updates, run.withoutResult.length, performance.now());
    this.memory = memory;
  }

  private letGo(): void {
    this.run = undefined;
    this.pace.end();
  }

  begin(run: GroupRun): void {
    this.run = run;
    this.pace.begin(performance.now());
    this.progressAt = performance.now();
    this.progressed = false;
  }

  /** Whether the trainer has shown no progress for longer than `stallSeconds`. */
  stalled(stallSeconds: number): boolean {
    const patience = stallSeconds * 1000 * (this.progressed ? 1 : firstStepFactor);
    return this.run !== undefined && performance.now() - this.progressAt > patience;
  }

  /** Kills the trainer at once; its death follows, and ends the run so. */
  kill(end: GivenUp): void {
    this.killedFor ??= end;
    this.trainer.kill();
  }
}

/** What becomes of lanes whose trainer died by itself: where memory ran out under several, half as many are tried the next time. */
function crash(reason: string, log: string, lanes: number): GivenUp {
  if (!memoryRanOut.test(log)) return { state: 'failed', message: reason, log };
  const message = `${reason}: out of memory with ${lanes} ${lanes === 1 ? 'lane' : 'lanes'}`;
  return lanes > 1
    ? { state: 'released', message, log, mostLanes: Math.floor(lanes / 2) }
    : { state: 'failed', message, log };
}
