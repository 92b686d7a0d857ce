import type { EChartsCoreOption } from 'echarts/core';
import type { Theme } from '../design/theme';
import { count, mark, number } from '../format/number';
import { clippedRange, type Clipped } from './clip';
import type { Group } from './grouped';
import { category, chartInk } from './palette';
import { axisLook } from './scatter-option';
import { tooltip } from './tooltip';

/** Where the axis of grouped curves ends before outliers; null where it shows all. */
export const groupedRange = (groups: readonly Group[], logarithmic: boolean): Clipped | null =>
  logarithmic ? null : clippedRange(groups.flatMap(({ median, low, high }) => [...median, ...low, ...high]));

/** The median curve of each group, with a band between the quartiles. */
export function groupedOption(groups: readonly Group[], logarithmic: boolean, theme: Theme): EChartsCoreOption {
  const { font } = chartInk();
  const look = axisLook();
  const clipped = groupedRange(groups, logarithmic);
  const floor = (value: number): number => (logarithmic ? Math.max(value, 1e-12) : value);
  const series = groups.flatMap(({ label, updates, median, low, high }, index) => {
    const colour = category(theme, index);
    const line = { type: 'line', symbol: 'none', stack: `band ${index}`, stackStrategy: 'all', silent: true };
    const band = { ...line, lineStyle: { opacity: 0 } };
    return [
      { ...band, data: updates.map((update, place) => [update, floor(low[place]!)]) },
      {
        ...band,
        areaStyle: { color: colour, opacity: 0.15 },
        data: updates.map((update, place) => [update, high[place]! - floor(low[place]!)]),
      },
      {
        ...{ type: 'line', name: label, symbol: 'circle', symbolSize: 4, showSymbol: updates.length < 30 },
        ...{ lineStyle: { color: colour, width: 2 }, itemStyle: { color: colour } },
        data: updates.map((update, place) => ({
          value: [update, median[place]!],
          label,
          spread: [low[place]!, high[place]!],
        })),
      },
    ];
  });
  return {
    textStyle: { fontFamily: font },
    grid: { left: 60, right: 16, top: 12, bottom: 40 },
    tooltip: {
      formatter: ({ data }: { data: { value: [number, number]; label: string; spread: [number, number] } }) =>
        tooltip(
          data.label,
          `update ${count(data.value[0])}: ${number(data.value[1])}, half of the trials from ${number(data.spread[0])} to ${number(data.spread[1])}`,
        ),
    },
    xAxis: {
      ...look,
      type: 'value',
      minInterval: 1,
      name: 'update',
      nameLocation: 'middle',
      nameGap: 24,
      splitLine: { show: false },
      axisLabel: { ...look.axisLabel, formatter: (value: number) => count(value) },
    },
    yAxis: {
      ...look,
      type: logarithmic ? 'log' : 'value',
      scale: true,
      ...(clipped ? { min: clipped.low, max: clipped.high } : {}),
      axisLabel: { ...look.axisLabel, formatter: (value: number) => mark(value) },
    },
    series,
  };
}
