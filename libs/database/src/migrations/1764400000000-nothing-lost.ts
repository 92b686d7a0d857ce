import type { MigrationInterface, QueryRunner } from 'typeorm';

const columns = {
  sweeps: {
    failed_trials: 'integer',
    wall_seconds: 'double precision',
    gpu_hours: 'double precision',
    ran_seconds: 'double precision not null default 0',
    running_since: 'timestamptz default clock_timestamp()',
  },
  trials: {
    most_lanes: 'integer',
    resume: 'text',
    resume_update: 'integer not null default 0',
    retried_at: 'timestamptz',
  },
  attempts: { resumed_from: 'integer not null default 0', log: 'text' },
};

const each = Object.entries(columns).flatMap(([table, own]) =>
  Object.entries(own).map(([name, type]) => ({ table, name, type })),
);

/** Budgets and pauses of sweeps, the checkpoint that a trial continues from, the last lines of a crashed trainer. */
export class NothingLost1764400000000 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    for (const { table, name, type } of each) await runner.query(`alter table ${table} add column ${name} ${type}`);
  }

  async down(runner: QueryRunner): Promise<void> {
    for (const { table, name } of each) await runner.query(`alter table ${table} drop column ${name}`);
  }
}
