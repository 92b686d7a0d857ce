import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Browser, Page } from 'playwright-core';
import { someOf } from '../../libs/training/src/testing/some-of';
import { seriousOn } from '../support/axe';
import { chromiumPath, openBrowser, shows, visit, type Visit } from '../support/browser';
import { clicksOf } from '../support/clicks';
import { describeWith } from '../support/machine';
import { useStack } from '../support/stack';
import { until } from '../support/until';

const sweep = `name: from-the-page
dataset: {name: adding-problem, steps: 12, sequences: 60}
task: regression
model: {cell: {grid: [rnn, gru]}, hiddenSize: {choice: [4, 6]}}
training: {batchSize: 8, updates: 40, reportEvery: 4, learningRate: {logUniform: [1e-3, 1e-1]}}
search: {trials: 6, repeats: 2, seed: 3}
`;

/** Of a forecast with intervals, of a classification, and of texts written with attention. */
const reports = {
  forecast: `name: forecast
dataset: {name: airline-passengers, split: {validation: 14}}
task: {kind: forecasting, lookback: 12, horizon: 3, season: 12, loss: {quantiles: [0.05, 0.5, 0.95]}}
model: {cell: rnn, hiddenSize: 4}
training: {batchSize: 8, updates: 20, reportEvery: 20}
search: {trials: 1}
`,
  classes: `name: classes
dataset: {name: temporal-order, steps: 12, sequences: 60}
task: classification
model: {cell: rnn, hiddenSize: 4, embeddingSize: 2}
training: {batchSize: 8, updates: 20, reportEvery: 20}
search: {trials: 1}
`,
  texts: `name: texts
dataset: {name: reversal, steps: 4, sequences: 60}
task: {kind: sequence-to-sequence, tokens: character, attention: dot}
model: {cell: gru, hiddenSize: 8, embeddingSize: 4}
training: {batchSize: 16, updates: 40, reportEvery: 40, learningRate: 0.02}
search: {trials: 1}
`,
};

describeWith('chromium', chromiumPath !== undefined)('the dashboard, in a browser', () => {
  let browser: Browser;
  // Registered first: the browser closes before the stack stops.
  afterAll(() => browser.close());
  const stack = useStack();
  let reader: Visit;
  let page: Page;
  /** The address that the stack prints for a browser, with the key. */
  let address: string;
  let sweepPath: string;
  let reportPath: string;

  const heading = (name: string | RegExp) => page.getByRole('heading', { level: 1, name });
  const go = async (path: string): Promise<void> => void (await page.goto(stack.url + path));

  beforeAll(async () => {
    browser = await openBrowser();
    await until(() => /Dashboard: .+\n/.test(stack.said()));
    // A key is printed on a terminal only.
    expect(stack.said()).toContain(`Dashboard: ${stack.url} (asks for the key)`);
    address = `${stack.url}/#key=${readFileSync(join(stack.folder, 'key'), 'utf8').trim()}`;
    reader = await visit(browser);
    page = reader.page;
    await page.goto(address);
  });

  it('signs in with the address that start prints, and removes the key from it', async () => {
    await heading('Sweeps').waitFor();
    expect(address).toMatch(/#key=.{16,}$/);
    expect(page.url()).toBe(`${stack.url}/sweeps`);
    await page.getByText('No sweeps yet').waitFor();
  });

  it('asks for a key at every address, and refuses a wrong one in one line', async () => {
    const stranger = await visit(browser);
    await stranger.page.goto(`${stack.url}/fleet`);
    const field = stranger.page.getByLabel('Key');
    await field.fill('not-the-key-of-this-stack');
    await stranger.page.getByRole('button', { name: 'Sign in' }).click();
    await stranger.page
      .getByRole('alert')
      .getByText('the key is wrong: send it as Authorization: Bearer <key>', { exact: true })
      .waitFor();
    expect(await stranger.page.content()).not.toContain(address.split('=')[1]);
    await field.fill(address.split('=')[1]!);
    await stranger.page.getByRole('button', { name: 'Sign in' }).click();
    await stranger.page.getByRole('heading', { level: 1, name: 'Fleet' }).waitFor();
    await stranger.context.close();
  });

  it('marks errors as they are typed, and then shows the size of the sweep', async () => {
    await page.getByRole('link', { name: 'New sweep' }).first().click();
    const editor = page.getByLabel('Sweep in YAML');
    await write(editor, page, sweep.replace('learningRate', 'learning_rate'));
    await page.getByText('unknown key; did you mean learningRate?').first().waitFor();
    await shows(page.getByRole('button', { name: 'Submit sweep', disabled: true }), 1);
    await write(editor, page, sweep);
    const plan = page.getByRole('region', { name: 'Estimate' });
    await plan.getByText('6 configurations × 2 repeats').waitFor();
    await plan.getByText('480').waitFor();
  });

  it('submits it, and shows it finish without a reload', async () => {
    await page.evaluate('window.stays = true');
    await page.getByRole('button', { name: 'Submit sweep' }).click();
    await heading('from-the-page').waitFor();
    await page.getByText('12 of 12').waitFor({ timeout: 40_000 });
    await page.locator('h1 + .state', { hasText: 'completed' }).waitFor();
    expect(await page.evaluate('window.stays')).toBe(true);
    sweepPath = new URL(page.url()).pathname;
    await rows(page).nth(5).waitFor();
  });

  it('filters and sorts the leaderboard, and its address shows others the same rows', async () => {
    await page.getByRole('combobox', { name: 'Filter' }).selectOption('model.cell');
    await page.getByLabel('A value, several values such as gru|lstm, or a range such as 1e-4..1e-2').fill('gru');
    await page.getByRole('button', { name: 'Add', exact: true }).click();
    await page.getByText('cell = gru').waitFor();
    await page.getByRole('button', { name: 'learningRate' }).click();
    await page.locator('th[aria-sort=ascending]', { hasText: 'learningRate' }).waitFor();
    await expectCells(page, 3, (cells) => cells.every((cell) => cell.includes('gru')));
    expect(new URL(page.url()).search).toBe('?sort=parameter%3Atraining.learningRate&where=model.cell%3Agru');
    const other = await visit(browser);
    await other.page.goto(address);
    await other.page.goto(page.url());
    await expectCells(other.page, 3, (cells) => cells.every((cell) => cell.includes('gru')));
    await other.context.close();
  });

  it('saves the view, and opens it again at its own address', async () => {
    await page.getByRole('button', { name: 'Save view' }).click();
    await page.getByRole('dialog').getByLabel('Name').fill('The GRUs');
    await page.getByRole('button', { name: 'Save', exact: true }).click();
    const link = page.getByRole('dialog').getByRole('link');
    await link.waitFor();
    const shown = page.url();
    await go(new URL((await link.getAttribute('href'))!, stack.url).pathname);
    await page.waitForURL(shown);
    await expectCells(page, 3, (cells) => cells.every((cell) => cell.includes('gru')));
    await go('/views');
    await page.getByRole('link', { name: 'The GRUs' }).waitFor();
  });

  it('exports the filtered rows', async () => {
    await go(`${sweepPath}?where=model.cell:gru`);
    const [file] = await Promise.all([
      page.waitForEvent('download'),
      page.getByRole('button', { name: 'CSV' }).click(),
    ]);
    const lines = readFileSync(await file.path(), 'utf8')
      .trim()
      .split('\n');
    expect(file.suggestedFilename()).toMatch(/^from-the-page-\w{8}\.csv$/);
    expect(lines).toHaveLength(4);
    expect(lines.slice(1).every((line) => line.includes('gru'))).toBe(true);
  });

  it('filters the table with a brush on an axis of the parallel coordinates', async () => {
    await go(`${sweepPath}?tab=parallel`);
    const chart = page.getByRole('img', { name: /^Parallel coordinates of 12 trials/ });
    await chart.locator('canvas').first().waitFor();
    await rows(page).nth(5).waitFor();
    const box = (await chart.boundingBox())!;
    // The last axis is the value; the best values are in its lower half.
    const x = box.x + box.width - 96;
    await page.mouse.move(x, box.y + box.height * 0.6);
    await page.mouse.down();
    await page.mouse.move(x, box.y + box.height - 26, { steps: 6 });
    await page.mouse.up();
    await page.waitForURL(/where=value/);
    const [, low, high] = /where=value%3A([\d.e-]+)\.\.([\d.e-]+)/.exec(page.url())!.map(Number);
    await expectCells(page, undefined, (cells) => cells.length > 0 && cells.length < 6);
    for (const value of await page.locator('td[data-label="validation.mse"] strong').allTextContents())
      expect(Number(value) >= low! - 1e-3 && Number(value) <= high! + 1e-3).toBe(true);
  });

  it.each([
    ['curves', /^Learning curves of 12 trials/],
    ['parameters', /^validation.mse over training.learningRate/],
    ['search', /^Best validation.mse after each of 12 trials/],
  ])('draws the tab %s', async (tab, label) => {
    await go(`${sweepPath}?tab=${tab}`);
    await page.getByRole('img', { name: label }).locator('canvas').first().waitFor();
  });

  it('opens a trial: its curves, where it ran, its model', async () => {
    await go(sweepPath);
    const link = rows(page).first().getByRole('link').first();
    const id = await link.textContent();
    await link.click();
    await heading(`Trial ${id}`).waitFor();
    await page
      .getByRole('img', { name: 'train.loss and validation.loss over updates' })
      .locator('canvas')
      .first()
      .waitFor();
    await page
      .getByRole('img', { name: /^Heat map of the gradient/ })
      .locator('canvas')
      .first()
      .waitFor();
    await page.getByRole('region', { name: 'Attempts' }).last().getByText('succeeded').waitFor();
    const [file] = await Promise.all([
      page.waitForEvent('download'),
      page.getByRole('button', { name: 'Model' }).click(),
    ]);
    expect(readFileSync(await file.path()).toString('latin1')).toContain('recurrent.weight_ih_l0');
  });

  it('shows what trials make: forecasts, a class report, states over a text, texts with their attention', async () => {
    const trials: string[] = [];
    for (const [name, content] of Object.entries(reports)) {
      const submitted = await stack.unroll('sweep', 'submit', stack.write(`${name}.yaml`, content), '--watch');
      expect(submitted.code).toBe(0);
      trials.push(JSON.parse((await stack.unroll('leaderboard', '--json')).stdout).items[0].trialId);
    }
    const [forecast, classes, texts] = trials;
    await go(`/trials/${forecast}`);
    const card = page.getByRole('region', { name: 'Forecasts' });
    await card
      .getByRole('img', { name: /^Forecast of 3 rows/ })
      .locator('canvas')
      .first()
      .waitFor();
    await card.getByText('1 of 12').waitFor();
    await card.getByRole('button', { name: 'Next forecast' }).click();
    await card.getByText('2 of 12').waitFor();
    await shows(card.getByRole('button', { name: 'Previous forecast', disabled: false }), 1);
    await go(`/trials/${classes}`);
    await page.getByRole('img', { name: 'Confusion matrix of 4 classes' }).locator('canvas').first().waitFor();
    await shows(page.getByRole('region', { name: 'Classes' }).getByRole('row'), 5);
    const states = page.getByRole('region', { name: 'States over the text' });
    const letter = states.locator('span[title^=\'"X":\'], span[title^=\'"Y":\']').first();
    const before = await letter.getAttribute('title');
    await states.getByLabel('Colour').selectOption('unit 1');
    await until(async () => (await letter.getAttribute('title')) !== before);
    await go('/sweeps');
    const clicks = await clicksOf(page, async () => {
      await page.getByRole('link', { name: 'texts', exact: true }).click();
      await rows(page).first().getByRole('link', { name: texts!, exact: true }).click();
      await heading(`Trial ${texts}`).waitFor();
    });
    expect(clicks).toBe(2);
    await page
      .getByRole('img', { name: /^Attention of \d+ tokens? written/ })
      .locator('canvas')
      .first()
      .waitFor();
    await page.getByRole('columnheader', { name: 'Source' }).waitFor();
    const prompt = page.getByRole('region', { name: 'Prompt' });
    await prompt.getByLabel('Source').fill('abc');
    await prompt.getByLabel('Beam').fill('2');
    await prompt.getByRole('button', { name: 'Write' }).click();
    await until(async () => /^[a-z]+$/.test((await prompt.getByLabel('Answer').textContent()) ?? ''));
    await prompt.getByLabel('Source').fill('?');
    await prompt.getByRole('button', { name: 'Write' }).click();
    await prompt.getByRole('alert').getByText('the prompt: the model does not know the character "?"').waitFor();
  });

  it('compares two trials: their differences, their curves, and their values seed by seed', async () => {
    await go(sweepPath);
    for (const index of [0, 3]) await rows(page).nth(index).getByRole('checkbox').check();
    await page.getByRole('link', { name: 'Compare 2 trials' }).click();
    await heading('Compare trials').waitFor();
    await page.getByRole('rowheader', { name: 'training.learningRate' }).waitFor();
    await page
      .getByRole('img', { name: /of 2 trials over updates/ })
      .locator('canvas')
      .first()
      .waitFor();
    await page.getByText('paired t-test, 2 pairs').waitFor();
  });

  it('shows the best configurations of all sweeps, and the workers', async () => {
    await go('/board');
    await heading('Team leaderboard').waitFor();
    await rows(page).nth(5).waitFor();
    await go('/fleet');
    await page.getByText('process').first().waitFor();
  });

  it('writes a report with charts, which whoever has its link sees drawn without a key', async () => {
    await go('/sweeps');
    const add = async (kind: string): Promise<void> => {
      await page.getByRole('combobox', { name: 'of', exact: true }).selectOption({ label: 'from-the-page' });
      await page.getByRole('combobox', { name: 'Chart', exact: true }).selectOption({ label: kind });
      await page.getByRole('button', { name: 'Add chart' }).click();
    };
    const clicks = await clicksOf(page, async () => {
      await page.getByRole('link', { name: 'Reports' }).click();
      await page.getByRole('link', { name: 'New report' }).click();
      await page.getByLabel('Title').fill('A GRU is enough');
      await page.getByLabel(/^Text, in Markdown/).fill('# Found\n\n**GRUs** win. <img src=x onerror="window.ran=1">');
      await add('Leaderboard');
      await page.getByRole('button', { name: 'Save', exact: true }).click();
      await heading('A GRU is enough').waitFor();
    });
    expect(clicks).toBe(4);
    await page.getByRole('button', { name: 'Edit', exact: true }).click();
    for (const kind of ['Learning curves', 'Parameter importance', 'Best so far']) await add(kind);
    const curves = /^Learning curves of 12 trials/;
    await page.getByRole('region', { name: 'Preview' }).getByRole('img', { name: curves }).waitFor();
    await shot(page, 'report-editor');
    await page.getByRole('button', { name: 'Save', exact: true }).click();
    await heading('A GRU is enough').waitFor();
    reportPath = new URL(page.url()).pathname;
    await page.getByRole('button', { name: 'Share' }).click();
    await page.getByRole('button', { name: 'Make the link' }).click();
    const link = await page.locator('pre.secret').innerText();
    await page.getByRole('button', { name: 'Close' }).click();
    const guest = await visit(browser);
    await guest.page.goto(link);
    for (const name of [curves, /^Best validation.mse after each of 12 trials/])
      await guest.page.getByRole('img', { name }).locator('canvas').first().waitFor();
    await guest.page.getByRole('button', { name: 'learningRate' }).click();
    await guest.page.locator('th[aria-sort=ascending]', { hasText: 'learningRate' }).waitFor();
    expect(new URL(guest.page.url()).search).toBe('');
    await guest.page.locator('figcaption').filter({ hasText: 'Learning curves of from-the-page' }).first().waitFor();
    expect(await guest.page.evaluate('window.ran')).toBeUndefined();
    await shot(guest.page, 'report');
    expect(guest.wrong).toEqual([]);
    await guest.context.close();
  });

  it('reports that live updates are interrupted, and then continues', async () => {
    const other = await visit(browser);
    await other.context.route('**/v1/events*', (route) => route.abort());
    // The requests of a shared worker cannot be routed; without one, the page has a stream of its own.
    await other.context.addInitScript(() => Reflect.deleteProperty(globalThis, 'SharedWorker'));
    await other.page.goto(address);
    const notice = other.page.getByRole('status').filter({ hasText: 'Live updates are interrupted' });
    await notice.waitFor();
    await other.context.unroute('**/v1/events*');
    await notice.waitFor({ state: 'detached' });
    await other.page.getByText('Live', { exact: true }).waitFor();
    await other.context.close();
  });

  it('works by keyboard: a link skips the menu, and rows are selected without a pointer', async () => {
    await go(sweepPath);
    await rows(page).first().waitFor();
    await page.keyboard.press('Tab');
    expect(await page.evaluate('document.activeElement.textContent')).toBe('Skip to content');
    await page.keyboard.press('Enter');
    const box = rows(page).first().getByRole('checkbox');
    for (let presses = 0; presses < 60 && !(await box.evaluate((at) => at.matches(':focus'))); presses += 1)
      await page.keyboard.press('Tab');
    await page.keyboard.press('Space');
    await shows(rows(page).first().getByRole('checkbox', { checked: true }), 1);
  });

  const places = (): [string, string][] => [
    ...['/sweeps', '/submit', '/board', '/fleet', '/models', '/views', '/compare', reportPath].map(
      (path): [string, string] => [path, path],
    ),
    ...['leaderboard', 'curves', 'parallel', 'parameters', 'search', 'problems', 'specification'].map(
      (tab): [string, string] => [`the tab ${tab}`, `${sweepPath}?tab=${tab}`],
    ),
    ['a trial', `/trials/last`],
  ];

  it.each(someOf(['light', 'dark'] as const))(
    'hides nothing from a screen reader, in %s: axe finds nothing serious',
    async (colorScheme) => {
      await page.emulateMedia({ colorScheme });
      // Axe takes seconds per page: in the second theme, only the pages that show every colour.
      for (const [name, path] of places().filter(([, path]) => colorScheme === 'light' || /sweeps|trials/.test(path))) {
        await go(path);
        await settled(page);
        const rules = colorScheme === 'dark' ? { only: ['color-contrast'] } : {};
        expect([name, await seriousOn(page, rules)]).toEqual([name, []]);
      }
    },
    300_000,
  );

  it('fits a phone: no page scrolls sideways at 390 pixels, and no leaderboard at 1280', async () => {
    await page.setViewportSize({ width: 390, height: 844 });
    for (const [name, path] of places()) {
      await go(path);
      await settled(page);
      expect([name, await page.evaluate('document.documentElement.scrollWidth')]).toEqual([name, 390]);
      await shot(page, `phone${path.replaceAll(/\W/g, '-')}`);
      if (!process.env.UNROLL_TEST_ALL) continue;
      expect([name, await seriousOn(page, { without: ['color-contrast'] })]).toEqual([name, []]);
    }
    await page.setViewportSize({ width: 1280, height: 900 });
    await go(sweepPath);
    await rows(page).first().waitFor();
    const frame = page.getByRole('region', { name: 'Leaderboard' }).last();
    expect(await frame.evaluate((at) => at.scrollWidth - at.clientWidth)).toBe(0);
  });

  it('wrote no error to the console on all these pages', () => expect(reader.wrong).toEqual([]));
});

/** A picture of the page for whoever asks for it, in the folder of UNROLL_SHOTS. */
async function shot(page: Page, name: string): Promise<void> {
  if (process.env.UNROLL_SHOTS)
    await page.screenshot({ path: `${process.env.UNROLL_SHOTS}/${name}.png`, fullPage: true });
}

/** Waits until nothing on the page is loading. */
async function settled(page: Page): Promise<void> {
  await page.getByRole('heading', { level: 1 }).waitFor();
  const charts = page.locator('figure.report-chart');
  if (page.url().includes('/reports/')) await charts.last().locator('canvas').first().waitFor();
  await page.locator('.waiting').first().waitFor({ state: 'hidden' });
}

/** The rows of trials, without baselines. */
const rows = (page: Page) => page.locator('table.data tbody tr').filter({ has: page.getByRole('checkbox') });

async function write(editor: ReturnType<Page['getByLabel']>, page: Page, text: string): Promise<void> {
  await editor.click();
  await page.keyboard.press('Control+A');
  await page.keyboard.insertText(text);
}

/** Waits until the texts of the rows of trials are as expected. */
async function expectCells(page: Page, count: number | undefined, fits: (texts: string[]) => boolean): Promise<void> {
  await rows(page).first().waitFor();
  await until(async () => {
    const texts = await rows(page).allTextContents();
    return (count === undefined || texts.length === count) && fits(texts);
  });
}
