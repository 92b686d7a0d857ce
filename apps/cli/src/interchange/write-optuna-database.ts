import open, { type Database } from 'sql.js';
import type { ExportedSweep } from './exported-sweep';
import { optunaTrials, type OptunaTrial } from './write-optuna';

/** The tables of Optuna 5.0 (optuna/storages/_rdb/models.py, schema 12), which its migrations call v3.2.0.a. */
const tables = `
create table studies (study_id integer not null primary key, study_name varchar(512) not null);
create unique index ix_studies_study_name on studies (study_name);
create table version_info (version_info_id integer not null primary key check (version_info_id = 1), schema_version integer,
  library_version varchar(256));
create table study_directions (study_direction_id integer not null primary key, direction varchar(8) not null,
  study_id integer not null references studies (study_id), objective integer not null, unique (study_id, objective));
create table study_user_attributes (study_user_attribute_id integer not null primary key,
  study_id integer references studies (study_id), "key" varchar(512), value_json text, unique (study_id, "key"));
create table study_system_attributes (study_system_attribute_id integer not null primary key,
  study_id integer references studies (study_id), "key" varchar(512), value_json text, unique (study_id, "key"));
create table trials (trial_id integer not null primary key, number integer, study_id integer references studies (study_id),
  state varchar(8) not null, datetime_start datetime, datetime_complete datetime);
create index ix_trials_study_id on trials (study_id);
create table trial_user_attributes (trial_user_attribute_id integer not null primary key,
  trial_id integer references trials (trial_id), "key" varchar(512), value_json text, unique (trial_id, "key"));
create table trial_system_attributes (trial_system_attribute_id integer not null primary key,
  trial_id integer references trials (trial_id), "key" varchar(512), value_json text, unique (trial_id, "key"));
create table trial_params (param_id integer not null primary key, trial_id integer references trials (trial_id),
  param_name varchar(512), param_value float, distribution_json text, unique (trial_id, param_name));
create table trial_values (trial_value_id integer not null primary key, trial_id integer not null references trials (trial_id),
  objective integer not null, value float, value_type varchar(7) not null, unique (trial_id, objective));
create table trial_intermediate_values (trial_intermediate_value_id integer not null primary key,
  trial_id integer not null references trials (trial_id), step integer not null, intermediate_value float,
  intermediate_value_type varchar(7) not null, unique (trial_id, step));
create table trial_heartbeats (trial_heartbeat_id integer not null primary key,
  trial_id integer not null references trials (trial_id), heartbeat datetime not null, unique (trial_id));
create table alembic_version (version_num varchar(32) not null primary key);
insert into version_info values (1, 12, '5.0.0');
insert into alembic_version values ('v3.2.0.a');
`;

/** A time as Optuna 5 stores it: in UTC, without a zone. */
const stored = (time: string | null): string | null => time && time.replace('T', ' ').replace(/\+00:00$/, '000');

function insert(database: Database, trial: OptunaTrial, number: number): void {
  const id = number + 1;
  const { state, start, complete, value } = trial;
  database.run('insert into trials values (?, ?, 1, ?, ?, ?)', [id, number, state, stored(start), stored(complete)]);
  database.run("insert into trial_values (trial_id, objective, value, value_type) values (?, 0, ?, 'FINITE')", [
    id,
    value,
  ]);
  for (const [name, { internal, distribution }] of Object.entries(trial.parameters))
    database.run(
      'insert into trial_params (trial_id, param_name, param_value, distribution_json) values (?, ?, ?, ?)',
      [id, name, internal, distribution],
    );
  for (const [step, each] of trial.reports)
    database.run(
      'insert into trial_intermediate_values (trial_id, step, intermediate_value, intermediate_value_type) values (?, ?, ?, ?)',
      [id, step, each, each === null ? 'NAN' : 'FINITE'],
    );
  for (const [key, each] of Object.entries(trial.attributes))
    database.run('insert into trial_user_attributes (trial_id, "key", value_json) values (?, ?, ?)', [
      id,
      key,
      JSON.stringify(each),
    ]);
}

/** The completed and pruned trials of a sweep as a database of Optuna 5 in SQLite, with the same content as its journal. */
export async function writeOptunaDatabase(exported: ExportedSweep): Promise<Uint8Array> {
  const { sweep } = exported;
  const database = new (await open()).Database();
  try {
    database.exec(tables);
    database.run('begin');
    database.run('insert into studies values (1, ?)', [sweep.name]);
    database.run('insert into study_directions values (1, ?, 1, 0)', [`${sweep.objective.goal.toUpperCase()}`]);
    optunaTrials(exported).forEach((trial, number) => insert(database, trial, number));
    database.run('commit');
    return database.export();
  } finally {
    database.close();
  }
}
