import { parseAttemptId, checkpointsFolder, modelsFolder, type ArtifactStore } from '@unroll/artifacts';
import { namedCheckpoints } from '@unroll/database';
import type { EntityManager } from 'typeorm';

/** Names per query. */
const page = 1000;

/**
 * Removes checkpoints and models that will never be read: those that no row names, of attempts that no longer run (what a running attempt
 * wrote may be about to be named). An object is removed only when two passes in a row find it unused, so that open transactions have time
 * to commit.
 */
export class CheckpointCollector {
  private candidates = new Set<string>();

  constructor(private readonly store: ArtifactStore) {}

  /** Returns how many objects were removed. */
  async collect(manager: EntityManager): Promise<number> {
    const listed = await Promise.all([checkpointsFolder, modelsFolder].map((folder) => this.store.list(folder)));
    const names = listed.flat().filter((name) => parseAttemptId(name) !== undefined);
    const garbage: string[] = [];
    for (let at = 0; at < names.length; at += page) {
      const some = names.slice(at, at + page);
      const { named, running } = await namedCheckpoints(
        manager,
        some,
        some.map((name) => parseAttemptId(name)!),
      );
      garbage.push(...some.filter((name) => !named.has(name) && !running.has(parseAttemptId(name)!)));
    }
    const confirmed = garbage.filter((name) => this.candidates.has(name));
    this.candidates = new Set(garbage);
    for (const name of confirmed) await this.store.remove(name);
    return confirmed.length;
  }
}
