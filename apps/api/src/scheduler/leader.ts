import { advisoryLocks } from '@unroll/database';
import type { DataSource, EntityManager, QueryRunner } from 'typeorm';

/** Milliseconds after which the server ends a leader's connection that says nothing, and with it the leadership. */
const silence = 8000;

/**
 * Leadership over the fleet: an advisory lock on a connection of its own. All that a leader writes goes over that
 * connection, so that losing it fences the leader.
 */
export class Leader {
  private runner: QueryRunner | undefined;
  private held: EntityManager | undefined;

  constructor(private readonly dataSource: DataSource) {}

  /** The connection to lead over, or undefined while another process leads. */
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
      await runner.query(`set idle_session_timeout = ${silence}`);
      this.held = runner.manager;
      return this.held;
    } catch (error) {
      await this.resign();
      throw error;
    }
  }

  /** Lets go of the lock. */
  async resign(): Promise<void> {
    const { runner, held } = this;
    this.runner = undefined;
    this.held = undefined;
    if (!runner || runner.isReleased) return;
    try {
      if (held) await runner.query('reset idle_session_timeout');
      if (held) await runner.query('select pg_advisory_unlock($1)', [advisoryLocks.lead]);
    } catch {
      // The connection is gone, and the lock with it.
    }
    await runner.release().catch(() => undefined);
  }
}
