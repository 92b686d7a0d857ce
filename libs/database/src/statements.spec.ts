import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

/** What follows each match of `opening`, which ends with a parenthesis, up to that which closes it. */
function enclosed(sql: string, opening: RegExp): string[] {
  return [...sql.matchAll(opening)].map(({ 0: found, index }) => {
    const text = sql.slice(index + found.length);
    let depth = 1;
    let end = 0;
    for (; depth > 0 && end < text.length; end++) depth += Number(text[end] === '(') - Number(text[end] === ')');
    return text.slice(0, end - 1);
  });
}

/**
 * Sums of doubles of trials (values, deviations, metrics, shares of updates) that lack an order: their last digit depends on the plan, and
 * with it ties, proposals and boards.
 */
function unordered(sql: string): string[] {
  return enclosed(sql, /\b(?:avg|sum|stddev\w*|var\w*)\(/g).filter(
    (added) => /\b(?:value|deviation|updates \/)/.test(added) && !added.includes('order by'),
  );
}

/** Means of values of trials that PostgreSQL would refuse where they are large: see large-values.ts. */
function refusedMeans(sql: string): string[] {
  return enclosed(sql, /\b(?:avg|stddev\w*|var\w*)\(/g).filter(
    (added) => /\b(?:value|deviation|score)\b/.test(added) && !added.startsWith('${divided('),
  );
}

/**
 * Rows of a CTE that are looked for one by one, in a function whose plans have neither hashes nor merges: each is compared with all, and
 * what a function is given at once may be many.
 */
function comparedWithAll(sql: string): string[] {
  if (!/enable_hashjoin = off|\$\{(?:index|claim)Plans\}/.test(sql)) return [];
  const named = new Set(
    [...sql.matchAll(/\b(\w+) as (?:materialized )?\(\s*(?:select|insert|update|delete|with)\b/g)].map(
      ([, name]) => name,
    ),
  );
  return [...sql.matchAll(/\bexists \(\s*select from (\w+)/g)].flatMap(([, table]) =>
    named.has(table) ? [table!] : [],
  );
}

/** Joins of what a statement found with what it left. A plan that was made for a few rows is kept, and compares each of many with all. */
function joinedTransitions(sql: string): string[] {
  const tables = [...sql.matchAll(/\b(?:old|new) table as (\w+)/g)].map(([, table]) => table!);
  return [...sql.matchAll(/\bfrom (\w+) join (\w+)/g)].flatMap(([found, left, right]) =>
    tables.includes(left!) && tables.includes(right!) ? [found] : [],
  );
}

/**
 * Limits and locks that a plan may apply once for each row of another table instead of once: see
 * findings/postgresql-limit-one-skip-locked.sh. A CTE, `= (select …)` and `= any(array(select …))` are evaluated once.
 */
function repeatable(sql: string): string[] {
  return enclosed(sql, /\bin\s*\(\s*(?=select\b)/g).filter((rows) => /\blimit\b|\bfor (?:no key )?update\b/.test(rows));
}

describe('statements', () => {
  const paths = readdirSync(__dirname, { recursive: true, encoding: 'utf8' }).filter(
    (path) => path.endsWith('.ts') && !path.endsWith('.spec.ts') && !path.startsWith('migrations'),
  );
  const inStatements = (fault: (sql: string) => string[]): string[][] =>
    paths.flatMap((path) => fault(readFileSync(join(__dirname, path), 'utf8')).map((found) => [path, found]));

  it('add up doubles in an order that they state', () => {
    expect(
      unordered(`avg(value), avg(value order by number), sum(count), stddev_samp(deviation ^ 2) over same,
        avg(updates / (spec -> 'training' ->> 'updates')::double precision) filter (where true)`),
    ).toEqual(['value', 'deviation ^ 2', "updates / (spec -> 'training' ->> 'updates')::double precision"]);
    expect(paths.length).toBeGreaterThan(50);
    expect(inStatements(unordered)).toEqual([]);
  });

  it('take the means of values by large-values.ts, whatever their size', () => {
    expect(refusedMeans(`avg(value order by n), stddev_samp(deviation), avg(updates), sum(value)`)).toEqual([
      'value order by n',
      'deviation',
    ]);
    expect(inStatements(refusedMeans)).toEqual([]);
  });

  it('look for no rows in those of a CTE one by one where hashes are off', () => {
    const begin =
      'create function f() set enable_hashjoin = off as $$ with given as (select 1), made as (insert into t) select';
    expect(
      comparedWithAll(`${begin} from given where not exists (select from made) or exists (select from t)`),
    ).toEqual(['made']);
    expect(inStatements(comparedWithAll)).toEqual([]);
  });

  it('join no rows before a statement with those after it', () => {
    expect(joinedTransitions('from a join b from a join t; referencing old table as a new table as b')).toEqual([
      'from a join b',
    ]);
    expect(inStatements(joinedTransitions)).toEqual([]);
  });

  it('lock and limit rows where it is done once', () => {
    expect(
      repeatable(`id in (select id from picked) or id = (select id from jobs limit 1 for update) or
        id in (select id from jobs where (true) limit 1) or id in (\n select id from jobs for no key update skip locked)`),
    ).toEqual(['select id from jobs where (true) limit 1', 'select id from jobs for no key update skip locked']);
    expect(inStatements(repeatable)).toEqual([]);
  });
});
