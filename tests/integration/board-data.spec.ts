import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { useDatabase } from '../support/database';

const generator = pathToFileURL(join(__dirname, '..', 'benchmarks', 'board-data.mjs')).href;

/** Fills a database from another process: Jest cannot load ES modules. */
function fill(url: string, trials: number, points: number): void {
  const program = `
    const { default: pg } = await import('pg');
    const { fillBoards } = await import(${JSON.stringify(generator)});
    const client = new pg.Client({ connectionString: ${JSON.stringify(url)} });
    await client.connect();
    await fillBoards(client, ${trials}, ${points});
    await client.end();`;
  const { status, stderr } = spawnSync(process.execPath, ['--input-type=module', '-e', program], { encoding: 'utf8' });
  expect([status, stderr]).toEqual([0, '']);
}

describe('the data of the leaderboard benchmark', () => {
  const [dataSource, again] = [useDatabase(), useDatabase()];
  const rows = `select sweep_id, configuration, comparison_key, objective, cell, parameters, score, deviation, repeats, best_trial, state, metrics,
    updates, seconds, finished_at from configurations where score is not null order by sweep_id, configuration`;

  it('are the rows that the triggers would write, and the same each time', async () => {
    fill(dataSource.url, 1000, 5);
    const made = await dataSource.query(rows);
    expect(made.length).toBeGreaterThan(800);
    const boards = await dataSource.query('select * from boards order by sweep_id');
    await dataSource.query('truncate configurations, boards');
    await dataSource.query(
      `select refresh_configurations(array_agg(sweep_id), array_agg(configuration))
       from (select distinct sweep_id, configuration from trials) own`,
    );
    expect(await dataSource.query(rows)).toEqual(made);
    expect(await dataSource.query('select * from boards order by sweep_id')).toEqual(boards);
    fill(again.url, 1000, 5);
    expect(await again.query(rows)).toEqual(made);
  });
});
