import type { MigrationInterface, QueryRunner } from 'typeorm';
import { recreateLiveSchema } from '../schema';

const constraints = {
  metric_chunks: 'metric_chunks_trial',
  diagnostics: 'diagnostics_trial',
  snapshots: 'snapshots_trial',
  samples: 'samples_trial',
};

/** Rows of reports are deleted with their trials by a trigger for all of a statement; a foreign key looked for the trial of each row. */
export class UncheckedDetails1766000005000 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    for (const [table, name] of Object.entries(constraints))
      await runner.query(`alter table ${table} drop constraint if exists ${name}`);
    await recreateLiveSchema(runner, '5f805dcdf89f1733');
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('drop trigger trials_delete on trials');
    await runner.query('drop function trials_deleted()');
    for (const [table, name] of Object.entries(constraints))
      await runner.query(
        `alter table ${table} add constraint ${name} foreign key (trial_id) references trials (id) on delete cascade`,
      );
  }
}
