import type { Page } from 'playwright-core';

/**
 * How many clicks of a pointer a job takes on a page that is open. The count is the page's own: a job that loads another page would lose
 * it, and fails.
 */
export async function clicksOf(page: Page, does: () => Promise<void>): Promise<number> {
  await page.evaluate(`window.clicks = 0;
    addEventListener('click', ({ isTrusted, detail }) => { window.clicks += isTrusted && detail > 0 ? 1 : 0; }, true)`);
  await does();
  const clicks = await page.evaluate<number | undefined>('window.clicks');
  if (clicks === undefined) throw new Error('the job has loaded another page');
  return clicks;
}
