import AxeBuilder from '@axe-core/playwright';
import type { Browser, Page } from 'playwright-core';
import { useApi } from '../support/api';
import { chromiumPath, openBrowser, shows, visit, type Visit } from '../support/browser';
import { useDatabase } from '../support/database';
import { describeWith } from '../support/machine';
import { letters } from '../support/sweeps';
import { withKey, type Calling } from '../support/teams';

const dataSource = useDatabase();
const api = useApi(dataSource);

describeWith('chromium', chromiumPath !== undefined)('the dashboard of a team', () => {
  let browser: Browser;
  let ada: Visit;
  let admin: Calling;
  let adminKey: string;

  const signIn = async (key: string): Promise<Visit> => {
    const opened = await visit(browser);
    await opened.page.goto(`${api.url}/#key=${key}`);
    await opened.page.getByRole('heading', { level: 1, name: 'Sweeps' }).waitFor();
    return opened;
  };
  const shot = async (page: Page, name: string): Promise<void> => {
    if (process.env.UNROLL_SHOTS) await page.screenshot({ path: `${process.env.UNROLL_SHOTS}/${name}.png` });
  };
  const open = async (page: Page, place: string, heading: string): Promise<void> => {
    await page.getByRole('navigation', { name: 'Main' }).getByRole('link', { name: place, exact: true }).click();
    await page.getByRole('heading', { level: 1, name: heading }).waitFor();
  };

  beforeAll(async () => {
    browser = await openBrowser();
    const team = (await (await api.post('/v1/teams', { id: 'speech', admin: 'Ada' })).json()) as any;
    admin = withKey(api, team.key.key);
    adminKey = team.key.key;
    ada = await signIn(adminKey);
  });
  afterAll(() => browser.close());

  it('lets an admin add a member and create a key for them, which is shown once', async () => {
    const { page } = ada;
    await open(page, 'Team', 'Team speech');
    await page.getByRole('button', { name: 'Add member' }).click();
    await page.getByLabel('Name').fill('Grace');
    await page.getByRole('dialog').getByLabel('Role').selectOption('viewer');
    await page.getByRole('button', { name: 'Add', exact: true }).click();
    await page.getByRole('cell', { name: 'Grace', exact: true }).waitFor();
    await page.getByRole('link', { name: 'Keys' }).click();
    await page.getByRole('button', { name: 'Create key' }).click();
    await page.getByLabel('What it is for').fill('her laptop');
    await page.getByRole('combobox', { name: /^Member/ }).selectOption('Grace');
    await page.getByRole('button', { name: 'Create', exact: true }).click();
    const key = await page.locator('pre.secret').innerText();
    expect(key).toMatch(/^unroll_[\w-]{43}$/);
    await page.getByRole('button', { name: 'Close' }).click();
    await page.getByRole('cell', { name: /^her laptop/ }).waitFor();
    expect(await page.content()).not.toContain(key);
    const me = (await (await withKey(api, key).call('/v1/me')).json()) as object;
    expect(me).toEqual({ team: 'speech', member: 'Grace', role: 'viewer', operator: false });
    expect(ada.wrong).toEqual([]);
  });

  it('offers a viewer nothing that a viewer may not do', async () => {
    const key = ((await (await admin.post('/v1/keys', { name: 'other', member: 'Grace' })).json()) as any).key;
    const { id } = (await (await admin.post('/v1/sweeps', letters)).json()) as any;
    const { page, context, wrong } = await signIn(key);
    await page.getByRole('cell', { name: 'Ada', exact: true }).waitFor();
    await shows(page.getByRole('link', { name: 'New sweep' }), 0);
    await page.goto(`${api.url}/sweeps/${id}`);
    await page.getByText('by Ada').waitFor();
    await shows(page.getByRole('button', { name: /Pause|Cancel sweep|Add trials|Save view/ }), 0);
    await open(page, 'Team', 'Team speech');
    await page.getByRole('cell', { name: 'Ada', exact: true }).waitFor();
    await shows(page.getByRole('button', { name: /Add member|Remove/ }), 0);
    expect(wrong).toEqual([]);
    await context.close();
  });

  it('keeps a note and tags, finds a sweep by them, and runs nothing that a note contains', async () => {
    const { page, wrong } = ada;
    await page.goto(`${api.url}/sweeps`);
    await page.getByRole('link', { name: 'letters' }).click();
    await page.getByRole('button', { name: 'Add a note or tags' }).click();
    const note =
      '# Found\n\n**GRUs** win. <img src=x onerror="window.ran=1"> [more](javascript:window.ran=1)\n\n| a | b |\n|-|-|\n| 1 | 2 |';
    await page.getByLabel('Name', { exact: true }).fill('the letters');
    await page.getByLabel('Note, in Markdown').fill(note);
    await page.getByLabel('Tags, with commas between them').fill('paper, gru');
    await page.getByRole('button', { name: 'Save', exact: true }).click();
    await page.getByRole('heading', { level: 1, name: 'the letters' }).waitFor();
    await page.locator('.prose strong', { hasText: 'GRUs' }).waitFor();
    await page.locator('.prose a', { hasText: 'more' }).click();
    expect(await page.evaluate('window.ran')).toBeUndefined();
    await shows(page.locator('.prose img'), 0);
    await shot(page, 'note');
    await page.getByRole('link', { name: 'paper' }).first().click();
    await page.getByText('1 sweep matches').waitFor();
    await page.getByLabel('Search').fill('nothing like it');
    await page.getByText('No sweep matches').waitFor();
    await page.getByRole('button', { name: 'Remove the filters' }).click();
    await page.getByLabel('Search').fill('LETTERS');
    await page.getByRole('link', { name: 'the letters' }).waitFor();
    await shot(page, 'sweeps');
    expect(wrong).toEqual([]);
  });

  it('says who changed what, and forgets everything when another person signs in', async () => {
    const { page, wrong } = ada;
    await open(page, 'Team', 'Team speech');
    await page.getByRole('link', { name: 'Activity' }).click();
    await page.getByRole('row').filter({ hasText: 'submit sweep' }).getByText('name: letters, trials: 4').waitFor();
    await page.getByRole('button', { name: 'add member' }).click();
    await page.getByRole('button', { name: 'action: member.add ×' }).waitFor();
    await shows(page.getByRole('row').filter({ hasText: 'submit sweep' }), 0);
    await page.getByRole('button', { name: 'Sign out' }).click();
    await page.getByLabel('Key').fill(api.key);
    await page.getByRole('button', { name: 'Sign in' }).click();
    await page.getByRole('heading', { level: 1, name: 'Team local' }).waitFor();
    await open(page, 'Sweeps', 'Sweeps');
    await page.getByText('No sweeps yet').waitFor();
    expect(wrong).toEqual([]);
  });

  it.each([1280, 390])('has pages in which axe finds nothing serious, and that fit, %i pixels wide', async (width) => {
    const { page } = ada;
    await page.setViewportSize({ width, height: 900 });
    await page.evaluate(`localStorage.setItem('unroll.key', '${adminKey}')`);
    for (const tab of ['members', 'keys', 'activity', 'sweeps']) {
      await page.goto(tab === 'sweeps' ? `${api.url}/sweeps` : `${api.url}/team?tab=${tab}`);
      await page.getByRole('row').nth(1).waitFor();
      const { violations } = await new AxeBuilder({ page }).analyze();
      const serious = violations.filter(({ impact }) => impact === 'serious' || impact === 'critical');
      expect(serious.map(({ id, nodes }) => `${tab} ${id} ${nodes[0]!.html}`)).toEqual([]);
      expect(await page.evaluate('document.documentElement.scrollWidth <= innerWidth')).toBe(true);
      await shot(page, `${tab}-${width}`);
    }
  });
});
