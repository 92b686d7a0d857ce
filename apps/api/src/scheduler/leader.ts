import { advisoryLocks } from '@unroll/database';
import type { DataSource, EntityManager, QueryRunner } from 'typeorm';

/** Milliseconds after which the server closes an idle leader's connection, which ends its leadership. */
const idleTimeout = 8000;

/**
 * Leadership of the fleet: an advisory lock on a dedicated connection. A leader writes over that connection only, so losing it fences the
 * leader.
 */
export class Leader {
  private runner: QueryRunner | undefined;
  private held: EntityManager | undefined;

  constructor(private readonly dataSource: DataSource) {}

  /** The leader's connection; undefined while another process leads. */
  async manager(): Promise<EntityManager | undefined> {
    if (this.runner && !this.runner.isReleased && this.held) return this.held;
    await this.resign();
    const runner = this.dataSource.createQueryRunner();
    this.runner = runner;
    try {
      await runner.connect();
      const [row] = (await runner.query('select pg_try_advisory_lock($1) as won', [advisoryLocks.lead])) as {
        won: boolean;
      }[];
      if (!row?.won) {
        await this.resign();
        return undefined;
      }
      await runner.query(`set idle_session_timeout = ${idleTimeout}`);
      this.held = runner.manager;
      return this.held;
    } catch (error) {
      await this.resign();
      throw error;
    }
  }

  /** Releases the lock. */
  async resign(): Promise<void> {
    const { runner, held } = this;
    this.runner = undefined;
    this.held = undefined;
    if (!runner || runner.isReleased) return;
    try {
      if (held) await runner.query('reset idle_session_timeout');
      if (held) await runner.query('select pg_advisory_unlock($1)', [advisoryLocks.lead]);
    } catch {
      // The connection is lost, and the lock with it.
    }
    await runner.release().catch(() => undefined);
  }
}
