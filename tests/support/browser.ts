import { existsSync } from 'node:fs';
import { chromium, type Browser, type BrowserContext, type Locator, type Page } from 'playwright-core';
import { until } from './until';

/** The browser from Debian's package chromium, or a developer's own; undefined if there is none. */
export const chromiumPath = [
  process.env.CHROMIUM_PATH,
  '/usr/bin/chromium',
  '/usr/bin/chromium-browser',
  '/usr/bin/google-chrome',
].find((path) => path !== undefined && existsSync(path));

/** No GPU, and no network requests except those of the page. */
const flags = [
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
];

export const openBrowser = (): Promise<Browser> => chromium.launch({ executablePath: chromiumPath!, args: flags });

export interface Visit {
  context: BrowserContext;
  page: Page;
  /** Errors of the page so far: on its console, exceptions, and responses of 400 or above. */
  wrong: string[];
}

/** Opens a page in a new context: no key, nothing stored. */
export async function visit(browser: Browser, options: Parameters<Browser['newContext']>[0] = {}): Promise<Visit> {
  const context = await browser.newContext({ viewport: { width: 1280, height: 900 }, ...options });
  context.setDefaultTimeout(20_000);
  const page = await context.newPage();
  const wrong: string[] = [];
  page.on('console', (message) => message.type() === 'error' && wrong.push(message.text()));
  page.on('pageerror', (error) => wrong.push(error.message));
  page.on('response', (answer) => answer.status() >= 400 && wrong.push(`${answer.status()} ${answer.url()}`));
  return { context, page, wrong };
}

/**
 * Waits until `count` elements of the page match. A page shows an answer when it comes: a spec that looks once may see what was there
 * before, so the linter refuses that in tests/end-to-end.
 */
export async function shows(locator: Locator, count: number): Promise<void> {
  const seen: number[] = [];
  await until(async () => (seen[0] = await locator.count()) === count).catch(() => {
    throw new Error(`${String(locator)} matches ${seen[0]} elements, not ${count}`);
  });
}
