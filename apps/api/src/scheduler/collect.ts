import { attemptOf, checkpointsFolder, type ArtifactStore } from '@unroll/artifacts';
import { namedCheckpoints } from '@unroll/database';
import type { EntityManager } from 'typeorm';

/** Names that are asked for in one query. */
const page = 1000;

/**
 * Removes checkpoints that nobody will ever read: of attempts that no longer run and that no row names. What a running attempt wrote may be
 * named in a moment. An object goes where two looks agree, so that a row of a transaction under way is seen. Returns how many went.
 */
export class CheckpointCollector {
  private candidates = new Set<string>();

  constructor(private readonly store: ArtifactStore) {}

  async collect(manager: EntityManager): Promise<number> {
    const names = (await this.store.list(checkpointsFolder)).filter((name) => attemptOf(name) !== undefined);
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
