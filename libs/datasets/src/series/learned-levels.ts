import { unknownLevel } from '../columns/category-columns';
import { DatasetError } from '../prepared/data';
import type { Stretch } from '../prepared/split';
import type { SeriesTable } from './series-table';

const mostNamed = 5;

/** What is said of a column with categories that are not known. */
export function unknownWarning(name: string, unknown: readonly string[], why: string): string {
  const all = [...new Set(unknown)];
  const named = `${all.slice(0, mostNamed).join(', ')}${all.length > mostNamed ? ', ...' : ''}`;
  const rows = `${unknown.length.toLocaleString('en-US')} row${unknown.length === 1 ? '' : 's'}`;
  return `${name} is ${named} in ${rows}, ${why}: they are read as none of its categories`;
}

/**
 * A table whose columns of categories have those of the training part: others are `unknownLevel`, with a warning.
 * @throws DatasetError for a column of one category there
 */
export function withLearnedLevels(
  table: SeriesTable,
  categories: readonly string[],
  learned: readonly (readonly Stretch[])[],
): SeriesTable {
  return categories.reduce((before, name) => {
    const place = before.names.indexOf(name);
    const [column, levels] = [before.columns[place]!, before.levels[name]!];
    const there = new Set(learned.flatMap((own) => own.flatMap(({ begin, end }) => [...column.subarray(begin, end)])));
    const kept = levels.filter((_, level) => there.has(level));
    if (kept.length === levels.length) return before;
    if (kept.length < 2)
      throw new DatasetError(
        `task.categories: ${name} has ${kept.length} ${kept.length === 1 ? 'value' : 'different values'} in the training part, and must ` +
          'have at least 2; leave it out',
        'task.categories',
      );
    const numbers = levels.map((level) => (kept.includes(level) ? kept.indexOf(level) : unknownLevel));
    const isUnknown = (level: number): boolean => level >= 0 && numbers[level] === unknownLevel;
    const unknown = Array.from(column).flatMap((level) => (isUnknown(level) ? [levels[level]!] : []));
    const warning = unknownWarning(name, unknown, 'and in none of the training part');
    return {
      ...before,
      levels: { ...before.levels, [name]: kept },
      columns: before.columns.with(
        place,
        column.map((level) => (level >= 0 ? numbers[level]! : level)),
      ),
      warnings: [...before.warnings, warning],
    };
  }, table);
}
