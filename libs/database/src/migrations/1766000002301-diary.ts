import type { MigrationInterface, QueryRunner } from 'typeorm';

const tables = [
  `create table diary (
    id text primary key,
    team_id text not null,
    author text not null,
    text text not null,
    created_at timestamptz(3) not null default clock_timestamp(),
    edited_at timestamptz(3)
  )`,
  `create index diary_by_age on diary (team_id, created_at, id)`,
  `create table reviews (
    id text primary key,
    sweep_id text not null constraint reviews_sweep references sweeps (id) on delete cascade,
    configuration integer not null,
    author text not null,
    verdict text not null,
    text text not null,
    created_at timestamptz(3) not null default clock_timestamp()
  )`,
  `create index reviews_of_configuration on reviews (sweep_id, configuration, created_at)`,
];

/** A team's diary, and reviews of configurations. */
export class Diary1766000002301 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    for (const statement of tables) await runner.query(statement);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('drop table reviews');
    await runner.query('drop table diary');
  }
}
