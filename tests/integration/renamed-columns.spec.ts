import { dataSourceOptions, migrate } from '@unroll/database';
import { DataSource } from 'typeorm';
import { createDatabase, revertBefore } from '../support/database';

/** A sweep whose trial has a value, written under the schema before the columns were renamed. */
const rows = [
  `insert into sweeps (id, name, state, spec, objective, datasets, configurations, total)
   values ('s', 's', 'running', '{}', '{"metric": "m", "goal": "minimize"}', '{}', 1, 1)`,
  `insert into trials (id, sweep_id, number, configuration, seed, state, parameters, spec, signature, board, dataset_fingerprint,
                       checkpoint, resume, resume_update)
   values ('t', 's', 0, 0, 0, 'running', '{}', '{"dataset": {"name": "d"}, "task": {"kind": "regression"}}', 'sig', 'key', 'print',
           'the model', 'the checkpoint', 7)`,
  `insert into baselines (board, name, metrics) values ('key', 'mean', '{"m": 2}')`,
  `insert into verdicts (sweep_id, configuration, rung, update, updates, values, noted, decision, why)
   values ('s', 0, 0, 4, '{4}', '{9}', 1.5, 'continue', '')`,
  `insert into pictures (trial_id, content) values ('t', '{"units": 1, "sequences": []}')`,
  `update trials set value = 3, updates = 7`,
];

const before = {
  trials: `select board, checkpoint, resume, resume_update from trials`,
  configurations: `select board, score from configurations`,
  boards: `select board, objective from boards`,
  baselines: `select board, name from baselines`,
  verdicts: `select noted from verdicts`,
  pictures: `select trial_id, content from pictures`,
};
const after = {
  trials: `select comparison_key, model, checkpoint, checkpoint_update from trials`,
  configurations: `select comparison_key, score from configurations`,
  boards: `select comparison_key, objective from boards`,
  baselines: `select comparison_key, name from baselines`,
  verdicts: `select score from verdicts`,
  pictures: `select trial_id, content from snapshots`,
};

describe('the migration that renames columns', () => {
  let dataSource: DataSource;

  beforeEach(async () => {
    dataSource = new DataSource(dataSourceOptions(await createDatabase()));
    await dataSource.initialize();
    await migrate(dataSource);
    await revertBefore(dataSource, 'Names');
    for (const row of rows) await dataSource.query(row);
  });

  afterEach(() => dataSource.destroy());

  /** The values of each table, without the names of their columns. */
  async function values(queries: Record<string, string>): Promise<Record<string, unknown[][]>> {
    const all: Record<string, unknown[][]> = {};
    for (const [table, query] of Object.entries(queries))
      all[table] = (await dataSource.query<object[]>(query)).map((row) => Object.values(row));
    return all;
  }

  it('keeps every value, on the way up and on the way down', async () => {
    const written = await values(before);
    expect(written).toEqual({
      trials: [['key', 'the model', 'the checkpoint', 7]],
      configurations: [['key', 3]],
      boards: [['key', 'minimize m']],
      baselines: [['key', 'mean']],
      verdicts: [[1.5]],
      pictures: [['t', { units: 1, sequences: [] }]],
    });
    // A later migration computes the key of a board anew, the same one wherever it is.
    const keyed = (found: Record<string, unknown[][]>): unknown =>
      JSON.parse(JSON.stringify(found).replaceAll(String(found.trials![0]![0]), 'key'));
    await migrate(dataSource);
    expect(keyed(await values(after))).toEqual(written);
    await revertBefore(dataSource, 'Names');
    expect(keyed(await values(before))).toEqual(written);
  });

  it('gives stored specifications the current names of their keys, in the order in which they were written', async () => {
    const training = `{"updates": 5, "start": {"trial": "a"}, "batchSize": 2}`;
    await dataSource.query(
      `update sweeps set spec = '{"training": {"start": {"trial": {"choice": ["a", "b"]}}}, "search": {"start": [{}]}}'`,
    );
    await dataSource.query(
      `update trials set spec = '{"dataset": {"name": "d"}, "task": {"kind": "regression"}, "training": ${training}}',
              parameters = '{"training.start.trial": "a", "training.startle": 1}'`,
    );
    await migrate(dataSource);
    const [{ spec: sweep }] = await dataSource.query('select spec from sweeps');
    expect(sweep).toEqual({ training: { initFrom: { trial: { choice: ['a', 'b'] } } }, search: { enqueue: [{}] } });
    const [trial] = await dataSource.query('select spec, parameters from trials');
    expect(Object.keys(trial.spec.training)).toEqual(['updates', 'initFrom', 'batchSize']);
    expect(trial.parameters).toEqual({ 'training.initFrom.trial': 'a', 'training.startle': 1 });
  });

  it('leaves triggers that follow a trial, under both schemas', async () => {
    const score = (): Promise<unknown> => dataSource.query('select score from configurations');
    await migrate(dataSource);
    // While a trial runs, the leader refreshes the board.
    await dataSource.query(`update trials set value = 2, state = 'completed'`);
    expect(await score()).toEqual([{ score: 2 }]);
    await revertBefore(dataSource, 'Names');
    await dataSource.query('update trials set value = 1');
    expect(await score()).toEqual([{ score: 1 }]);
    await dataSource.query(`update trials set state = 'pending'`);
    expect(await score()).toEqual([{ score: null }]);
  });
});
