import type { EChartsCoreOption } from 'echarts/core';

/** The magnitude up to which ECharts finds the ends and ticks of an axis: not even their next power of 10^100 is infinite. */
const most = 1e300;

/** The nearest number that an axis can show. */
export function drawable(value: number): number {
  return Math.abs(value) > most ? Math.sign(value) * most : value;
}

/** A point with such numbers. It keeps the measured one, which is what its tooltip tells. */
interface Moved {
  measured: unknown;
}

const limited = (value: unknown): unknown => {
  if (typeof value === 'number') return drawable(value);
  if (!Array.isArray(value) || value.every((each) => Object.is(limited(each), each))) return value;
  return value.map(limited);
};

function moved(item: unknown): unknown {
  const isPlain = typeof item === 'number' || Array.isArray(item);
  const value = isPlain ? item : (item as { value?: unknown } | null)?.value;
  const within = limited(value);
  if (Object.is(within, value)) return item;
  return Object.assign({}, isPlain ? {} : item, { value: within, measured: item }) as Moved;
}

const asList = (part: unknown): object[] =>
  part === undefined ? [] : Array.isArray(part) ? (part as object[]) : [part as object];

const axes = ['xAxis', 'yAxis', 'parallelAxis'] as const;

/** An option as ECharts can draw it, whose values may be as large as a number is: those beyond what an axis can show stand at its end. */
export function drawableOption(option: EChartsCoreOption): EChartsCoreOption {
  const series = asList(option['series']).map((one) =>
    'data' in one && Array.isArray(one.data) ? { ...one, data: one.data.map(moved) } : one,
  );
  const ends = Object.fromEntries(
    axes
      .filter((name) => option[name] !== undefined)
      .map((name) => [name, asList(option[name]).map((axis) => ({ ...axis, ...endsOf(axis) }))]),
  );
  const tooltip = option['tooltip'] as { formatter?: unknown } | undefined;
  return { ...option, ...ends, series, ...(tooltip && { tooltip: { ...tooltip, ...ofMeasured(tooltip) } }) };
}

/** The ends of an axis, where it has some that are numbers. */
const endsOf = (axis: { min?: unknown; max?: unknown }): object =>
  Object.fromEntries(
    (['min', 'max'] as const).flatMap((end) => (typeof axis[end] === 'number' ? [[end, drawable(axis[end])]] : [])),
  );

function ofMeasured({ formatter }: { formatter?: unknown }): object {
  if (typeof formatter !== 'function') return {};
  const tell = formatter as (point: object) => unknown;
  return {
    formatter: (point: { data?: unknown }) => {
      const { measured } = Object(point.data) as Partial<Moved>;
      return tell(measured === undefined ? point : { ...point, data: measured });
    },
  };
}
