import type { MigrationInterface, QueryRunner } from 'typeorm';

/** Registered models. A trial whose model is registered cannot be deleted, nor a version that an alias points at. */
export class Models1766000003400 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`create table registered_models (
      team_id text not null constraint registered_models_team references teams on delete cascade,
      name text not null,
      last_version integer not null,
      created_at timestamptz(3) not null default clock_timestamp(),
      primary key (team_id, name)
    )`);
    await runner.query(`create table model_versions (
      team_id text not null,
      name text not null,
      version integer not null,
      trial_id text not null constraint model_versions_trial references trials,
      note text not null,
      author text not null,
      created_at timestamptz(3) not null default clock_timestamp(),
      primary key (team_id, name, version),
      constraint model_versions_model foreign key (team_id, name) references registered_models on delete cascade
    )`);
    await runner.query('create index model_versions_of_trial on model_versions (trial_id)');
    await runner.query(`create table model_aliases (
      team_id text not null,
      name text not null,
      alias text not null,
      version integer not null,
      primary key (team_id, name, alias),
      constraint model_aliases_version foreign key (team_id, name, version) references model_versions
    )`);
    await runner.query('create index model_aliases_of_version on model_aliases (team_id, name, version)');
  }

  async down(runner: QueryRunner): Promise<void> {
    for (const table of ['model_aliases', 'model_versions', 'registered_models'])
      await runner.query(`drop table ${table}`);
  }
}
