import type { MigrationInterface, QueryRunner } from 'typeorm';
import { recreateLiveSchema } from '../schema';

/**
 * Leaderboards keep what cancelled trials had reached. Indexes find the trials of a sweep that ended last, and those that were retried.
 */
export class KeptValues1766000008000 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query('create index trials_finished on trials (sweep_id, finished_at) where finished_at is not null');
    await runner.query('create index trials_retried on trials (sweep_id) where retried_at is not null');
    await recreateLiveSchema(runner, 'd8608426240cadc6');
    // In parts: what is refreshed at once is compared with itself.
    await runner.query(
      `select refresh_configurations(array_agg(sweep_id), array_agg(configuration)) from (
         select sweep_id, configuration, row_number() over (order by sweep_id, configuration) / 500 as part from (
           select distinct sweep_id, configuration from trials where state = 'cancelled' and value is not null
         ) kept
       ) numbered group by part`,
    );
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('drop index trials_finished, trials_retried');
  }
}
