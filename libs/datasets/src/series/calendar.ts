import type { TaskSpec } from '@unroll/contracts';
import { toWalls } from '../columns/zones';
import { DatasetError } from '../prepared/data';
import type { Clock, Span } from '../prepared/rows';
import { laterTime } from './clock';

type Known = Pick<Extract<TaskSpec, { kind: 'forecasting' }>, 'known'>;
type Asked = Extract<TaskSpec, { kind: 'forecasting' }>['calendar'];
export type CalendarPart = Exclude<Asked, 'auto'>[number];

const [hour, day] = [3_600_000, 86_400_000];

/** Where a time is within each cycle, from 0 to below 1. */
const phases: Readonly<Record<CalendarPart, (time: Date) => number>> = {
  minute: (time) => time.getUTCMinutes() / 60,
  hour: (time) => time.getUTCHours() / 24,
  weekday: (time) => time.getUTCDay() / 7,
  day: (time) => (time.getUTCDate() - 1) / 31,
  yearday: (time) => (time.getTime() - Date.UTC(time.getUTCFullYear(), 0, 1)) / (366 * day),
  month: (time) => time.getUTCMonth() / 12,
};

/** The cycles that are longer than the usual step, up to a year. */
function byStep({ step }: Clock): CalendarPart[] {
  if (!step) return [];
  const { unit, size } = step;
  if (unit === 'month') return size < 12 ? ['month'] : [];
  if (unit === 'business day' || size === day) return ['weekday', 'day', 'yearday'];
  if (size < hour) return ['minute', 'hour', 'weekday', 'yearday'];
  if (size < day) return ['hour', 'weekday', 'yearday'];
  return size < 300 * day ? ['yearday'] : [];
}

/** The calendar features of a series. @throws DatasetError where its times have none */
export function calendarParts(asked: Asked, clock: Clock | undefined): readonly CalendarPart[] {
  if (asked !== 'auto' && asked.length === 0) return [];
  if (clock?.kind !== 'dates')
    throw new DatasetError(
      'task.calendar: the rows have no dates; name their column in dataset.time, or leave it out',
      'task.calendar',
    );
  const parts = asked === 'auto' ? byStep(clock) : asked;
  if (parts.length === 0)
    throw new DatasetError(
      'task.calendar: auto finds no cycle longer than the usual step; name features such as weekday, or leave it out',
      'task.calendar',
    );
  return parts;
}

/** @throws DatasetError for a trained network that reads the calendar, of rows without dates */
export function requireDates(parts: readonly CalendarPart[], clock: Clock | undefined): void {
  if (parts.length === 0 || clock?.kind === 'dates') return;
  throw new DatasetError(
    `the model reads the calendar (${parts.join(', ')}), but the rows have no dates here: give them the column of times that the ` +
      'training data have',
  );
}

/** @throws DatasetError where only the rows themselves say when they are, so that the calendar of those ahead is not known */
export function requireStep(parts: readonly CalendarPart[], clock: Clock | undefined, { known }: Known): void {
  if (parts.length === 0 || clock?.step || known.length > 0) return;
  throw new DatasetError(
    'task.calendar: the times have no usual step, so that those of the rows ahead are not known; leave it out, or give the rows ahead ' +
      'with task.known',
    'task.calendar',
  );
}

/** Numbers for each feature: sine and cosine, so that the end of a cycle is near its beginning. */
export const numbersPerPart = 2;

/** The features of the row `ahead` rows after each row, [row · parts · 2]; of rows after the end of a series by the usual step. */
export function calendarRows(
  parts: readonly CalendarPart[],
  clock: Clock | undefined,
  { spans, ahead }: { spans: readonly Span[]; ahead: number },
): Float32Array {
  if (!clock || parts.length === 0) return new Float32Array(0);
  const { times, zone } = clock;
  const later = new Float64Array(times.length);
  for (const { begin, end } of spans)
    for (let row = begin; row < end; row++)
      later[row] = row + ahead < end ? times[row + ahead]! : laterTime(clock, times[end - 1]!, row + ahead - end + 1);
  const walls = zone === undefined ? later : toWalls(later, zone);
  const values = new Float32Array(times.length * parts.length * numbersPerPart);
  walls.forEach((wall, row) => {
    const time = new Date(wall);
    parts.forEach((part, index) => {
      const angle = 2 * Math.PI * (Number.isNaN(wall) ? 0 : phases[part](time));
      values.set([Math.sin(angle), Math.cos(angle)], (row * parts.length + index) * numbersPerPart);
    });
  });
  return values;
}
