import type { Browser } from 'playwright-core';
import { testKey, useApi } from '../support/api';
import { chromiumPath, openBrowser, visit } from '../support/browser';
import { useDatabase } from '../support/database';
import { describeWith } from '../support/machine';

const dataSource = useDatabase();
const api = useApi(dataSource);

/** A path or a token of a message, without a place to break. */
const word = (length: number): string => 'fjord'.repeat(Math.ceil(length / 5)).slice(0, length);

describeWith('chromium', chromiumPath !== undefined)('words longer than a page is wide', () => {
  let browser: Browser;
  const post = async (path: string, body: unknown, method = 'POST'): Promise<any> => {
    const headers = { 'content-type': 'application/json' };
    const answer = await api.call(path, { method, headers, body: JSON.stringify(body) });
    expect([path, answer.ok]).toEqual([path, true]);
    return answer.json();
  };
  /** A study whose names are long words, and its trials, each told. */
  const study = async (told: readonly object[]): Promise<{ sweep: string; trials: string[] }> => {
    const { id: sweep } = await post('/v1/studies', {
      name: word(100),
      space: {
        [word(60)]: { logUniform: [1e-5, 1] },
        layers: { int: [1, 4] },
        optimizer: { choice: [word(90), 'sgd'] },
      },
      steps: 4,
      search: { trials: told.length },
    });
    const trials: string[] = [];
    for (const what of told) {
      const { trial } = await post(`/v1/sweeps/${sweep}/ask`, { host: word(80) });
      const { id } = trial;
      trials.push(id);
      await post(`/v1/trials/${id}/report`, { step: 1, value: 1234567.25, metrics: { [word(50)]: 1 } });
      await post(`/v1/trials/${id}/tell`, what);
    }
    return { sweep, trials };
  };
  const failed = { state: 'failed', message: word(900) };

  beforeAll(async () => {
    browser = await openBrowser();
  });
  afterAll(() => browser.close());

  it('are broken: no page is wider than its window', async () => {
    const mixed = await study([{ value: 1234567.25 }, { value: 2345678.5 }, failed]);
    const none = await study([failed, failed]);
    for (const path of [`/v1/sweeps/${mixed.sweep}/details`, `/v1/trials/${mixed.trials[0]}/details`])
      await post(path, { note: word(500), tags: [word(40)] }, 'PATCH');
    await post(`/v1/trials/${mixed.trials[0]}/reviews`, { verdict: 'approve', text: word(500) });
    await post('/v1/diary', { text: word(500) });
    const text = `# ${word(300)}\n\n${word(800)}\n\n\`${word(300)}\`\n\n| a |\n|---|\n| ${word(200)} |\n`;
    const report = await post('/v1/reports', { title: word(100), text });
    await post('/v1/views', { name: word(100), path: `/sweeps?q=${word(200)}` });
    const tabs = ['leaderboard', 'curves', 'parallel', 'parameters', 'search', 'problems', 'specification'];
    const pages = [
      ...['/sweeps', '/board', '/fleet', '/diary', '/reports', `/reports/${report.id}`, '/views'],
      ...tabs.map((tab) => `/sweeps/${mixed.sweep}?tab=${tab}`),
      `/sweeps/${none.sweep}`,
      ...mixed.trials.slice(1).map((id) => `/trials/${id}`),
    ];
    const { page, context, wrong } = await visit(browser);
    await page.goto(`${api.url}/#key=${testKey}`);
    for (const path of pages) {
      await page.goto(api.url + path);
      await page.getByRole('heading', { level: 1 }).waitFor();
      await page.locator('.waiting').first().waitFor({ state: 'hidden' });
      for (const width of [390, 1280]) {
        await page.setViewportSize({ width, height: 900 });
        // Charts follow a moment later.
        const fits = `document.documentElement.scrollWidth === ${width}`;
        await page.waitForFunction(fits, null, { timeout: 10_000 }).catch(() => {
          throw new Error(`${path} is wider than ${width} pixels`);
        });
      }
    }
    expect(wrong).toEqual([]);
    await context.close();
  });

  it('a sweep without results says why once it has ended', async () => {
    const { sweep } = await study([failed]);
    const { page, context } = await visit(browser);
    await page.goto(`${api.url}/#key=${testKey}`);
    await page.goto(`${api.url}/sweeps/${sweep}`);
    await page.getByText('No trial ended with a value. “Diverged and failed” has the reasons.').waitFor();
    await context.close();
  });
});
