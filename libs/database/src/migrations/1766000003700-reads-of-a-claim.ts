import type { MigrationInterface, QueryRunner } from 'typeorm';
import { recreateLiveSchema } from '../schema';

/** Renewals, reports and claims of trials that have not begun read rows of their own trials alone, however many there are beside them. */
export class ReadsOfAClaim1766000003700 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query(
      `create index trials_apart on trials (sweep_id, signature)
       where state = 'pending' and not held and (checkpoint_update > 0 or most_lanes is not null)`,
    );
    await recreateLiveSchema(runner, '16a3c75ef1818797');
  }

  async down(runner: QueryRunner): Promise<void> {
    // The text of the functions is that of the newest migration; without the index they are slower.
    await runner.query('drop index trials_apart');
  }
}
