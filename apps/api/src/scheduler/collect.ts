import { attemptOf, checkpointsFolder, modelsFolder, type ArtifactStore } from '@unroll/artifacts';
import { namedCheckpoints } from '@unroll/database';
import type { EntityManager } from 'typeorm';

/** Names that are asked for in one query. */
const page = 1000;

/**
 * Removes checkpoints and models that nobody will ever read: those of attempts that no longer run, which no row names. A row may be about to
 * name what a running attempt wrote. An object is removed once two passes agree, so that an open transaction has time to commit. Returns how
 * many were removed.
 */
export class CheckpointCollector {
  private candidates = new Set<string>();

  constructor(private readonly store: ArtifactStore) {}

  async collect(manager: EntityManager): Promise<number> {
    const listed = await Promise.all([checkpointsFolder, modelsFolder].map((folder) => this.store.list(folder)));
    const names = listed.flat().filter((name) => attemptOf(name) !== undefined);
    const garbage: string[] = [];
    for (let at = 0; at < names.length; at += page) {
      const some = names.slice(at, at + page);
      const { named, running } = await namedCheckpoints(
        manager,
        some,
        some.map((name) => attemptOf(name)!),
      );
      garbage.push(...some.filter((name) => !named.has(name) && !running.has(attemptOf(name)!)));
    }
    const agreed = garbage.filter((name) => this.candidates.has(name));
    this.candidates = new Set(garbage);
    for (const name of agreed) await this.store.remove(name);
    return agreed.length;
  }
}
