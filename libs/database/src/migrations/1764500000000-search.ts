import type { MigrationInterface, QueryRunner } from 'typeorm';

const up = [
  `alter table sweeps add column earlier json not null default '[]'`,
  `create table proposals (
    sweep_id text not null constraint proposals_sweep references sweeps (id) on delete cascade,
    first integer not null,
    lanes integer not null,
    learned json not null,
    parameters json not null,
    created_at timestamptz not null default clock_timestamp(),
    primary key (sweep_id, first)
  )`,
  `create table verdicts (
    sweep_id text not null constraint verdicts_sweep references sweeps (id) on delete cascade,
    configuration integer not null,
    rung integer not null,
    sequence bigserial not null,
    update integer not null,
    updates integer[] not null,
    values double precision[] not null,
    noted double precision not null,
    decision text not null,
    why text not null,
    created_at timestamptz not null default clock_timestamp(),
    primary key (sweep_id, configuration, rung)
  )`,
  `create unique index verdicts_in_order on verdicts (sweep_id, rung, sequence)`,
];

/** The log of proposals and of stopping decisions, each with what it was based on. */
export class Search1764500000000 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    for (const statement of up) await runner.query(statement);
  }

  async down(runner: QueryRunner): Promise<void> {
    for (const table of ['verdicts', 'proposals']) await runner.query(`drop table ${table}`);
    await runner.query('alter table sweeps drop column earlier');
  }
}
