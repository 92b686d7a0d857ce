import { dataSourceOptions, migrate, schemaIsCurrent } from '@unroll/database';
import { DataSource } from 'typeorm';
import { createDatabase } from '../support/database';

describe('the schema', () => {
  let dataSource: DataSource;

  beforeEach(async () => {
    dataSource = new DataSource(dataSourceOptions(await createDatabase({ empty: true })));
    await dataSource.initialize();
  });

  afterEach(() => dataSource.destroy());

  it('made by the migrations is the one that the entities describe', async () => {
    await migrate(dataSource);
    const { upQueries } = await dataSource.driver.createSchemaBuilder().log();
    expect(upQueries.map(({ query }) => query)).toEqual([]);
  });

  it('is current after the migrations, and not before', async () => {
    expect(await schemaIsCurrent(dataSource)).toBe(false);
    await migrate(dataSource);
    expect(await schemaIsCurrent(dataSource)).toBe(true);
  });

  it('is created once by processes that migrate at the same time', async () => {
    const others = await Promise.all(Array.from({ length: 3 }, () => new DataSource(dataSource.options).initialize()));
    await Promise.all([dataSource, ...others].map(migrate));
    expect(await dataSource.query('select name from migrations')).toHaveLength(8);
    await Promise.all(others.map((other) => other.destroy()));
  });

  it('stores each point of a judged curve once, and restores the whole curve on the way back', async () => {
    await migrate(dataSource);
    await dataSource.query(
      `insert into sweeps (id, name, state, spec, objective, datasets, configurations, total)
       values ('s', 's', 'completed', '{}', '{"metric": "m", "goal": "minimize"}', '{}', 2, 2)`,
    );
    const parts = [
      [0, 0, 4, [2, 4], [9, 8]],
      [0, 1, 12, [6, 12], [7, NaN]],
      [1, 0, 4, [4], [5]],
    ] as const;
    for (const [configuration, rung, update, updates, values] of parts)
      await dataSource.query(
        `insert into verdicts (sweep_id, configuration, rung, update, updates, values, score, decision, why)
         values ('s', $1, $2, $3, $4, $5, 0, 'continue', '')`,
        [configuration, rung, update, updates, values],
      );
    const stored = (): Promise<unknown> =>
      dataSource.query(`select updates, values from verdicts order by configuration, rung`);
    const before = await stored();
    for (let left = 4; left > 0; left--) await dataSource.undoLastMigration();
    expect(await stored()).toEqual([
      { updates: [2, 4], values: [9, 8] },
      { updates: [2, 4, 6, 12], values: [9, 8, 7, NaN] },
      { updates: [4], values: [5] },
    ]);
    await migrate(dataSource);
    expect(await stored()).toEqual(before);
  });

  it('adds the token type to existing leaderboards', async () => {
    await migrate(dataSource);
    for (let left = 2; left > 0; left--) await dataSource.undoLastMigration();
    await dataSource.query(
      `insert into sweeps (id, name, state, spec, objective, datasets, configurations, total)
       values ('s', 's', 'completed', '{}', '{"metric": "m", "goal": "minimize"}', '{}', 2, 2)`,
    );
    const before = ['regression', 'classification', 'language-model'].map((task) => ({ task, tokens: 'character' }));
    for (const { task, tokens } of before)
      await dataSource.query(
        `insert into boards (sweep_id, board, objective, metric, goal, dataset, fingerprint, reading, task, tokens)
         values ('s', $1, 'minimize m', 'm', 'minimize', 'd', 'print', '{}', $1, $2)`,
        [task, tokens],
      );
    const stored = (): Promise<unknown> => dataSource.query('select task, tokens from boards order by task desc');
    await migrate(dataSource);
    const [regression, ...others] = before;
    expect(await stored()).toEqual([{ ...regression, tokens: null }, others[1], others[0]]);
    for (let left = 2; left > 0; left--) await dataSource.undoLastMigration();
    expect(await stored()).toEqual([regression, others[1], others[0]]);
  });

  it('can be reverted', async () => {
    await migrate(dataSource);
    for (let left = 8; left > 0; left--) await dataSource.undoLastMigration();
    expect(await dataSource.query(`select tablename from pg_tables where schemaname = 'public'`)).toEqual([
      { tablename: 'migrations' },
    ]);
  });
});
