import type { MigrationInterface, QueryRunner } from 'typeorm';

const up = [
  `alter table trials add held boolean not null default false`,
  `drop index trials_pending`,
  `drop index trials_claimable`,
  `create index trials_pending on trials (sweep_id, number) where state = 'pending' and not held`,
  `create index trials_claimable on trials (sweep_id, signature, number) where state = 'pending' and not held`,
  `create index trials_held on trials (sweep_id, configuration) where state = 'pending' and held`,
  `create table paired_tests (
    sweep_id text not null constraint paired_tests_sweep references sweeps (id) on delete cascade,
    configuration integer not null,
    seeds integer not null,
    values double precision[] not null,
    against integer not null,
    against_values double precision[] not null,
    p double precision not null,
    decision text not null,
    why text not null,
    created_at timestamptz not null default clock_timestamp(),
    primary key (sweep_id, configuration, seeds)
  )`,
];

const down = [
  `drop table paired_tests`,
  `drop index trials_held`,
  `drop index trials_pending`,
  `drop index trials_claimable`,
  `alter table trials drop held`,
  `create index trials_pending on trials (sweep_id, number) where state = 'pending'`,
  `create index trials_claimable on trials (sweep_id, signature, number) where state = 'pending'`,
];

/** Seeds that wait for a paired test of the seeds before them, and the log of these tests. */
export class PairedTests1765130000000 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    for (const statement of up) await runner.query(statement);
  }

  async down(runner: QueryRunner): Promise<void> {
    for (const statement of down) await runner.query(statement);
  }
}
