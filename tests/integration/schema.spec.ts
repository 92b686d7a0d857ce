import { dataSourceOptions, migrate, schemaIsCurrent } from '@unroll/database';
import { DataSource } from 'typeorm';
import { createDatabase } from '../support/database';

describe('the schema', () => {
  let dataSource: DataSource;

  beforeEach(async () => {
    dataSource = new DataSource(dataSourceOptions(await createDatabase()));
    await dataSource.initialize();
  });

  afterEach(() => dataSource.destroy());

  it('that the migrations make is the one that the entities describe', async () => {
    await migrate(dataSource);
    const { upQueries } = await dataSource.driver.createSchemaBuilder().log();
    expect(upQueries.map(({ query }) => query)).toEqual([]);
  });

  it('is current after the migrations and not before', async () => {
    expect(await schemaIsCurrent(dataSource)).toBe(false);
    await migrate(dataSource);
    expect(await schemaIsCurrent(dataSource)).toBe(true);
  });

  it('is made once by processes that migrate at the same time', async () => {
    const others = await Promise.all(Array.from({ length: 3 }, () => new DataSource(dataSource.options).initialize()));
    await Promise.all([dataSource, ...others].map(migrate));
    expect(await dataSource.query('select name from migrations')).toHaveLength(6);
    await Promise.all(others.map((other) => other.destroy()));
  });

  it('can be taken back', async () => {
    await migrate(dataSource);
    for (let left = 6; left > 0; left--) await dataSource.undoLastMigration();
    expect(await dataSource.query(`select tablename from pg_tables where schemaname = 'public'`)).toEqual([
      { tablename: 'migrations' },
    ]);
  });
});
