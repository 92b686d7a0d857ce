import { ArtifactMissing, checkpointName, type ArtifactStore } from '@unroll/artifacts';
import { CheckpointUnreadable, readCheckpoint, takenOver, writeCheckpoint, type Checkpoint } from '@unroll/training';
import { buffer } from 'node:stream/consumers';
import { setTimeout as sleep } from 'node:timers/promises';
import type { FromTrainer, Lane, TrainCommand } from './protocol';

/** Times that a store is asked for a checkpoint, and milliseconds between them. */
const attempts = 4;
const pause = 1000;

/**
 * Writes the checkpoints of a group beside its training: at most one write of each lane at a time. A checkpoint that cannot be written is
 * said on the error output, and the last one stays what the trial goes on from.
 */
export class CheckpointWriter {
  private readonly writing = new Map<string, Promise<void>>();
  private last = performance.now();
  private updates = 0;
  /** States that were written at rungs. */
  readonly rungs: { attemptId: string; checkpoint: string; update: number }[] = [];

  constructor(
    private readonly store: ArtifactStore,
    private readonly command: TrainCommand,
    private readonly say: (message: FromTrainer) => void,
  ) {}

  /** Whether it is time: asked once an update. */
  due(): boolean {
    const { seconds, updates } = this.command.checkpoints;
    this.updates += 1;
    const isDue = performance.now() - this.last >= seconds * 1000 || (updates !== undefined && this.updates >= updates);
    if (!isDue || this.writing.size > 0) return false;
    this.updates = 0;
    return true;
  }

  /** Whether a lane's state at its rung is written. */
  isAtRung(attemptId: string): boolean {
    return this.rungs.some((each) => each.attemptId === attemptId);
  }

  /** Writes a lane's checkpoint, after the one that is being written. */
  write(attemptId: string, checkpoint: Checkpoint): void {
    this.last = performance.now();
    const before = this.writing.get(attemptId) ?? Promise.resolve();
    const own = before
      .then(() => this.put(attemptId, checkpoint))
      .catch((error: unknown) => console.error(`the checkpoint of ${attemptId} was not written: ${String(error)}`))
      .finally(() => this.writing.get(attemptId) === own && this.writing.delete(attemptId));
    this.writing.set(attemptId, own);
  }

  /** Resolves when all that was begun is written. */
  async settled(): Promise<void> {
    await Promise.all(this.writing.values());
  }

  private async put(attemptId: string, checkpoint: Checkpoint): Promise<void> {
    const { groupId, lanes } = this.command;
    const { trialId, until } = lanes.find((lane) => lane.attemptId === attemptId)!;
    const { update } = checkpoint;
    const name = checkpointName(trialId, attemptId, update);
    await this.store.put(name, writeCheckpoint(checkpoint));
    // Told with all others that come to the rung: it is no state to go on from before its turn is decided.
    if (update === until) this.rungs.push({ attemptId, checkpoint: name, update });
    else this.say({ type: 'checkpoint', groupId, attemptId, name, update });
  }
}

/** What became of reading a lane's checkpoint. */
export type Loaded = { checkpoint: Checkpoint | undefined } | { problem: string; forget: boolean };

/** Reads the checkpoint that a lane goes on from, if any. A store that does not answer is asked again. */
export async function loadCheckpoint(store: ArtifactStore, { resume, takesOver }: Lane): Promise<Loaded> {
  if (resume === undefined) return { checkpoint: undefined };
  for (let attempt = 1; ; attempt += 1) {
    try {
      const checkpoint = readCheckpoint(await buffer(await store.get(resume)));
      return { checkpoint: takesOver ? takenOver(checkpoint) : checkpoint };
    } catch (error) {
      const problem = error instanceof Error ? error.message : String(error);
      if (error instanceof ArtifactMissing || error instanceof CheckpointUnreadable)
        return { problem: `${problem}: the trial begins anew`, forget: true };
      if (attempt === attempts) return { problem: `${resume} cannot be read: ${problem}`, forget: false };
      await sleep(pause);
    }
  }
}
