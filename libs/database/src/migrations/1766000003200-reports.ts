import type { MigrationInterface, QueryRunner } from 'typeorm';

/** Reports: Markdown with charts. */
export class Reports1766000003200 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`create table reports (
      id text primary key,
      team_id text not null constraint reports_team references teams on delete cascade,
      title text not null,
      text text not null,
      author text not null,
      created_at timestamptz(3) not null default clock_timestamp(),
      editor text,
      edited_at timestamptz(3),
      version integer not null default 1,
      archived boolean not null default false
    )`);
    await runner.query('create index reports_by_age on reports (team_id, created_at, id)');
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('drop table reports');
  }
}
