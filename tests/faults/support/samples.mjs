// What a fleet takes over time, sampled, and judged: a line through the samples must be flat.
import { readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';

const pageBytes = 4096;

/** Bytes of memory of a process; undefined once it has ended. */
export function memoryOf(pid) {
  try {
    return Number(readFileSync(`/proc/${pid}/statm`, 'utf8').split(' ')[1]) * pageBytes;
  } catch {
    return undefined;
  }
}

/** Bytes of a folder's files. One that is removed meanwhile counts nothing. */
export function bytesOf(folder) {
  let sum = 0;
  try {
    for (const each of readdirSync(folder, { withFileTypes: true })) {
      const path = join(folder, each.name);
      sum += each.isDirectory() ? bytesOf(path) : (statSync(path, { throwIfNoEntry: false })?.size ?? 0);
    }
  } catch {
    return sum;
  }
  return sum;
}

/** Tables and indexes of a database by bytes, rows that vacuum has not yet removed, connections, and the WAL. */
const figures = `
  select 'table ' || relname as name, pg_table_size(relid) as value from pg_stat_user_tables where schemaname in ('public', 'bullmq')
  union all
  select 'index ' || indexrelname, pg_relation_size(indexrelid) from pg_stat_user_indexes where schemaname in ('public', 'bullmq')
  union all
  select 'dead rows of ' || relname, n_dead_tup from pg_stat_user_tables where schemaname in ('public', 'bullmq')
  union all
  select 'connections', count(*) from pg_stat_activity where datname = current_database()
  union all
  select 'database', pg_database_size(current_database())
  union all
  select 'WAL on disk', sum(size) from pg_ls_waldir()`;

export const databaseFigures = async (query) =>
  Object.fromEntries((await query(figures)).map(({ name, value }) => [name, Number(value)]));

/** Growth that is within a bound: a part of the mean, and what is small in any case. */
const bounds = [
  [/^dead rows/, { part: 1, small: 5_000 }],
  [/^connections/, { part: 0.2, small: 3 }],
  // PostgreSQL keeps up to max_wal_size of it, which is 1 GiB.
  [/^WAL/, { part: 0, small: 2 ** 30, most: 1.2 * 2 ** 30 }],
  [/^(table|index)/, { part: 0.25, small: 2 ** 20 }],
  // With garbage, which V8 collects when it likes: what is in use after a collection is judged by itself.
  [/^memory of (the API|a worker)/, { part: 0.5, small: 64 * 2 ** 20 }],
  [/^memory/, { part: 0.15, small: 24 * 2 ** 20 }],
  [/./, { part: 0.15, small: 16 * 2 ** 20 }],
];

/** Part of the samples that is not judged: caches fill, code is compiled, tables reach their usual size. */
const warmUp = 0.4;

/**
 * Judges each series of samples of `{ hours, values }` by a straight line through those after the warm-up (least squares). Returns,
 * by name, the mean, the slope an hour, the growth over the time judged, its bound, and whether it is within that.
 */
export function judge(samples) {
  const names = new Set(samples.flatMap(({ values }) => Object.keys(values)));
  const from = samples.at(-1).hours * warmUp;
  return [...names].sort().flatMap((name) => {
    const points = samples.filter(({ hours, values }) => hours >= from && values[name] !== undefined);
    if (points.length < 5) return [];
    const mean = (read) => points.reduce((sum, each) => sum + read(each), 0) / points.length;
    const [x, y] = [mean(({ hours }) => hours), mean(({ values }) => values[name])];
    const spread = mean(({ hours }) => (hours - x) ** 2);
    const slope = spread === 0 ? 0 : mean(({ hours, values }) => (hours - x) * (values[name] - y)) / spread;
    const growth = slope * (points.at(-1).hours - points[0].hours);
    const { part, small, most = Infinity } = bounds.find(([pattern]) => pattern.test(name))[1];
    const bound = Math.max(part * y, small);
    const highest = Math.max(...points.map(({ values }) => values[name]));
    return [{ name, mean: y, slope, growth, bound, isFlat: growth <= bound && highest <= most }];
  });
}

const short = (value) =>
  Math.abs(value) >= 1e5 ? `${(value / 2 ** 20).toFixed(1)} MiB` : Number(value.toPrecision(3)).toLocaleString('en');

/** One line of a judgement. */
export const lineOf = ({ name, mean, slope, growth, bound, isFlat }) =>
  `${name}: ${short(mean)} on average, ${slope < 0 ? '' : '+'}${short(slope)} an hour: ${short(growth)} of at most ${short(bound)}` +
  (isFlat ? '' : ': GROWS');
