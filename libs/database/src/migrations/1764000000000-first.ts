import type { MigrationInterface, QueryRunner } from 'typeorm';

const up = [
  `create table sweeps (
    id text primary key,
    name text not null,
    state text not null,
    spec json not null,
    objective jsonb not null,
    datasets jsonb not null,
    configurations integer not null,
    total integer not null,
    proposed integer not null default 0,
    concurrent_trials integer,
    message text,
    created_at timestamptz(3) not null default clock_timestamp(),
    finished_at timestamptz
  )`,
  `create index sweeps_by_age on sweeps (created_at, id)`,
  `create table trials (
    id text primary key,
    sweep_id text not null constraint trials_sweep references sweeps (id) on delete cascade,
    number integer not null,
    configuration integer not null,
    seed bigint not null,
    state text not null,
    parameters jsonb not null,
    spec json not null,
    signature text not null,
    board text not null,
    dataset_fingerprint text not null,
    value double precision,
    metrics jsonb not null default '{}',
    updates integer not null default 0,
    seconds double precision,
    engine text,
    lanes integer,
    checkpoint text,
    sample text,
    message text,
    created_at timestamptz not null default clock_timestamp(),
    started_at timestamptz,
    finished_at timestamptz
  )`,
  `create unique index trials_of_sweep on trials (sweep_id, number)`,
  `create index trials_by_state on trials (sweep_id, state)`,
  `create index trials_pending on trials (sweep_id, number) where state = 'pending'`,
  `create index trials_claimable on trials (sweep_id, signature, number) where state = 'pending'`,
  `create table attempts (
    id text primary key,
    trial_id text not null constraint attempts_trial references trials (id) on delete cascade,
    state text not null,
    worker_id text not null,
    host text not null,
    engine text not null,
    group_id text not null,
    lanes integer not null,
    lease_until timestamptz not null,
    started_at timestamptz not null default clock_timestamp(),
    finished_at timestamptz,
    message text
  )`,
  `create index attempts_of_trial on attempts (trial_id, started_at)`,
  `create index attempts_by_lease on attempts (lease_until) where state = 'running'`,
  `create unique index attempts_running_once on attempts (trial_id) where state = 'running'`,
  `create table metric_chunks (
    trial_id text not null constraint metric_chunks_trial references trials (id) on delete cascade,
    name text not null,
    first_update integer not null,
    updates integer[] not null,
    values double precision[] not null,
    primary key (trial_id, name, first_update)
  )`,
  `create table datasets (
    name text primary key,
    kind text not null,
    fingerprint text not null,
    bytes bigint not null,
    created_at timestamptz not null default clock_timestamp()
  )`,
  `create table workers (
    id text primary key,
    host text not null,
    pid integer not null,
    trainers integer[] not null,
    engine text not null,
    device text not null,
    lanes integer not null,
    last_seen timestamptz not null default clock_timestamp()
  )`,
  `create table idempotency_keys (
    route text not null,
    key text not null,
    body_hash text not null,
    created_id text not null,
    created_at timestamptz not null default clock_timestamp(),
    primary key (route, key)
  )`,
  `create table baselines (
    board text not null,
    name text not null,
    metrics jsonb not null,
    primary key (board, name)
  )`,
];

const tables = [
  'baselines',
  'idempotency_keys',
  'workers',
  'datasets',
  'metric_chunks',
  'attempts',
  'trials',
  'sweeps',
];

export class First1764000000000 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    for (const statement of up) await runner.query(statement);
  }

  async down(runner: QueryRunner): Promise<void> {
    for (const table of tables) await runner.query(`drop table ${table}`);
  }
}
