import type { MigrationInterface, QueryRunner } from 'typeorm';

const tables = [
  `create table teams (
    id text primary key,
    created_at timestamptz not null default clock_timestamp()
  )`,
  `create table members (
    id text primary key,
    team_id text not null constraint members_team references teams (id),
    name text not null,
    role text not null,
    created_at timestamptz not null default clock_timestamp()
  )`,
  `create unique index members_by_name on members (team_id, name)`,
  `create table api_keys (
    id text primary key,
    member_id text not null constraint api_keys_member references members (id) on delete cascade,
    name text not null,
    role text not null,
    hash text not null,
    start text not null,
    created_at timestamptz(3) not null default clock_timestamp(),
    expires_at timestamptz,
    last_used_at timestamptz
  )`,
  `create unique index api_keys_by_hash on api_keys (hash)`,
  `create index api_keys_of_member on api_keys (member_id)`,
  `create table audit (
    number bigserial primary key,
    team_id text not null,
    at timestamptz(3) not null default clock_timestamp(),
    member text not null,
    key_name text,
    action text not null,
    target text,
    change jsonb,
    done boolean
  )`,
  `create index audit_of_team on audit (team_id, number)`,
  `create index audit_of_target on audit (target, number)`,
  `insert into teams (id) values ('local')`,
  `insert into members (id, team_id, name, role) values ('local', 'local', 'local', 'admin')`,
];

/** What there was before teams belongs to the team `local`. New rows name theirs. */
const owned = ['sweeps', 'datasets', 'views', 'idempotency_keys'];

/** Teams, their members and keys, what each has changed, and to whom sweeps, data sets and saved views belong. */
export class Teams1766000002000 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    for (const statement of tables) await runner.query(statement);
    for (const table of owned) await runner.query(`alter table ${table} add team_id text not null default 'local'`);
    await runner.query(`alter table sweeps add owner text not null default 'local'`);
    await runner.query('drop index sweeps_by_age, views_by_age');
    await runner.query('create index sweeps_by_age on sweeps (team_id, created_at, id)');
    await runner.query('create index views_by_age on views (team_id, created_at, id)');
    await runner.query(`alter table datasets drop constraint datasets_pkey, add primary key (team_id, name)`);
    await runner.query(
      `alter table idempotency_keys drop constraint idempotency_keys_pkey, add primary key (team_id, route, key)`,
    );
  }

  async down(runner: QueryRunner): Promise<void> {
    for (const table of owned) await runner.query(`delete from ${table} where team_id <> 'local'`);
    await runner.query('drop index sweeps_by_age, views_by_age');
    for (const table of owned) await runner.query(`alter table ${table} drop team_id`);
    await runner.query('alter table sweeps drop owner');
    await runner.query('create index sweeps_by_age on sweeps (created_at, id)');
    await runner.query('create index views_by_age on views (created_at, id)');
    await runner.query('alter table datasets add primary key (name)');
    await runner.query('alter table idempotency_keys add primary key (route, key)');
    await runner.query('drop table audit, api_keys, members, teams');
  }
}
