import type { MigrationInterface, QueryRunner } from 'typeorm';

const columns = {
  verdicts: {
    seen: 'integer',
    checkpoint: 'text',
    metrics: 'json',
    parameters: 'json',
    source: 'integer',
    changed: 'json',
  },
  trials: { drawn: 'jsonb', adopted: 'json' },
};

const each = Object.entries(columns).flatMap(([table, own]) =>
  Object.entries(own).map(([name, type]) => ({ table, name, type })),
);

const indexes = {
  verdicts_checkpoints: 'verdicts (checkpoint) where checkpoint is not null',
  trials_resume: 'trials (resume) where resume is not null',
};

/** Keeps of each verdict's curve the points since the configuration's previous verdict. */
const cut = `
  with earlier as (
    select *, coalesce(lag(update) over (partition by sweep_id, configuration order by rung), 0) as before from verdicts
  ), parts as (
    select sweep_id, configuration, rung, updates as points, values as measured,
           (select count(*)::integer from unnest(updates) as point where point <= before) as known
    from earlier
  )
  update verdicts set updates = points[known + 1:], values = measured[known + 1:] from parts
  where verdicts.sweep_id = parts.sweep_id and verdicts.configuration = parts.configuration and verdicts.rung = parts.rung`;

/** Makes the curve of each verdict complete again. */
const joined = `
  with wholes as (
    select own.sweep_id, own.configuration, own.rung, array_agg(point order by earlier.rung, place) as points,
           array_agg(measured order by earlier.rung, place) as all_measured
    from verdicts own join verdicts earlier
      on earlier.sweep_id = own.sweep_id and earlier.configuration = own.configuration and earlier.rung <= own.rung,
      unnest(earlier.updates, earlier.values) with ordinality as curve (point, measured, place)
    group by own.sweep_id, own.configuration, own.rung
  )
  update verdicts set updates = points, values = all_measured from wholes
  where verdicts.sweep_id = wholes.sweep_id and verdicts.configuration = wholes.configuration and verdicts.rung = wholes.rung`;

/** Populations: checkpoints at rungs, and which trial continued from which. Verdicts hold each point of a curve once. */
export class Populations1764600000000 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query(cut);
    for (const { table, name, type } of each) await runner.query(`alter table ${table} add column ${name} ${type}`);
    for (const [name, on] of Object.entries(indexes)) await runner.query(`create index ${name} on ${on}`);
  }

  async down(runner: QueryRunner): Promise<void> {
    for (const name of Object.keys(indexes)) await runner.query(`drop index ${name}`);
    for (const { table, name } of each) await runner.query(`alter table ${table} drop column ${name}`);
    await runner.query(joined);
  }
}
