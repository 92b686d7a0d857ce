import { readerFor, type TimeReader } from './dates';

/** Names of columns that say that numbers are times. */
export const timeName =
  /date|time|stamp|epoch|unix|year|month|period|quarter|zeit|datum|jahr|monat|fecha|data|jour|ann[ée]e|mois|a[ñn]o|^(ts|ds|dt|t|day|week|when)$/i;

/** Names of columns that count rows. */
export const countName =
  /^(|t|ds|step|steps|timestep|index|idx|row|rows|no|nr|n|#|time|period|hour|day|week|month|unnamed: ?\d+)$/i;

/** Names of columns whose numbers are times, or durations since the first, whatever their writing. */
export const stampName =
  /(^|[\s_(])(time|timestamp|date|datetime|epoch|unix|year|seconds?|secs?|minutes?|elapsed|millis|milliseconds|ms|ds|datum|jahr|fecha)($|[\s_)])/i;

/** Names of columns of weeks. */
const weekName = /(^|_)(week|yearweek|year_week|yyyyww|wk|kw|woche|semana|semaine)$/i;

const years = [1700, 2200] as const;
const [firstSecond, lastSecond] = [Date.UTC(1971, 0, 1) / 1000, Date.UTC(2100, 0, 1) / 1000];

/** Epochs by their unit: how many there are in a second. */
const epochs = [
  ['seconds', 1],
  ['milliseconds', 1e3],
  ['microseconds', 1e6],
  ['nanoseconds', 1e9],
] as const;

/** The format of times that are only digits: 20200718, 202007, 2020, or seconds since 1970. `name`: that of their column. */
export function recogniseDigits(
  cells: readonly string[],
  { name, isFirst }: { name: string; isFirst: boolean },
): { format: string; read: TimeReader } | undefined {
  const isNamed = timeName.test(name);
  if (!isNamed && !isFirst) return undefined;
  const lengths = new Set(cells.map((cell) => cell.length));
  const [length] = lengths;
  if (length === 6 && lengths.size === 1 && weekName.test(name)) {
    const read = weekReader();
    if (cells.every((cell) => !Number.isNaN(read(cell).wall))) return { format: 'iso', read };
  }
  const isWhole = cells.every((cell) => /^\d+$/.test(cell));
  if (isWhole && lengths.size === 1) {
    const formats: Readonly<Record<number, string>> = {
      4: 'yyyy',
      6: 'yyyyMM',
      8: 'yyyyMMdd',
      10: 'yyyyMMddHH',
      12: 'yyyyMMddHHmm',
      14: 'yyyyMMddHHmmss',
    };
    const format = formats[length!];
    const found = format === undefined ? undefined : calendar(cells, format, isNamed);
    if (found) return found;
  }
  if (/date|datum|fecha/i.test(name) && cells.every((cell) => /^\d{5}(\.\d+)?$/.test(cell) && Number(cell) < 80_000))
    return { format: 'excel', read: readerFor('excel') };
  if (!cells.every((cell) => /^\d{9,19}(\.\d+)?$/.test(cell))) return undefined;
  const numbers = cells.map(Number);
  const unit = epochs.find(([, per]) =>
    numbers.every((value) => value / per > firstSecond && value / per < lastSecond),
  );
  return unit && { format: unit[0], read: readerFor(unit[0]) };
}

/** Reads 202029: ISO weeks. */
function weekReader(): TimeReader {
  const read = readerFor('iso');
  return (cell) => read(cell.replace(/^(\d{4})(\d\d)$/, '$1-W$2'));
}

function calendar(cells: readonly string[], format: string, isNamed: boolean): ReturnType<typeof recogniseDigits> {
  const plausible = cells.every((cell) => {
    const year = Number(cell.slice(0, 4));
    return year >= years[0] && year < years[1];
  });
  if (!plausible || (format === 'yyyy' && !isNamed && !countsUp(cells.map(Number)))) return undefined;
  const read = readerFor(format);
  return cells.every((cell) => !Number.isNaN(read(cell).wall)) ? { format, read } : undefined;
}

/** Whether numbers go up, or down, by the same step all along. */
export function countsUp(values: readonly number[]): boolean {
  const step = values[1]! - values[0]!;
  return values.length > 2 && step !== 0 && values.every((value, at) => at === 0 || value - values[at - 1]! === step);
}
