import type { Browser } from 'playwright-core';
import { testKey, useApi } from '../support/api';
import { chromiumPath, openBrowser, shows, visit } from '../support/browser';
import { succeeds, unroll } from '../support/cli';
import { useDatabase } from '../support/database';
import { describeWith } from '../support/machine';
import { temporaryFolder } from '../support/servers.cjs';

const dataSource = useDatabase();
const api = useApi(dataSource);
const command = (...args: string[]): Promise<string> =>
  succeeds(unroll(args, { UNROLL_URL: api.url, UNROLL_KEY: testKey, UNROLL_DATA: temporaryFolder() }));
const post = async (path: string, body: object): Promise<any> => (await api.post(path, body)).json();

/** A study of so many trials, some of which were told their number from the other end; returns its id. */
async function study(algorithm: string, trials: number, told = trials): Promise<string> {
  const space = { x: { uniform: [0, 1] } };
  const { id } = await post('/v1/studies', { name: algorithm, space, search: { algorithm, trials } });
  for (let number = 0; number < told; number += 1) {
    const { trial } = await post(`/v1/sweeps/${id}/ask`, { wait: 30 });
    await post(`/v1/trials/${trial.id}/tell`, { value: trials - number });
  }
  return id;
}

it('a sweep of which few trials are proposed yet is not nearly done in the list', async () => {
  const id = await study('tpe', 100, 1);
  expect(await command('sweep', 'list')).toMatch(new RegExp(`${id} .* 1/100 `));
});

it('the best trials of a long sweep are shown to whoever watches it, not those of its beginning', async () => {
  const id = await study('random', 206);
  const values = [...(await command('sweep', 'watch', id)).matchAll(/ (\d+) +1\/1 /g)].map(([, value]) =>
    Number(value),
  );
  expect(values).toEqual(Array.from({ length: 12 }, (_, place) => place + 1));
});

it('lists are printed whole, however many pages they have, or say that there is more', async () => {
  await dataSource.query(
    `insert into datasets (team_id, name, kind, fingerprint, bytes, summary, owner)
     select team_id, 'set-' || n, 'text', 'print', 1, '[]', 'local'
     from generate_series(1, 1001) n, (select id as team_id from teams limit 1) team`,
  );
  expect((await command('dataset', 'list')).match(/^set-/gm)).toHaveLength(1001);
  await post('/v1/diary', { text: 'one' });
  await post('/v1/diary', { text: 'two' });
  const own = { UNROLL_URL: api.url, UNROLL_KEY: testKey, UNROLL_DATA: temporaryFolder() };
  const { stderr } = await unroll(['audit', '--limit', '1'], own);
  expect(stderr).toContain('more with --limit');
});

describeWith('chromium', chromiumPath !== undefined)('the dashboard', () => {
  let browser: Browser;
  beforeAll(async () => {
    browser = await openBrowser();
  });
  afterAll(() => browser.close());

  it('lists all saved views, as many as a team may have', async () => {
    await dataSource.query(
      `insert into views (team_id, id, name, path) select team_id, 'view' || n, 'view ' || n, '/sweeps'
       from generate_series(1000, 1999) n, (select id as team_id from teams limit 1) team`,
    );
    const { page, wrong } = await visit(browser);
    await page.goto(`${api.url}/#key=${testKey}`);
    await page.goto(`${api.url}/views`);
    await shows(page.getByRole('link', { name: /^view 1/ }), 1000);
    expect(wrong).toEqual([]);
  });
});
