import type { EChartsCoreOption } from 'echarts/core';
import { count, mark } from '../format/number';
import { chartInk } from './palette';
import { axisLook } from './scatter-option';
import type { ShownCurve } from './shown-curve';

interface Plot {
  curves: readonly ShownCurve[];
  /** Over the union of the updates of all curves: these first, then the values of each curve. */
  data: readonly ArrayLike<number | null | undefined>[];
  logarithmic: boolean;
  range: { low: number; high: number } | null;
}

/** Curves as a chart that can be written as SVG. */
export function curvesSvgOption({ curves, data, logarithmic, range }: Plot): EChartsCoreOption {
  const { font } = chartInk();
  const look = axisLook();
  const updates = Array.from(data[0]!);
  return {
    textStyle: { fontFamily: font },
    grid: { left: 60, right: 16, top: 12, bottom: 30 },
    xAxis: {
      ...look,
      type: 'value',
      minInterval: 1,
      axisLabel: { ...look.axisLabel, formatter: (value: number) => count(value) },
    },
    yAxis: {
      ...look,
      type: logarithmic ? 'log' : 'value',
      scale: true,
      ...(range ? { min: range.low, max: range.high } : {}),
      axisLabel: { ...look.axisLabel, formatter: (value: number) => mark(value) },
    },
    series: curves.map(({ label, colour, dash, values }, index) => ({
      ...{ type: 'line', name: label, symbol: values.length === 1 ? 'circle' : 'none', symbolSize: 6 },
      itemStyle: { color: colour },
      lineStyle: { color: colour, width: curves.length > 40 ? 0.8 : 1.6, ...(dash ? { type: dash } : {}) },
      // A point that a curve does not have leaves it connected; one that is not finite is a gap.
      data: updates.flatMap((update, place) => {
        const value = data[index + 1]?.[place];
        return value === undefined ? [] : [[update, value ?? '-']];
      }),
    })),
  };
}
