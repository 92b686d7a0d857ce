import { fromWalls, toWalls } from '../columns/zones';
import { DatasetError } from '../prepared/data';
import type { Span, Step } from '../prepared/rows';
import { readToMilliseconds } from './long-form';
import { missingBetween, stepsAfter, usualStep } from './step';
import type { SeriesOptions } from './series-table';

interface Timed {
  names: readonly string[];
  columns: Float64Array[];
  spans: Span[];
  times: Float64Array | undefined;
  places: readonly string[];
  /** Whether the times are written with digits that are left out. */
  isFiner: boolean;
}

export interface Stepped extends Omit<Timed, 'places' | 'names' | 'isFiner'> {
  step: Step | undefined;
  facts: string[];
  warnings: string[];
}

/**
 * Finds times that are missing between rows, by the usual step, and times that come twice, and treats them by dataset.gaps.
 * @throws DatasetError where they are an error, or where missing rows cannot be inserted
 */
export function stepped(series: Timed, kind: 'dates' | 'numbers' | undefined, { gaps, time }: SeriesOptions): Stepped {
  const { columns, spans, times } = series;
  const as = (facts: string[] = [], warnings: string[] = [], step?: Step): Stepped => ({
    columns,
    spans,
    times,
    step,
    facts,
    warnings,
  });
  if (!times || !kind) {
    if (gaps === 'error' || gaps === 'insert')
      throw new DatasetError(
        'dataset.gaps: the rows have no times that are recognised; name their column in dataset.time',
        'dataset.time',
      );
    return as();
  }
  const { axis, step } = findStep(times, spans, kind, time?.zone);
  const twice = places(spans, (row) => axis[row] === axis[row - 1]);
  const missing = step ? places(spans, (row) => missingBetween(axis[row - 1]!, axis[row]!, step) > 0) : [];
  const found = describe(series, { kind, axis, step, twice, missing });
  if (gaps === undefined || gaps === 'keep') return as([], gaps === 'keep' ? [] : found, step);
  if (found.length > 0 && (gaps === 'error' || twice.length > 0))
    throw new DatasetError(
      `${found.join('; ')}${gaps === 'error' ? '' : '; rows cannot be inserted between equal times'}`,
      'dataset.gaps',
    );
  if (gaps === 'error') return as([], [], step);
  if (!step)
    throw new DatasetError(
      'dataset.gaps: the times have no usual step by which rows could be inserted; set keep',
      'dataset.gaps',
    );
  return { ...inserted(series, { axis, step, zone: axis === times ? undefined : time?.zone }), step, warnings: [] };
}

/** Differences between rows that are no whole number of steps. */
const irregular = (axis: Float64Array, spans: readonly Span[], { size }: Step): number =>
  places(spans, (row) => (axis[row]! - axis[row - 1]!) % size !== 0).length;

/**
 * The usual step. Steps of a day and more are counted on the wall of the place: a day has 23 hours when summer time begins; shorter ones
 * where that leaves out fewer, as with readings at noon and midnight.
 */
function findStep(times: Float64Array, spans: readonly Span[], kind: 'dates' | 'numbers', zone: string | undefined) {
  const stepOf = (axis: Float64Array) =>
    usualStep(
      spans.map(({ begin, end }) => axis.subarray(begin, end)),
      kind,
    );
  const step = stepOf(times);
  const isLong = !step || step.unit !== 'fixed' || step.size >= 20 * 3_600_000;
  if (zone === undefined || kind === 'numbers') return { axis: times, step };
  const axis = toWalls(times, zone);
  if (isLong) return { axis, step: stepOf(axis) };
  const onWall = stepOf(axis);
  const isRegular = onWall?.size === step.size && irregular(axis, spans, step) < irregular(times, spans, step);
  return isRegular ? { axis, step: { ...step, isOnWall: true } } : { axis: times, step };
}

const places = (spans: readonly Span[], is: (row: number) => boolean): number[] =>
  spans.flatMap(({ begin, end }) =>
    Array.from({ length: Math.max(0, end - begin - 1) }, (_, at) => begin + 1 + at).filter(is),
  );

interface Found {
  kind: 'dates' | 'numbers';
  axis: Float64Array;
  step: Step | undefined;
  twice: readonly number[];
  missing: readonly number[];
}

/** A time for people. */
export const shownTime = (time: number, kind: 'dates' | 'numbers'): string =>
  kind === 'numbers'
    ? String(time)
    : new Date(time)
        .toISOString()
        .replace(/(\.000)?Z$/, '')
        .replace(/T00:00:00$/, '')
        .replace('T', ' ');

function describe({ places, spans, isFiner }: Timed, { kind, axis, step, twice, missing }: Found): string[] {
  const keyAt = (row: number): string => {
    const { key } = spans.find(({ begin, end }) => row >= begin && row < end)!;
    return key === '' ? '' : ` of ${key}`;
  };
  const texts: string[] = [];
  if (step && missing.length > 0) {
    const count = missing.reduce((sum, row) => sum + missingBetween(axis[row - 1]!, axis[row]!, step), 0);
    const [row] = missing as [number];
    texts.push(
      `${count} ${count === 1 ? 'time is' : 'times are'} missing by the usual step of ${step.label}, first after ` +
        `${shownTime(axis[row - 1]!, kind)}${keyAt(row)} (${places[row - 1]}): set dataset.gaps: insert, error or keep`,
    );
  }
  const [row] = twice;
  if (row !== undefined) {
    texts.push(
      `${twice.length} ${twice.length === 1 ? 'time comes' : 'times come'} twice, first ${shownTime(axis[row]!, kind)}${keyAt(row)} ` +
        `(${places[row - 1]} and ${places[row]})${kind === 'dates' ? remedyOf(step, isFiner) : ''}`,
    );
  }
  return texts;
}

/** Why dates with a usual step may come twice, and what to do. Those of each millisecond may be finer than a table with types says. */
function remedyOf(step: Step | undefined, isFiner: boolean): string {
  if (step?.unit !== 'fixed') return '';
  if (isFiner || step.size === 1) return `: ${readToMilliseconds}`;
  const isOfClock = step.size >= 1000 && step.size < 20 * 3_600_000;
  return isOfClock ? ': if that is summer time, set dataset.time.zone' : '';
}

/** The same with a row without values at each missing time. */
function inserted(
  { columns, spans, times }: Timed,
  { axis, step, zone }: { axis: Float64Array; step: Step; zone: string | undefined },
) {
  const from: number[] = [];
  const own: number[] = [];
  const longer = spans.map(({ key, begin, end }) => {
    const start = from.length;
    for (let row = begin; row < end; row++) {
      const count = row > begin ? missingBetween(axis[row - 1]!, axis[row]!, step) : 0;
      for (let each = 1; each <= count; each++) {
        from.push(-1);
        own.push(stepsAfter(axis[row - 1]!, each, step));
      }
      from.push(row);
      own.push(axis[row]!);
    }
    return { key, begin: start, end: from.length };
  });
  const count = from.length - times!.length;
  const all = Float64Array.from(own);
  if (zone !== undefined)
    for (const { begin: first, end: last } of longer) all.set(fromWalls(all.subarray(first, last), zone), first);
  return {
    columns: columns.map((column) => Float64Array.from(from, (row) => (row < 0 ? NaN : column[row]!))),
    spans: longer,
    times: all,
    facts: count > 0 ? [`inserted ${count} rows at missing times`] : [],
  };
}
