import type { DiagnosticsView } from '@unroll/contracts';
import type { EChartsCoreOption } from 'echarts/core';
import type { Theme } from '../design/theme';
import { count, number } from '../format/number';
import { chartInk, scaleColour } from './palette';
import { axisLook } from './scatter-option';
import { tooltip } from './tooltip';

const shownAt = (update: number | undefined, distance: number | undefined, power: number): string =>
  tooltip(`update ${count(update)}, ${distance} steps back`, `${number(10 ** power, 2)} of the gradient at distance 0`);

/** Maximum number of labelled distances. */
const most = 16;
/** Power of ten below which a gradient counts as vanished. */
const smallest = -6;
/** Power of ten above which its growth is not told apart. */
const largest = 6;

/** A heat map of the gradient of a layer's state by report (x) and distance in time (y); colour is its power of ten. */
export function gradientOption(reports: DiagnosticsView['reports'], layer: number, theme: Theme): EChartsCoreOption {
  const { font } = chartInk();
  const look = axisLook();
  const distances = [...new Set(reports.flatMap((report) => report.distances))].sort((a, b) => a - b);
  const data = cellsOf(reports, layer, distances);
  return {
    textStyle: { fontFamily: font },
    grid: { left: 58, right: 92, top: 12, bottom: 42 },
    tooltip: {
      formatter: ({ value: [report, distance, power] }: { value: [number, number, number] }) =>
        shownAt(reports[report]?.update, distances[distance], power),
    },
    xAxis: {
      ...look,
      type: 'category',
      data: reports.map(({ update }) => count(update)),
      name: 'update',
      nameLocation: 'middle',
      nameGap: 26,
      splitLine: { show: false },
    },
    yAxis: {
      ...look,
      // Skip labels so that the rest stay readable.
      axisLabel: { ...look.axisLabel, interval: Math.ceil(distances.length / most) - 1 },
      type: 'category',
      data: distances.map(String),
      name: 'steps back',
      nameLocation: 'middle',
      nameGap: 40,
      splitLine: { show: false },
    },
    visualMap: scaleOf(
      data.map(([, , power]) => power),
      theme,
    ),
    series: [{ type: 'heatmap', data, progressive: 0 }],
  };
}

/** [report, distance, power of ten] of each gradient that is known. */
const cellsOf = (
  reports: DiagnosticsView['reports'],
  layer: number,
  distances: readonly number[],
): [number, number, number][] =>
  reports.flatMap(({ distances: own, gradient }, report) =>
    own.flatMap((distance, index): [number, number, number][] => {
      const value = gradient[layer]?.[index];
      if (value === null || value === undefined) return [];
      const power = Math.min(largest, Math.max(smallest, Math.log10(Math.max(value, 1e-30))));
      return [[report, distances.indexOf(distance), power]];
    }),
  );

/** The scale of colours: growth, where there is some, has a part of it in red; decay has the rest. */
function scaleOf(powers: readonly number[], theme: Theme) {
  const { axis, diverged: red } = chartInk();
  const grown = Math.min(largest, Math.ceil(Math.max(0, ...powers.map((power) => power - 0.01))));
  // One colour for each power of ten, from the smallest on.
  const colours = Array.from({ length: grown - smallest + 1 }, (_, place) =>
    place <= -smallest ? scaleColour(theme, 1 + place / smallest) : red,
  );
  return {
    ...{ type: 'continuous', min: smallest, max: grown, calculable: false },
    ...{ right: 8, top: 'center', itemHeight: 180, itemWidth: 10 },
    formatter: (power: number) => (power <= smallest ? `≤ 1e${smallest}` : `1e${Math.round(power)}`),
    text: [grown > 0 ? 'grown' : 'full', 'vanished'],
    textStyle: { color: axis, fontSize: 10 },
    inRange: { color: colours },
  };
}
