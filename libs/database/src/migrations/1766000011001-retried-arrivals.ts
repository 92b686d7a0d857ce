import type { MigrationInterface, QueryRunner } from 'typeorm';

/** A configuration that failed on the way to a rung, and was retried, is logged there again. */
export class RetriedArrivals1766000011001 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query(
      `alter table verdicts drop constraint verdicts_pkey, add primary key (sweep_id, configuration, rung, sequence)`,
    );
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query(
      `delete from verdicts earlier using verdicts later where earlier.sweep_id = later.sweep_id
         and earlier.configuration = later.configuration and earlier.rung = later.rung and earlier.sequence < later.sequence`,
    );
    await runner.query(
      `alter table verdicts drop constraint verdicts_pkey, add primary key (sweep_id, configuration, rung)`,
    );
  }
}
