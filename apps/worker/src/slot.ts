import type { GivenUp } from '@unroll/database';
import type { GroupRun } from './group-run';
import { Pace } from './pace';
import type { TrainerProcess } from './trainer-process';
import { outOfMemory, type FromTrainer } from './trainer/protocol';

/** The first update may compile and load, so it may take this many times longer than others. */
const firstStepFactor = 3;

type Progress = Extract<FromTrainer, { type: 'progress' }>;

export interface SlotListener {
  /** A message of the trainer about the slot's run. */
  onMessage(slot: Slot, run: GroupRun, message: FromTrainer): void;
  /** The trainer exited; `run` is what it was training, and `end` how that ends. */
  onExit(slot: Slot, run: GroupRun | undefined, end: GivenUp): void;
}

/** Whether a message comes after the first update of a group, rather than while the group gets ready for it. */
const tellsOfUpdates = (message: FromTrainer): boolean =>
  message.type === 'progress' ? message.updates > 0 : ['report', 'checkpoint', 'outcome'].includes(message.type);

/** One warm trainer, and the group that it trains. */
export class Slot {
  run: GroupRun | undefined;
  /** A claim for this slot is under way. */
  claiming = false;
  readonly pace = new Pace();
  /** Bytes of memory in use that its trainer last reported. */
  memory: number | undefined;
  /** The same of its GPU, where it tells it. */
  gpuMemory: number | undefined;
  private progressAt = 0;
  /** An update of the run was made. */
  private progressed = false;
  /** How the run ends if this worker killed the trainer. */
  private killedWith: GivenUp | undefined;

  constructor(
    readonly trainer: TrainerProcess,
    listener: SlotListener,
  ) {
    this.trainer.on('message', (message) => {
      const { run } = this;
      if (!run || !('groupId' in message) || message.groupId !== run.claim.groupId) return;
      this.progressAt = performance.now();
      this.progressed ||= tellsOfUpdates(message);
      if (message.type === 'progress') this.measure(message, run);
      if (message.type === 'done') this.end();
      listener.onMessage(this, run, message);
    });
    this.trainer.on('exit', (reason, log) => {
      const { run, killedWith } = this;
      this.end();
      this.memory = undefined;
      this.gpuMemory = undefined;
      this.killedWith = undefined;
      const end = killedWith ? { log, ...killedWith } : crash(reason, log, run?.withoutResult.length ?? 1);
      listener.onExit(this, run, end);
    });
  }

  get free(): boolean {
    return !this.run && !this.claiming && this.trainer.pid !== undefined && this.trainer.engine !== '';
  }

  private measure({ updates, memory, gpuMemory }: Progress, run: GroupRun): void {
    if (updates > 0) this.pace.record(updates, run.withoutResult.length, performance.now());
    this.memory = memory;
    this.gpuMemory = gpuMemory;
  }

  private end(): void {
    this.run = undefined;
    this.pace.end();
  }

  begin(run: GroupRun): void {
    this.run = run;
    this.pace.begin(performance.now());
    this.progressAt = performance.now();
    this.progressed = false;
  }

  /** Whether the trainer has made no progress for longer than `stallSeconds`. */
  stalled(stallSeconds: number): boolean {
    const patience = stallSeconds * 1000 * (this.progressed ? 1 : firstStepFactor);
    return this.run !== undefined && performance.now() - this.progressAt > patience;
  }

  /** Kills the trainer; when it has exited, its run ends with `end`. */
  kill(end: GivenUp): void {
    this.killedWith ??= end;
    this.trainer.kill();
  }
}

/** How the run of a crashed trainer ends. If several lanes ran out of memory, half as many are tried next time. */
function crash(reason: string, log: string, lanes: number): GivenUp {
  // The kernel says nothing to the process that it kills.
  const byKernel = reason.endsWith(' SIGKILL') ? ', as the system does when memory is short' : '';
  if (!outOfMemory.test(log)) return { state: 'failed', message: reason + byKernel, log };
  const message = `${reason}: out of memory with ${lanes} ${lanes === 1 ? 'lane' : 'lanes'}`;
  return lanes > 1
    ? { state: 'released', message, log, mostLanes: Math.floor(lanes / 2) }
    : { state: 'failed', message, log };
}
