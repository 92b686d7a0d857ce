import type uPlot from 'uplot';
import { count, mark } from '../format/number';
import { chartInk } from './palette';
import type { ShownCurve } from './shown-curve';

interface Wanted {
  curves: readonly Pick<ShownCurve, 'label' | 'colour' | 'dash' | 'values'>[];
  logarithmic: boolean;
  /** Of a linear axis, where outliers are cut off. */
  range: { low: number; high: number } | null;
  width: number;
  height: number;
}

/** Above this number of curves, each is drawn thinner. */
const many = 40;

/** Steps of an axis of updates, of which there are no parts. */
const wholeSteps = Array.from({ length: 15 }, (_, power) => [1, 2, 5].map((step) => step * 10 ** power)).flat();

/**
 * Options of uPlot. Its legend and point markers are off: with hundreds of curves they cost more than the lines. A
 * curve of one report is no line: it is a point.
 */
export function curvesOptions({ curves, logarithmic, range, width, height }: Wanted): uPlot.Options {
  const { axis, grid, font } = chartInk();
  const lines = { stroke: grid, width: 1 };
  const axes = { stroke: axis, font: `11px ${font}`, grid: lines, ticks: { ...lines, size: 4 } };
  return {
    width,
    height,
    legend: { show: false },
    // No snapping to whole pixels: faster and more exact.
    pxAlign: false,
    cursor: { points: { show: false }, drag: { x: true, y: true, uni: 40 }, x: true, y: false },
    scales: { x: { time: false }, y: logarithmic ? { distr: 3 } : range ? { range: [range.low, range.high] } : {} },
    axes: [
      { ...axes, size: 28, incrs: wholeSteps, values: (_, splits) => splits.map((split) => count(split)) },
      { ...axes, size: 54, values: (_, splits) => splits.map((split) => (split === null ? '' : mark(split))) },
    ],
    series: [
      {},
      ...curves.map(({ label, colour, dash, values }) => ({
        ...{ label, stroke: colour, width: curves.length > many ? 0.8 : 1.6, spanGaps: false },
        points: isSingle(values) ? { show: true, size: 6, fill: colour } : { show: false },
        ...(dash ? { dash } : {}),
      })),
    ],
  };
}

const isSingle = (values: readonly (number | null)[]): boolean => values.filter((value) => value !== null).length === 1;
