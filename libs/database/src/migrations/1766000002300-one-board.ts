import { createHash } from 'node:crypto';
import type { MigrationInterface, QueryRunner } from 'typeorm';
import { recreateLiveSchema } from '../schema';

/** Options of tasks that decide nothing of what is measured, and those that only the loss depends on, as of this migration. */
const ownChoices: Readonly<Record<string, readonly string[]>> = {
  classification: ['tokens', 'vocabulary', 'pooling'],
  regression: ['tokens', 'vocabulary', 'pooling'],
  tagging: ['vocabulary'],
  'tree-classification': ['vocabulary'],
  'sequence-to-sequence': ['attention', 'beamWidth', 'lengthPenalty'],
  'sequence-from-vector': ['beamWidth', 'lengthPenalty'],
  transcription: ['beamWidth'],
  forecasting: ['inputs', 'known', 'calendar', 'categories', 'lookback', 'reference', 'lags', 'autoregression'],
};
const lossOptions: Readonly<Record<string, readonly string[]>> = {
  regression: ['loss', 'huberDelta'],
  forecasting: ['loss', 'huberDelta', 'normalise', 'transform'],
};

function canonical(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(canonical).join(',')}]`;
  if (typeof value !== 'object' || value === null) return JSON.stringify(value) ?? 'null';
  const entries = Object.entries(value).filter(([, child]) => child !== undefined);
  return `{${entries
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([key, child]) => `${JSON.stringify(key)}:${canonical(child)}`)
    .join(',')}}`;
}

interface Measured {
  key: string;
  text: string;
  metric: string;
  print: string;
  team: string;
  dataset: Record<string, unknown>;
  task: Record<string, unknown> & { kind: string };
  initFrom: unknown;
}

/** What a key was before: all options of the task were part of it. */
const everyOption = ({ task }: Measured): Record<string, unknown> => task;

function measuredOptions({ task, metric }: Measured): Record<string, unknown> {
  const isOfLoss = /\.(loss|weightedQuantileLoss)$/.test(metric);
  const left = [...(ownChoices[task.kind] ?? []), ...(isOfLoss ? [] : (lossOptions[task.kind] ?? []))];
  return Object.fromEntries(Object.entries(task).filter(([option]) => !left.includes(option)));
}

function keyOf(measured: Measured, task: Record<string, unknown>): string {
  const { name: _, ...reading } = measured.dataset;
  const isPerWord = measured.task.kind === 'language-model' && measured.task.tokens === 'word';
  const parts = {
    dataset: measured.print,
    reading,
    task,
    words: isPerWord ? (measured.initFrom ?? undefined) : undefined,
    team: measured.team === 'local' ? undefined : measured.team,
  };
  return createHash('sha256').update(canonical(parts)).digest('hex').slice(0, 16);
}

/** Gives every trial the key of what it measured, and its configuration, boards and baselines with it. */
async function rekey(runner: QueryRunner, optionsOf: (measured: Measured) => Record<string, unknown>): Promise<void> {
  const found = (await runner.query(
    `select distinct on (comparison_key, spec -> 'task' #>> '{}', metric) comparison_key as key, spec -> 'task' #>> '{}' as text, metric,
            dataset_fingerprint as print, team_id as team, spec -> 'dataset' as dataset, spec -> 'task' as task,
            spec -> 'training' -> 'initFrom' as "initFrom"
     from (select trials.*, team_id, objective ->> 'metric' as metric from trials join sweeps on sweeps.id = sweep_id) known`,
  )) as Measured[];
  await runner.query('create temporary table rekeyed (key text, text text, metric text, now text) on commit drop');
  for (const each of found)
    await runner.query('insert into rekeyed values ($1, $2, $3, $4)', [
      ...[each.key, each.text, each.metric],
      keyOf(each, optionsOf(each)),
    ]);
  await runner.query('delete from rekeyed where key = now');
  // Nothing that a page shows of a trial changes.
  await runner.query('alter table trials disable trigger trials_update');
  await runner.query(
    `update trials set comparison_key = now from rekeyed, sweeps
     where sweeps.id = sweep_id and comparison_key = key and trials.spec -> 'task' #>> '{}' = text
       and objective ->> 'metric' = metric`,
  );
  await runner.query('alter table trials enable trigger trials_update');
  await runner.query(
    `update configurations own set comparison_key = trials.comparison_key from trials
     where trials.sweep_id = own.sweep_id and trials.configuration = own.configuration
       and own.comparison_key <> trials.comparison_key`,
  );
  await runner.query('delete from boards where sweep_id in (select sweep_id from configurations)');
  await runner.query(
    `insert into boards (sweep_id, comparison_key, objective, metric, goal, dataset, fingerprint, reading, task, tokens)
     select distinct on (sweep_id, trials.comparison_key) sweep_id, trials.comparison_key,
            sweeps.objective ->> 'goal' || ' ' || (sweeps.objective ->> 'metric'), sweeps.objective ->> 'metric',
            sweeps.objective ->> 'goal', trials.spec -> 'dataset' ->> 'name', dataset_fingerprint,
            (trials.spec -> 'dataset')::jsonb - 'name', trials.spec -> 'task' ->> 'kind', trials.spec -> 'task' ->> 'tokens'
     from configurations join trials using (sweep_id, configuration) join sweeps on sweeps.id = sweep_id
     where score is not null on conflict do nothing`,
  );
  await runner.query(
    `insert into baselines (comparison_key, name, metrics)
     select now, name, (array_agg(metrics order by comparison_key))[1] from baselines
     join (select distinct key, now from rekeyed) moved on key = comparison_key group by now, name
     on conflict do nothing`,
  );
  await runner.query(
    'delete from baselines where not exists (select from trials where trials.comparison_key = baselines.comparison_key)',
  );
  await runner.query('drop table rekeyed');
}

/** Trials that differ only in how they find their answers share a leaderboard, which shows the means over their seeds. */
export class OneBoard1766000002300 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await recreateLiveSchema(runner, '5dde444f7f9c15e7');
    await rekey(runner, measuredOptions);
    await runner.query(
      `select refresh_configurations(array_agg(sweep_id), array_agg(configuration)) from configurations
       where repeats > 1 having count(*) > 0`,
    );
  }

  /** The functions of later versions work with the tables of this one. */
  async down(runner: QueryRunner): Promise<void> {
    await rekey(runner, everyOption);
  }
}
