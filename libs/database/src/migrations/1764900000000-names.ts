import { renameKeys } from '@unroll/contracts';
import type { MigrationInterface, QueryRunner } from 'typeorm';
import { recreateLiveSchema } from '../schema';
import { refresh } from './1764700000000-board';

/** Of each table, in this order: a column and its new name. */
const columns = [
  ['trials', 'checkpoint', 'model'],
  ['trials', 'resume', 'checkpoint'],
  ['trials', 'resume_update', 'checkpoint_update'],
  ['trials', 'board', 'comparison_key'],
  ['configurations', 'board', 'comparison_key'],
  ['boards', 'board', 'comparison_key'],
  ['baselines', 'board', 'comparison_key'],
  ['verdicts', 'noted', 'score'],
] as const;

const indexes = [
  ['trials_resume', 'trials_checkpoint'],
  ['configurations_of_board', 'configurations_by_comparison_key'],
  ['configurations_of_board_by_cell', 'configurations_by_comparison_key_and_cell'],
  ['boards_by_objective', 'boards_by_comparison_key'],
] as const;

const constraints = [
  ['pictures_pkey', 'snapshots_pkey'],
  ['pictures_trial', 'snapshots_trial'],
] as const;

/** Keys of drawn parameters that are renamed with those of specifications. */
const parameter = /^training\.start(?=\.|$)/;

type Tree = Record<string, unknown>;
const renameParameters = (tree: Tree | null): Tree | null =>
  tree &&
  Object.fromEntries(
    Object.entries(tree).map(([path, value]) => [path.replace(parameter, 'training.initFrom'), value]),
  );

/** Gives stored specifications the current names of their keys: nothing reads the old ones once a row is claimed. */
async function renameStoredKeys(runner: QueryRunner): Promise<void> {
  const sweeps = (await runner.query(`select id, spec from sweeps where spec::text like '%"start"%'`)) as {
    id: string;
    spec: Tree;
  }[];
  for (const { id, spec } of sweeps)
    await runner.query('update sweeps set spec = $2 where id = $1', [id, JSON.stringify(renameKeys(spec).document)]);
  const trials = (await runner.query(
    `select id, spec, parameters, drawn from trials where (spec -> 'training' -> 'start') is not null`,
  )) as { id: string; spec: Tree; parameters: Tree; drawn: Tree | null }[];
  for (const { id, spec, parameters, drawn } of trials)
    await runner.query('update trials set spec = $2, parameters = $3, drawn = $4 where id = $1', [
      id,
      JSON.stringify(renameKeys(spec).document),
      JSON.stringify(renameParameters(parameters)),
      drawn && JSON.stringify(renameParameters(drawn)),
    ]);
}

const guards = ['trials', 'attempts', 'sweeps'];

/** The field's names for what trials store, and triggers that refuse a change of state that no lifecycle has. */
export class Names1764900000000 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    for (const [table, before, after] of columns)
      await runner.query(`alter table ${table} rename column ${before} to ${after}`);
    for (const [before, after] of indexes) await runner.query(`alter index ${before} rename to ${after}`);
    await runner.query('alter table pictures rename to snapshots');
    for (const [before, after] of constraints)
      await runner.query(`alter table snapshots rename constraint ${before} to ${after}`);
    await recreateLiveSchema(runner, '49cc2f9d4b5d13d0');
    await renameStoredKeys(runner);
  }

  async down(runner: QueryRunner): Promise<void> {
    for (const table of guards) await runner.query(`drop trigger ${table}_lifecycle on ${table}`);
    await runner.query('drop function refuse_move()');
    await runner.query('drop function refresh_configurations(text[], integer[])');
    for (const [before, after] of constraints)
      await runner.query(`alter table snapshots rename constraint ${after} to ${before}`);
    await runner.query('alter table snapshots rename to pictures');
    for (const [before, after] of [...indexes].reverse())
      await runner.query(`alter index ${after} rename to ${before}`);
    for (const [table, before, after] of [...columns].reverse())
      await runner.query(`alter table ${table} rename column ${after} to ${before}`);
    await runner.query(refresh);
  }
}
