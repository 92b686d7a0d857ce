import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

/** What an aggregate adds up, up to its closing parenthesis. */
function argument(text: string): string {
  let depth = 1;
  let end = 0;
  for (; depth > 0 && end < text.length; end++) depth += Number(text[end] === '(') - Number(text[end] === ')');
  return text.slice(0, end - 1);
}

/**
 * Sums of doubles of trials (values, deviations, metrics, shares of updates) that lack an order: their last digit depends on the plan, and
 * with it ties, proposals and boards.
 */
function unordered(sql: string): string[] {
  return [...sql.matchAll(/\b(?:avg|sum|stddev\w*|var\w*)\(/g)]
    .map(({ 0: name, index }) => argument(sql.slice(index + name.length)))
    .filter((added) => /\b(?:value|deviation|updates \/)/.test(added) && !added.includes('order by'));
}

describe('sums of doubles in statements', () => {
  it('are recognised', () => {
    expect(
      unordered(`avg(value), avg(value order by number), sum(count), stddev_samp(deviation ^ 2) over same,
        avg(updates / (spec -> 'training' ->> 'updates')::double precision) filter (where true)`),
    ).toEqual(['value', 'deviation ^ 2', "updates / (spec -> 'training' ->> 'updates')::double precision"]);
  });

  it('state their order', () => {
    const paths = readdirSync(__dirname, { recursive: true, encoding: 'utf8' }).filter(
      (path) => path.endsWith('.ts') && !path.endsWith('.spec.ts') && !path.startsWith('migrations'),
    );
    expect(paths.length).toBeGreaterThan(50);
    const found = paths.flatMap((path) =>
      unordered(readFileSync(join(__dirname, path), 'utf8')).map((sum) => [path, sum]),
    );
    expect(found).toEqual([]);
  });
});
