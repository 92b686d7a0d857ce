import { advisoryLocks, dataSourceOptions } from '@unroll/database';
import { DataSource, type EntityManager, type QueryRunner } from 'typeorm';

/** Milliseconds after which the server closes an idle leader's connection, which ends its leadership. */
const idleTimeout = 8000;

/**
 * Leadership of the fleet: an advisory lock on a dedicated connection. A leader writes over that connection only, so losing it fences the
 * leader. A pooler gives each transaction another connection: the leader's then goes to the server itself.
 */
export class Leader {
  private runner: QueryRunner | undefined;
  private held: EntityManager | undefined;

  /** A data source of its own, if the shared one connects to a pooler. */
  private readonly own: DataSource | undefined;

  constructor(
    private readonly shared: DataSource,
    directUrl: string | null,
  ) {
    if (directUrl !== null) this.own = new DataSource(dataSourceOptions(directUrl, { most: 1 }));
  }

  /** The leader's connection; undefined while another process leads. */
  async manager(): Promise<EntityManager | undefined> {
    if (this.runner && !this.runner.isReleased && this.held) return this.held;
    await this.resign();
    if (this.own && !this.own.isInitialized) await this.own.initialize();
    const runner = (this.own ?? this.shared).createQueryRunner();
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

  /** Releases the lock, and ends its connection. */
  async close(): Promise<void> {
    await this.resign();
    if (this.own?.isInitialized) await this.own.destroy();
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
