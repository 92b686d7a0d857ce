import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Browser } from 'playwright-core';
import { chromiumPath, openBrowser, visit, type Visit } from '../support/browser';
import { describeWith } from '../support/machine';
import { useStack } from '../support/stack';
import { until } from '../support/until';

/** Milliseconds. */
const patience = 60_000;

describeWith('chromium', chromiumPath !== undefined)('the dashboard in several tabs', () => {
  const stack = useStack();
  let browser: Browser;
  let reader: Visit;

  beforeAll(async () => {
    browser = await openBrowser();
    reader = await visit(browser);
    await reader.page.goto(`${stack.url}/#key=${readFileSync(join(stack.folder, 'key'), 'utf8').trim()}`);
    await reader.page.getByRole('heading', { level: 1, name: 'Sweeps' }).waitFor();
  });
  afterAll(() => browser.close());

  it('answers every click in eight tabs, which share one stream of events', async () => {
    const { context } = reader;
    const streams = new Set<string>();
    context.on('request', (request) => void (/\/v1\/events/.test(request.url()) && streams.add(request.url())));
    const tabs = await Promise.all(
      Array.from({ length: 8 }, async () => {
        const tab = await context.newPage();
        // Eight pages at once take their time on a busy machine; a tab without a connection would wait for ever.
        await tab.goto(`${stack.url}/sweeps`, { timeout: patience });
        await tab.getByText('Live', { exact: true }).waitFor({ timeout: patience });
        return tab;
      }),
    );
    for (const tab of tabs) {
      await tab.getByRole('link', { name: 'Fleet' }).click();
      await tab.getByRole('heading', { level: 1, name: 'Fleet' }).waitFor({ timeout: patience });
      await tab.getByRole('row').nth(1).waitFor({ timeout: patience });
    }
    const submitted = await stack.unroll('sweep', 'submit', stack.write('live.json', JSON.stringify(parity)));
    expect(submitted.code).toBe(0);
    for (const tab of tabs) {
      await tab.getByRole('link', { name: 'Sweeps' }).click();
      await tab.getByText('seen by all').first().waitFor({ timeout: patience });
    }
    await Promise.all(tabs.map((tab) => tab.close()));
    // Those of the worker, which are not those of a page.
    expect(streams.size).toBeLessThanOrEqual(1);
    expect(reader.wrong).toEqual([]);
  });

  it('loads a page again whose parts could not be fetched, as soon as the API is back', async () => {
    const tab = await reader.context.newPage();
    await tab.goto(`${stack.url}/sweeps`);
    await tab.getByText('Live', { exact: true }).waitFor();
    const { children } = JSON.parse(readFileSync(join(stack.folder, 'instance.json'), 'utf8'));
    process.kill(children[0], 'SIGKILL');
    await until(() =>
      fetch(`${stack.url}/healthz`).then(
        () => false,
        () => true,
      ),
    );
    // Never fetched so far.
    await tab.getByRole('link', { name: 'New sweep' }).first().click();
    await tab.getByText('The API is not reachable; the page loads again when it is').waitFor();
    await tab.getByRole('heading', { level: 1, name: 'New sweep' }).waitFor({ timeout: patience });
    await tab.close();
  });
});

const parity = {
  name: 'seen by all',
  dataset: { name: 'parity', steps: 8, sequences: 40 },
  task: 'classification',
  model: { cell: 'rnn', hiddenSize: 4 },
  training: { updates: 4, batchSize: 4 },
  search: { trials: 1 },
};
