import AxeBuilder from '@axe-core/playwright';
import type { Page } from 'playwright-core';

/** Rules of axe by name; contrast of colours takes longest. */
type Rules = { only?: string[]; without?: string[] };

/** What axe finds serious or critical on a page: the rule and the element of each. What passes is not described, which takes longest. */
export async function seriousOn(page: Page, { only, without }: Rules = {}): Promise<string[]> {
  const axe = new AxeBuilder({ page }).options({ resultTypes: ['violations'] });
  if (only) axe.withRules(only);
  if (without) axe.disableRules(without);
  const { violations } = await axe.analyze();
  return violations
    .filter(({ impact }) => impact === 'serious' || impact === 'critical')
    .flatMap(({ id, nodes }) => nodes.map(({ html }) => `${id}: ${html}`));
}
