import { ArtifactMissing, checkpointName, type ArtifactStore } from '@unroll/artifacts';
import { CheckpointUnreadable, readCheckpoint, takenOver, writeCheckpoint, type Checkpoint } from '@unroll/training';
import { buffer } from 'node:stream/consumers';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Lane, TrainCommand } from './protocol';
import { send } from './send';

/** Times that loading a checkpoint is tried, and milliseconds between them. */
const loadAttempts = 4;
const loadPause = 1000;

/**
 * Writes the checkpoints of a group beside its training, at most one per lane at a time. If a checkpoint cannot be written, that is logged
 * on the error output, and the trial would continue from the previous one.
 */
export class CheckpointWriter {
  private readonly writing = new Map<string, Promise<void>>();
  private last = performance.now();
  private updates = 0;
  /** Checkpoints that were written at rungs. */
  readonly rungs: { attemptId: string; checkpoint: string; update: number }[] = [];

  constructor(
    private readonly store: ArtifactStore,
    private readonly command: TrainCommand,
  ) {}

  /** Whether checkpoints are due; to be called once per update. */
  due(): boolean {
    const { seconds, updates } = this.command.checkpoints;
    this.updates += 1;
    const isDue = performance.now() - this.last >= seconds * 1000 || (updates !== undefined && this.updates >= updates);
    if (!isDue || this.writing.size > 0) return false;
    this.updates = 0;
    return true;
  }

  /** Whether a lane's checkpoint at its rung is written. */
  isAtRung(attemptId: string): boolean {
    return this.rungs.some((each) => each.attemptId === attemptId);
  }

  /** Writes a lane's checkpoint, after the one being written. */
  write(attemptId: string, checkpoint: Checkpoint): void {
    this.last = performance.now();
    const before = this.writing.get(attemptId) ?? Promise.resolve();
    const own = before
      .then(() => this.put(attemptId, checkpoint))
      .catch((error: unknown) => console.error(`could not write the checkpoint of ${attemptId}: ${String(error)}`))
      .finally(() => this.writing.get(attemptId) === own && this.writing.delete(attemptId));
    this.writing.set(attemptId, own);
  }

  /** Resolves when all pending writes are done. */
  async settled(): Promise<void> {
    await Promise.all(this.writing.values());
  }

  private async put(attemptId: string, checkpoint: Checkpoint): Promise<void> {
    const { groupId, lanes } = this.command;
    const { trialId, until } = lanes.find((lane) => lane.attemptId === attemptId)!;
    const { update } = checkpoint;
    const name = checkpointName(trialId, attemptId, update);
    await this.store.put(name, writeCheckpoint(checkpoint));
    // Sent together with all others that reach the rung: until the turn is decided, the trial must not continue from it.
    if (update === until) this.rungs.push({ attemptId, checkpoint: name, update });
    else send({ type: 'checkpoint', groupId, attemptId, name, update });
  }
}

/** The result of loading a lane's checkpoint. */
export type Loaded = { checkpoint: Checkpoint | undefined } | { problem: string; forget: boolean };

/** Loads the checkpoint that a lane continues from, if any. If the store fails, it is retried. */
export async function loadCheckpoint(store: ArtifactStore, { checkpoint: name, exploits }: Lane): Promise<Loaded> {
  if (name === undefined) return { checkpoint: undefined };
  for (let attempt = 1; ; attempt += 1) {
    try {
      const checkpoint = readCheckpoint(await buffer(await store.get(name)));
      return { checkpoint: exploits ? takenOver(checkpoint) : checkpoint };
    } catch (error) {
      const problem = error instanceof Error ? error.message : String(error);
      if (error instanceof ArtifactMissing || error instanceof CheckpointUnreadable)
        return { problem: `${problem}: the trial starts over`, forget: true };
      if (attempt === loadAttempts) return { problem: `${name} cannot be read: ${problem}`, forget: false };
      await sleep(loadPause);
    }
  }
}
