import { DateTime, FixedOffsetZone } from 'luxon';
import { plainValue } from './numbers';

/** A cell as the parts that are read apart, so that each date and each time of day is parsed once. */
interface Parts {
  date: string;
  /** The time of day; undefined for none. */
  clock: string | undefined;
  /** The offset from UTC as written: Z, +02:00. */
  offset: string | undefined;
}

const clock = String.raw`\d{1,2}:\d{2}(?::\d{2}(?:[.,]\d+)?)?(?:\s*[ap]\.?m\.?)?|\d{1,2}\s*[ap]\.?m\.?|(?<=\dT)\d{2}`;
/** Hours to the east of UTC: the zones of RFC 2822, section 4.3, and the European ones. Others name several places. */
const zones: Readonly<Record<string, number>> = {
  ...{ EST: -5, EDT: -4, CST: -6, CDT: -5, MST: -7, MDT: -6, PST: -8, PDT: -7 },
  ...{ WET: 0, WEST: 1, CET: 1, CEST: 2, MEZ: 1, MESZ: 2, EET: 2, EEST: 3 },
};
const offset = String.raw`Z|UTC|GMT|${Object.keys(zones).join('|')}|[+-]\d{2}(?::?\d{2})?`;
const dated = new RegExp(
  String.raw`^(?<date>.*?\d.*?)(?:(?:\s*[T,]\s*|\s+at\s+|\s+)(?<clock>${clock})\s*(?<offset>${offset})?)?$`,
  'i',
);
const compact = new RegExp(String.raw`^(?<date>\d{8})(?:T|\s)?(?<clock>\d{4}|\d{6})(?<offset>${offset})?$`, 'i');
const weekday = /^(mon|tue|wed|thu|fri|sat|sun)[a-z]*\.?,?\s+/i;

/** Without what adds nothing: the name of the day, ordinal endings, spaces after points. The time of day follows the date. */
const tidy = (cell: string): string =>
  cell
    .replace(weekday, '')
    .replace(/\s*\(\D*\)$/, '')
    .replace(/\b(?:GMT|UTC)(?=[+-]\d)/, '')
    // 18/Jul/2020:06:30:00 of logs, 18JUL2020:06:30:00 of SAS, 2020:07:18 of cameras, Jul 18 06:30:00 UTC 2020 of `date`.
    .replace(/^(\d{1,2}\W?\p{L}{3}\W?\d{2,4}):(?=\d\d:)/u, '$1 ')
    .replace(/^(\d{4}):(\d\d):(\d\d)\b/, '$1-$2-$3')
    .replace(/^(\p{L}{3,} +\d{1,2}) +(\d\d:\d\d(?::\d\d)?(?: +[A-Z]{3,4})?) +(\d{4})$/u, '$1 $3 $2')
    .replaceAll(/(\d)(st|nd|rd|th)\b/gi, '$1')
    .replaceAll(/\bsept\b/gi, 'Sep')
    .replaceAll(/\s+/g, ' ')
    .replaceAll(/(\d)\. (?=\d)/g, '$1.')
    .trim();

function split(cell: string): Parts {
  const plain = tidy(cell);
  const found = (compact.exec(plain) ?? dated.exec(plain))?.groups;
  return { date: found?.date ?? plain, clock: found?.clock, offset: found?.offset };
}

/** Milliseconds of a date since 1970 in UTC; NaN if it is none. */
type DateReader = (date: string) => number;

const utc = { zone: 'utc' } as const;
const ms = (time: DateTime): number => (time.isValid ? time.toMillis() : NaN);

/** A reader of dates in Luxon's letters. */
function byFormat(format: string, locale = 'en-US'): DateReader {
  const parser = DateTime.buildFormatParser(format, { locale });
  return (date) => ms(DateTime.fromFormatParser(date, parser, { ...utc, locale }));
}

const byIso: DateReader = (date) => (/^\d{4}/.test(date) ? ms(DateTime.fromISO(date, utc)) : NaN);

/** Names of months stand between one space each. */
const byName = (format: string, locale?: string): DateReader => {
  const read = byFormat(format, locale);
  return (date) => read(spaced(date));
};
const spaced = (date: string): string =>
  date
    .replaceAll(/(?<=\d)(?=\p{L})|(?<=\p{L})(?=\d)/gu, ' ')
    .replaceAll(/\.?[-/,.'’ ]+/g, ' ')
    .trim();

interface Writing {
  /** In Luxon's letters, or a word. */
  format: string;
  read: DateReader;
}

const writing = (format: string): Writing => ({ format, read: byFormat(format) });

const namedFormats = ['d MMM yyyy', 'd MMMM yyyy', 'MMM d yyyy', 'MMMM d yyyy', 'MMM yyyy', 'MMMM yyyy'];
const shortNamed = ['d MMM yy', 'd MMMM yy', 'MMM yy', 'MMMM yy'];
const yearFirst = ['yyyy MMM d', 'yyyy MMMM d', 'yyyy MMM', 'yyyy MMMM'];
const locales = ['en-US', 'de', 'fr', 'es', 'it', 'pt', 'nl', 'pl', 'sv', 'da', 'fi', 'cs', 'ru', 'tr'];

/** Parts of a year: quarters and weeks. */
const parts = [
  "yyyy'Q'q",
  "yyyy-'Q'q",
  "yyyy 'Q'q",
  "'Q'q yyyy",
  "'Q'q-yyyy",
  "'Q'q/yyyy",
  "q'Q'yyyy",
  "kkkk'W'WW",
  "kkkk 'W'WW",
];
const moreParts = ["'W'WW kkkk", "'W'WW-kkkk", "yyyy'M'M", "yyyy-'M'M"];

/** The formats that a date like this may have, by its digits and marks. The first list that reads all dates is taken. */
function writingsOf(date: string): Writing[][] {
  const numeric = /^(\d{1,4})([/.\- ])(\d{1,2})\2(\d{1,4})$/.exec(date);
  if (numeric) return numericWritings(numeric[1]!, numeric[2]!, numeric[4]!);
  const pair = /^(\d{1,4})([/-])(\d{1,4})$/.exec(date);
  if (pair?.[3]?.length === 4) return [[writing(`M${pair[2]}yyyy`)]];
  if (pair?.[1]?.length === 4 && pair[3]!.length < 3) return [[writing(`yyyy${pair[2]}M`)]];
  if (/^\d{4}-?(\d{3}|w\d)/i.test(date) && !/^\d{8}$/.test(date)) return [[{ format: 'iso', read: byIso }]];
  if (/^\d{8}$/.test(date)) return [[writing('yyyyMMdd')]];
  if (date.includes('年')) return [[writing("yyyy'年'M'月'd'日'")], [writing("yyyy'年'M'月'")]];
  if (/^\d{4}\W?[qwm]\d|^[qw]\d|^\dq/i.test(date)) return [[...parts, ...moreParts].map((each) => letters(each))];
  if (!/\p{L}/u.test(date)) return [];
  const named = [...namedFormats, ...yearFirst, ...shortNamed];
  return locales.map((locale) => named.map((format) => ({ format, read: byName(format, locale) })));
}

/** A format with letters of its own, which may be small. */
const letters = (format: string): Writing => {
  const read = byFormat(format);
  return { format, read: (date) => read(date.toUpperCase()) };
};

function numericWritings(first: string, mark: string, last: string): Writing[][] {
  if (first.length > 2) return [[writing(`yyyy${mark}M${mark}d`)], [writing(`yyyy${mark}d${mark}M`)]];
  const year = last.length > 2 ? 'yyyy' : 'yy';
  const [dayFirst, monthFirst] = [writing(`d${mark}M${mark}${year}`), writing(`M${mark}d${mark}${year}`)];
  if (year === 'yyyy') return mark === '.' ? [[dayFirst], [monthFirst]] : [[dayFirst, monthFirst]];
  const yearFirst = writing(`yy${mark}M${mark}d`);
  // Points are written where days come first.
  return mark === '.' ? [[dayFirst], [monthFirst], [yearFirst]] : [[dayFirst, monthFirst, yearFirst]];
}

const clocks = ['H:mm', 'H:mm:ss', 'H:mm:ss.u', 'h:mm a', 'h:mm:ss a', 'h:mm:ss.u a', 'h a', 'HHmm', 'HHmmss', 'HH'];

/** Milliseconds of a time of day; NaN if it is none. */
function readClock(text: string): number {
  const plain = text
    .replaceAll(/([ap])\.?m\.?/gi, ' $1m')
    .replaceAll(/\s+/g, ' ')
    .replace(',', '.')
    .trim();
  for (const format of clocks) {
    const time = DateTime.fromFormat(`2000-01-01 ${plain}`, `yyyy-MM-dd ${format}`, { ...utc, locale: 'en-US' });
    if (time.isValid) return time.toMillis() - Date.UTC(2000, 0, 1);
  }
  return NaN;
}

/** Milliseconds to the east of UTC. */
function readOffset(text: string): number {
  const named = zones[text.toUpperCase()];
  if (named !== undefined) return named * 3_600_000;
  const [, hours, minutes] = /^([+-]\d{2}):?(\d{2})?$/.exec(text) ?? [];
  const zone = FixedOffsetZone.parseSpecifier(hours === undefined ? 'UTC' : `UTC${hours}:${minutes ?? '00'}`);
  return zone ? zone.offset(0) * 60_000 : NaN;
}

const memoised = (read: (text: string) => number): ((text: string) => number) => {
  const known = new Map<string, number>();
  return (text) => {
    const found = known.get(text) ?? read(text);
    known.set(text, found);
    return found;
  };
};

/** A time: milliseconds since 1970, in UTC where it has an offset, and otherwise as the clock on the wall shows it. */
export interface Time {
  wall: number;
  hasOffset: boolean;
  /** The offset that was written, to the east of UTC. Unit: milliseconds. */
  east?: number;
}

export type TimeReader = (cell: string) => Time;

/** Reads dates by `read`, each with its time of day and offset if it has them. */
function withClocks(read: DateReader): TimeReader {
  const [date, time, east] = [memoised(read), memoised(readClock), memoised(readOffset)];
  return (cell) => {
    const { date: day, clock: hour, offset: zone } = split(cell);
    const wall = date(day) + (hour === undefined ? 0 : time(hour));
    return zone === undefined
      ? { wall, hasOffset: false }
      : { wall: wall - east(zone), hasOffset: true, east: east(zone) };
  };
}

/** Reads times of day alone. */
export const clockReader = (): ((cell: string) => number) => memoised(readClock);

const words: Readonly<Record<string, TimeReader>> = {
  iso: withClocks(byIso),
  seconds: (cell) => ({ wall: Math.round(plainValue(cell) * 1000), hasOffset: true }),
  milliseconds: (cell) => ({ wall: plainValue(cell), hasOffset: true }),
  microseconds: (cell) => ({ wall: plainValue(cell) / 1000, hasOffset: true }),
  // Days since the end of 1899, as spreadsheets count them.
  excel: (cell) => ({ wall: Math.round((plainValue(cell) - 25_569) * 86_400_000), hasOffset: false }),
  nanoseconds: (cell) => ({ wall: Math.round(plainValue(cell) / 1e6), hasOffset: true }),
};

/** A reader for a format that a person gave: a word, or Luxon's letters, of the whole cell or of its date alone. */
export function readerFor(format: string): TimeReader {
  const word = words[format];
  if (word) return word;
  const letters = format.replaceAll(/'[^']*'/g, '');
  const read = byFormat(format);
  if (!/[HhmsSuZ]/.test(letters)) {
    const apart = withClocks((date) => read(date));
    return (cell) => ({ ...apart(cell) });
  }
  const whole = memoised(read);
  return (cell) => ({ wall: whole(cell), hasOffset: /[Zz]/.test(letters) });
}

/** What the writing of a column's times is: a reader; several formats that read different times; or none. */
export type Recognised = { format: string; read: TimeReader } | { ambiguous: string[]; example: string } | undefined;

const mostSampled = 300;

interface Able {
  format: string;
  read: TimeReader;
}

/** Whether a format has the year, of two digits, before the rest. */
const isYearFirst = ({ format }: Able): boolean => /^yy\W/.test(format);

/** Steps between rows, as a fraction, up to which a file is in order though some go the other way: each series begins anew. */
const mostTurns = 0.1;

/** Steps between cells that go the other way than most do. */
function turns(cells: readonly string[], { read }: Able): number {
  let [up, down, before] = [0, 0, NaN];
  for (const cell of cells) {
    const { wall } = read(cell);
    up += Number(wall > before);
    down += Number(wall < before);
    before = wall;
  }
  return Math.min(up, down);
}

/**
 * Of 20-07-18 both ends may be the year, until 2031. Rows are mostly in order of time, and read backwards they turn at the end of each
 * month: those by which they turn less, or all where that says nothing.
 */
function likelier(able: readonly Able[], cells: readonly string[]): readonly Able[] {
  const groups = [able.filter(isYearFirst), able.filter((each) => !isYearFirst(each))];
  if (groups.some(({ length }) => length === 0)) return able;
  const [first, last] = groups.map((group) => Math.min(...group.map((each) => turns(cells, each)))) as [number, number];
  if (first === last || Math.min(first, last) > mostTurns * cells.length) return able;
  return groups[Number(last < first)]!;
}

/**
 * The format of dates, with a time of day or not. A few cells that none reads are left to the caller. `known`: the format of other cells of
 * the column, which holds where it reads most of these.
 */
export function recogniseDates(cells: readonly string[], known?: string): Recognised {
  const step = Math.max(1, Math.floor(cells.length / mostSampled));
  const sample = cells.filter((_, index) => index % step === 0);
  const [first] = sample;
  // Digits alone are times only by their column's name: recogniseDigits.
  if (first === undefined || !/\d/.test(first) || /^\d+$/.test(first)) return undefined;
  const date = split(first).date;
  for (const choices of writingsOf(date)) {
    const able = choices.flatMap(({ format, read }) => {
      const reader = withClocks(read);
      return share(sample, reader) >= 0.9 ? [{ format, read: reader }] : [];
    });
    const best = able.map((each) => ({ ...each, share: share(cells, each.read) })).sort((a, b) => b.share - a.share);
    if (best.length === 0) continue;
    const told = best.find(({ format }) => format === known);
    if (told) return told;
    // With the year first, almost any three numbers are a date: that it reads more cells, such as a 31 April, does not speak for it.
    const mostOf = (each: Able): number => best.find((other) => isYearFirst(other) === isYearFirst(each))!.share;
    const likely = likelier(
      best.filter((each) => each.share === mostOf(each)),
      cells,
    );
    const [one] = likely as [Able];
    const differing = cells.find((cell) => likely.some(({ read }) => !Object.is(read(cell).wall, one.read(cell).wall)));
    if (differing === undefined) return one;
    return { ambiguous: likely.map(({ format }) => format), example: split(differing).date };
  }
  return undefined;
}

const share = (cells: readonly string[], read: TimeReader): number =>
  cells.filter((cell) => !Number.isNaN(read(cell).wall)).length / cells.length;
